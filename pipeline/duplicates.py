"""Is this paper here already, though its bytes are new?

Two keys tell, each with a policy of its own in the settings (equal bytes are seen at intake).  By *business*: owner,
type, number and day of issue are those of another paper.  By *image*: the first page looks like that of another paper
with numbers in common, and the words of both agree; forms of one kind look alike, so looks alone say little.

Neither key sees all of a paper: a stamp, a number that was put right, a page more.  So nothing ends as a duplicate
without a person unless the other paper is archived and every page looks the same there (``_ends_alone``).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from archive.errors import VaultDamaged
from archive.interface import DuplicateCandidate, Identity, LedgerEntry, Paper
from archive.package import TEXT, read_package
from archive.withdrawn.apart import WithdrawnPaper
from config.settings import DuplicatePolicy
from domain.codes import normal_number
from domain.errors import KhosoError, Linked, Refused
from domain.fold import fold
from domain.messages.papers import besides, other_id, other_paper
from domain.messages.told import EARLIER, Reason, Told, told
from domain.owners import identifier_kind
from domain.readings import Description, FieldName
from domain.states import TAKEN_FOR_ANOTHER, UNDER_WAY
from pipeline.context import Context
from pipeline.errors import RecordUnreadable, SameDocument
from pipeline.former.growth import MOST_PAGES, former_pages
from pipeline.ladder.likeness import page_similarity
from pipeline.recognition.page_key import BITS, distance, page_key
from pipeline.records import Described, read_record
from pipeline.runner import is_lost
from pipeline.scans.raster import open_pages
from pipeline.secrecy.stop import PerhapsSecret

_ALIKE = BITS // 4  # bits: nine of ten new scans of poor quality differ in fewer, unlike pages in twice as many
_NUMBER = 6  # digits of a number that few papers share: identifiers, dates, telephones
_MARKS, _MANY_MARKS = 8, 4
_BAND = 4  # hexadecimal digits of the image key that serve as a mark of a paper without such numbers
_SAME_WORDS, _SAME_DIGITS = 0.75, 0.9  # the recogniser reads neither scan without faults
_NAMED = re.compile(r"(\S+)(?: \(\S*\))?, known by ")  # as releases before 0042 told it
_SAME_LOOK = 0.95  # stricter than the ladder's bound, which a pale stamp passes
_FIELDS: tuple[FieldName, ...] = ("owner_id", "number_symbol", "issued_date")
_STRICTEST: tuple[DuplicatePolicy, ...] = ("ask", "refuse", "link")


class Same(NamedTuple):
    """Another document that this one is the same paper as, and by which keys."""

    document_id: str
    code: str | None
    keys: tuple[str, ...]

    def told(self) -> Told:
        """The document and the keys for people."""
        return told(f"same_by_{'_and_'.join(self.keys)}", paper=other_paper(self.document_id, self.code))


class _Other(NamedTuple):
    """What is known of another document: its code, sure values of its fields, and where its text lies."""

    code: str | None
    fields: dict[FieldName, str]
    text: Path | None


def identity_of(described: Described, ctx: Context) -> Identity:
    """By what the paper will be known again."""
    text = ctx.file(described, described.text).read_text(encoding="utf-8")
    image = described.image_key or page_key(ctx.file(described, described.pdfa))  # an early release noted none
    return identity_from(text, described.pages, business_key(described.description, ctx), image)


def identity_from(text: str, pages: int, business: str | None, image: str | None) -> Identity:
    """By what a paper is known again that says this on so many pages, and has these keys."""
    marks = _marks(text, pages)
    return Identity(
        business_key=business,
        image_key=image,
        marks=marks or _bands(pages, image),
        # One day is shared by thousands of papers, two numbers by few; a paper with few numbers has nothing better.
        in_common=2 if len(marks) >= _MANY_MARKS else 1,
    )


def same_documents(described: Described, identity: Identity, ctx: Context) -> tuple[Same, ...]:
    """Documents that were here before and are the same paper: held ones first, then those under way.

    Introduces the paper to the ledger, so that of two equal papers only the later one finds the other.  What is under
    way is asked for first: a paper that is archived in between is then found in the catalogue.
    """
    under_way = ctx.ledger.introduce(described.document_id, identity)
    held = ctx.catalogue.alike(described.document_id, identity)
    apart = {*described.apart_from, described.rescan_of}
    likely = {item.document_id: item for item in (*held, *under_way) if item.document_id not in apart}
    found = []
    for item in likely.values():
        looks_alike = _look_alike(item, identity)
        other = _other(item.document_id, ctx) if item.same_business or looks_alike else None
        if other is None:
            continue
        keys = ["business"] if item.same_business else []
        keys += ["image"] if looks_alike and _read_alike(described, other, ctx) else []
        if keys:
            found.append(Same(item.document_id, other.code, tuple(keys)))
    return tuple(found)


def refuse_duplicate(described: Described, identity: Identity, ctx: Context) -> None:
    """Stop a paper that is here already, as the settings say.

    Raises:
        SameDocument: a person decides.
        Refused, Linked: the settings decide.
    """
    found = same_documents(described, identity, ctx)
    if not found:
        return
    chosen = ctx.settings.duplicates
    policies: dict[tuple[str, ...], DuplicatePolicy] = {
        ("image",): chosen.image,
        ("business",): chosen.business,
        ("business", "image"): chosen.both,
    }
    policy = min((policies[same.keys] for same in found), key=_STRICTEST.index)
    what = "same_paper"
    if policy == "link" and not any(_ends_alone(described, same.document_id, ctx) for same in found):
        policy, what = "ask", "same_paper_not_alike"
    raise _outcome(policy, what, tuple(same.told() for same in found), described)


def stop_if_withdrawn(described: Described, identity: Identity, ctx: Context) -> None:
    """Stop a new scan of a paper that was withdrawn as secret, whatever differs in it.

    Raises:
        PerhapsSecret: it seems to be one.
    """
    for item in ctx.catalogue.alike(described.document_id, identity):
        row = ctx.catalogue.withdrawn.of(item.document_id)
        if row is None:
            continue
        other = _withdrawn(row, ctx)
        if item.same_business or (_look_alike(item, identity) and _read_alike(described, other, ctx)):
            raise PerhapsSecret("likely_withdrawn")


def _withdrawn(row: WithdrawnPaper, ctx: Context) -> _Other:
    try:
        stored = ctx.vault.get(row.object_id)
        return _Other(None, _fields_of(read_package(stored, withdrawn=True).paper), stored.files.get(TEXT))
    except VaultDamaged:  # then a person compares
        return _Other(None, {}, None)


def _ends_alone(described: Described, other: str, ctx: Context) -> bool:
    """Whether a paper may end as a duplicate of another without a person.

    That one is archived, for what is only held may be discarded yet; and it has the same pages, each of which looks the
    same in every place, in all colours.
    """
    if described.signatures or ctx.catalogue.paper(other) is None:
        return False
    with TemporaryDirectory(prefix="other-") as folder:
        kept = former_pages(other, Path(folder), ctx)
        if kept is None or kept[0].pages > MOST_PAGES:
            return False
        with open_pages(ctx.file(described, described.pdf)) as pages, open_pages(kept[1]) as others:
            places = range(len(pages))
            return len(pages) == len(others) and all(
                page_similarity(others, place, pages, place) >= _SAME_LOOK for place in places
            )


def _outcome(policy: DuplicatePolicy, what: str, papers: tuple[Told, ...], described: Described) -> KhosoError:
    if policy == "ask":
        return SameDocument(what, papers=papers, besides=besides(described.doubts))
    if policy == "refuse":
        return Refused("same_paper", reason=SameDocument.reason, remedy="nothing_to_do", papers=papers, besides="")
    return Linked("same_paper", papers=papers, besides="")


def is_bereft(entry: LedgerEntry, ctx: Context) -> bool:
    """Whether a paper ended as the same as others of which none came to be held: then nobody has it."""
    is_linked = entry.state in TAKEN_FOR_ANOTHER and entry.reason.word == SameDocument.reason
    return is_linked and not _is_here(entry.id, ctx, frozenset())


def _is_here(document_id: str, ctx: Context, asked: frozenset[str]) -> bool:
    """Whether a paper is archived or may be yet, itself or as the one that it was taken for."""
    if ctx.catalogue.paper(document_id) is not None:
        return True
    entry = ctx.ledger.entry(document_id)
    if entry is None or document_id in asked:
        return False
    if entry.state in TAKEN_FOR_ANOTHER:
        return any(_is_here(name, ctx, asked | {document_id}) for name in _named(entry.reason))
    return entry.state in UNDER_WAY or (entry.state == "done" and not is_lost(ctx, entry))


def _named(reason: Reason) -> list[str]:
    """The papers that a reason names."""
    if reason.what == EARLIER:
        return _NAMED.findall(reason.text())
    return [name for name in map(other_id, reason.within()) if name is not None]


# Keys


def business_key(description: Description, ctx: Context) -> str | None:
    """A digest of owner, type, number and day of issue; None when one of them is not known.

    A paper of the administration itself has no owner: numbers are its issuer's own (law 4B, zone 3).
    """
    return key_of(description.value, description.type_code, ctx)


def key_of(said: Callable[[FieldName], str | None], told_type: str | None, ctx: Context) -> str | None:
    """The same of what is ``said`` of a paper, field by field."""
    owner = said("owner_id") or fold(said("issuer") or "")
    number, issued = normal_number(said("number_symbol") or ""), said("issued_date")
    type_code = told_type and ctx.catalogues.first_code(told_type)
    parts = (owner, type_code, number, issued)
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest() if all(parts) else None


def _marks(text: str, pages: int) -> tuple[int, ...]:
    """Digests of what two scans of a paper have in common and few other papers have: its long numbers.

    Of many, always the same few (bottom-k sketch).
    """
    numbers = {_mark(f"{pages} {number}") for number in _numbers(text) if len(number) >= _NUMBER}
    return tuple(sorted(numbers)[:_MARKS])


def _bands(pages: int, image_key: str | None) -> tuple[int, ...]:
    """Digests of the parts of an image key, of which new scans keep some: they lead to papers without numbers."""
    if image_key is None:
        return ()
    bands = (image_key[start : start + _BAND] for start in range(0, len(image_key), _BAND))
    return tuple(_mark(f"{pages} band {place} {band}") for place, band in enumerate(bands))


def _mark(text: str) -> int:
    """63 bits: what a signed column of a database holds."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def _numbers(text: str) -> Iterator[str]:
    """The digits of every word that has some: ``12/09/2019`` gives 12092019."""
    for word in text.split():
        if digits := re.sub(r"\D", "", word):
            yield digits


# Comparison


def _look_alike(item: DuplicateCandidate, identity: Identity) -> bool:
    keys = (item.image_key, identity.image_key)
    return keys[0] is not None and keys[1] is not None and distance(keys[0], keys[1]) <= _ALIKE


def _read_alike(described: Described, other: _Other, ctx: Context) -> bool:
    """Whether no telling field differs, and the words agree."""
    rules = ctx.catalogues.profile(described.received_at.date())
    fields = _sure_fields(described.description, rules.review_below)
    if any(fields[name] != other.fields[name] for name in fields.keys() & other.fields.keys()):
        return False
    text, other_text = (_read(path) for path in (ctx.file(described, described.text), other.text))
    # A text that cannot be read cannot clear the paper: a person compares.
    return text is None or other_text is None or _agree(text, other_text)


def _agree(text: str, other: str) -> bool:
    """Whether two recognised texts are those of one paper: most words are the same, and nearly all digits."""
    words, others = (Counter(fold(item).split()) for item in (text, other))
    digits, other_digits = (Counter(_numbers(item)) for item in (text, other))
    return _overlap(words, others) >= _SAME_WORDS and _overlap(digits, other_digits) >= _SAME_DIGITS


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    """What both have, as a share of the larger; every word counts by its length."""
    larger = max(sum(len(word) * n for word, n in items.items()) for items in (one, other))
    return sum(len(word) * n for word, n in (one & other).items()) / larger if larger else 1.0


def _other(document_id: str, ctx: Context) -> _Other | None:
    """What is known of another document; None when it ended as something else than a paper of its own.

    The ledger is asked first: what is archived in between is in the catalogue before it leaves the ledger.
    """
    entry = ctx.ledger.entry(document_id)
    under_way = _under_way(entry, ctx) if entry is not None and entry.state in UNDER_WAY else None
    paper = ctx.catalogue.paper(document_id)
    if paper is None:
        return under_way
    return _Other(paper.digitisation_code, _fields_of(paper), _text_of(paper.object_id, ctx))


def _text_of(object_id: str, ctx: Context) -> Path | None:
    """The text of an archived paper; None when its object is not what it was: that is told elsewhere."""
    try:
        return ctx.vault.get(object_id).files.get(TEXT)
    except VaultDamaged:
        return None


def _under_way(entry: LedgerEntry, ctx: Context) -> _Other:
    try:
        record = read_record(Described, entry.id, entry.record)
    except RecordUnreadable:  # it begins again from the scan; it was here first all the same
        return _Other(None, {}, None)
    rules = ctx.catalogues.profile(record.received_at.date())
    fields = _sure_fields(record.description, rules.review_below)
    return _Other(None, fields, ctx.settings.work_folder / entry.id / record.text.name)


def _read(text: Path | None) -> str | None:
    try:
        return text.read_text(encoding="utf-8") if text else None
    except FileNotFoundError:
        return None


def _sure_fields(description: Description, least: float) -> dict[FieldName, str]:
    """The telling fields that were read without doubt, as they are compared."""
    found = {}
    for name in _FIELDS:
        reading = description.fields.get(name)
        if reading is not None and reading.confidence >= least and description.value(name) is not None:
            found[name] = normal_number(reading.value) if name == "number_symbol" else reading.value
    return found


def _fields_of(paper: Paper) -> dict[FieldName, str]:
    found: dict[FieldName, str | None] = {
        "owner_id": paper.owner_id if identifier_kind(paper.owner_id) else None,  # else it is the agency's own
        "number_symbol": normal_number(paper.number_symbol or "") or None,
        "issued_date": paper.issued.isoformat() if paper.issued else None,
    }
    return {name: value for name, value in found.items() if value}
