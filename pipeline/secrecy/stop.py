"""A paper that is secret, or may be, stops: before its text is kept, before anybody signs (law L2.2, L8.5).

What was seen of it goes on only when two different persons said that it is not secret, neither of them the one who
scanned it.  What the manifest states and what stands on the paper are decided apart: who decides about the one has not
seen the other.

Of a page that was not read nobody knows whether a degree stands on it; so such a paper stops alike: with any page at
which the recogniser failed, for then no stamp was looked for either, and with a first page on which it read next to
nothing, for there degrees stand.  A later page without words is a picture or a plan.
"""

from pathlib import Path
from typing import Literal

from config.secrecy import SecrecyWords, load_secrecy
from domain.errors import Held, Refused
from domain.messages.told import Told, told
from domain.readings import DocumentReading, PageReading
from domain.secrecy.persons import person_of
from pipeline.records import Decision, Received
from pipeline.secrecy.brought import brought_pages
from pipeline.secrecy.marks import Sighting, Where, find_secrecy

ABOUT: Literal["secrecy"] = "secrecy"
SeenIn = Literal["manifest", "paper"]
NEEDED = 2
_PLACES: dict[Where, Told] = {
    "frame": told("secret_in_frame"),
    "line": told("secret_in_line"),
    "label": told("secret_in_label"),
    "zone": told("secret_in_zone"),
    "copy": told("secret_in_copy"),
    "hidden": told("secret_in_hidden"),
}

UNREAD = frozenset({"secrecy_pages_unread", "secrecy_no_words"})
"""Why a paper stops of which nothing speaks for a secret, but that nobody could read."""
_LEAST_LETTERS, _LEAST_SURE = 3, 0.5  # a word: what is shorter or less sure, textures and strokes are taken for, too
_LEAST_SHARE = 0.25  # of all letters; of blurred pages less is sure, and that by chance


class PerhapsSecret(Held):
    """The paper is secret, or may be; nothing is made of it."""

    reason = "secret"
    remedy = "two_decide_secrecy"


class SecretHere(Refused):
    """A file brings a paper that was archived, and withdrawn as secret."""

    reason = "secret"
    remedy = "take_to_secrets"


def vouched(record: Received, seen: SeenIn) -> tuple[Decision, ...]:
    """The decisions of different persons that what was seen there makes it no secret paper, one of each."""
    of_it = {person_of(item.who): item for item in record.decisions if item.about == ABOUT and item.value == seen}
    return tuple(item for who, item in of_it.items() if who != person_of(record.scanned_by))


def stop_if_stated(received: Received) -> None:
    """Stop a paper of which the manifest says that it is secret.

    Raises:
        PerhapsSecret: so it is, and fewer than two persons said otherwise.
    """
    if received.statement.secrecy and len(vouched(received, "manifest")) < NEEDED:
        raise PerhapsSecret("secret_stated", degree=received.statement.secrecy)


def stop_if_seen(received: Received, reading: DocumentReading, pdf: Path | None = None) -> None:
    """Stop a paper on which a degree of secrecy stands, or in the text that its file brought, or that was not read.

    Raises:
        PerhapsSecret: so it is, and fewer than two persons said that it is not secret.
    """
    if len(vouched(received, "paper")) >= NEEDED:
        return
    found = _seen(reading, pdf, load_secrecy())
    if found is not None:
        what = "secret_seen" if found.is_sure else "perhaps_secret"
        raise PerhapsSecret(what, degree=found.degree, page=found.page, where=_PLACES[found.where])
    if faults := [told("page_fault", page=page.number, fault=page.fault) for page in reading.pages if page.fault]:
        raise PerhapsSecret("secrecy_pages_unread", remedy="scan_again_or_two_decide", pages=faults)
    if reading.pages and not _is_read(reading.pages[0]):
        raise PerhapsSecret("secrecy_no_words", remedy="scan_again_or_two_decide", page=reading.pages[0].number)


def _is_read(page: PageReading) -> bool:
    """Whether what was read of a page is more than what blots and strokes were taken for."""
    letters = [(sum(map(str.isalnum, word.text)), word.confidence) for word in page.words]
    sure = sum(number for number, how_sure in letters if number >= _LEAST_LETTERS and how_sure >= _LEAST_SURE)
    return sure > 0 and sure >= _LEAST_SHARE * sum(number for number, _ in letters)


def _seen(reading: DocumentReading, pdf: Path | None, words: SecrecyWords) -> Sighting | None:
    found = find_secrecy(reading.pages, words)
    if pdf is None or (found is not None and found.is_sure):
        return found
    return find_secrecy(brought_pages(pdf), words, hidden=True) or found
