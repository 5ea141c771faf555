"""One changed byte anywhere in a sealed paper, with a time stamp or with all proof: it is seen, and nothing breaks."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from config.signing import SigningSettings
from domain.errors import NotValid
from domain.levels import Level
from signing.interface import Anchors, outcome_of
from signing.longterm.extend import open_long_term
from signing.pades.check import Value, read_values
from signing.signer import CredentialSigners
from signing.verification.verify import verify_pdf
from tests.support.pki import SIGNED_AT, Pki, serve
from tests.support.signing_papers import paper

_FLIPS = 200


class _Sealed(NamedTuple):
    pdf: bytes
    values: list[Value]  # oldest first
    anchors: Anchors


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The services of the test authority, on the day of signing."""
    with serve(tmp_path_factory.mktemp("pki")) as running, running.on(SIGNED_AT):
        yield running


def _sealed(pki: Pki, level: Level, folder: Path) -> _Sealed:
    anchors = ((pki.roots / "root.der").read_bytes(),)
    settings = SigningSettings(keys=folder / "none", time_stamps=(pki.authority("tsa"),))
    with open_long_term(settings, anchors) as long_term:
        hands = CredentialSigners(
            pki.credential("officer"), pki.credential("agency"), long_term.time_stamps, long_term, development_only=True
        )
        pdf = hands.extend(hands.seal(hands.sign_copy(paper(), SIGNED_AT), SIGNED_AT), level).pdf
    return _Sealed(pdf, read_values(pdf)[0], anchors)


@pytest.mark.long
@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_whatever_byte_is_flipped_is_seen(pki: Pki, level: Level, tmp_path: Path) -> None:
    """No signature that covers it is called intact, the file is not called valid, and no other error comes of it."""
    sealed, random = _sealed(pki, level, tmp_path), Random(level)  # noqa: S311 - the same places each time
    assert outcome_of(verify_pdf(sealed.pdf, sealed.anchors, SIGNED_AT)) == "valid"
    seen = 0
    for _ in range(_FLIPS):
        place, mask = random.randrange(len(sealed.pdf)), random.randrange(1, 256)
        changed = sealed.pdf[:place] + bytes([sealed.pdf[place] ^ mask]) + sealed.pdf[place + 1 :]
        over = {value.field for value in sealed.values if place < value.covered and not _is_in(place, value.gap)}
        try:
            found = verify_pdf(changed, sealed.anchors, SIGNED_AT)
        except NotValid as error:
            assert error.remedy  # noqa: PT017 - both outcomes are lawful
            continue
        assert [item.field for item in found if item.field in over and item.intact] == [], (place, mask)
        if over:
            assert outcome_of(found) != "valid", (place, mask)
            seen += 1
    assert seen > _FLIPS / 2


def _is_in(place: int, gap: tuple[int, int]) -> bool:
    return gap[0] <= place < gap[1]
