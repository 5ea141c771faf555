"""Whatever the order of authorities and of algorithm terms: a paper is renewed when any listed authority can do it."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import NamedTuple

import pytest

from config.loader import load_catalogues
from config.models import Catalogues
from config.signing import SigningSettings
from domain.errors import TemporaryFailure
from domain.levels import renewal_due
from services.renewal import Authorities
from signing.errors import StampTooShort
from signing.longterm.extend import open_each, open_long_term
from signing.signer import CredentialSigners
from tests.judges import Answer, Question, dss
from tests.support.pki import SIGNED_AT, Pki, serve
from tests.support.signing_papers import paper

ENDS = {"tsa": date(2031, 1, 1), "tsa-2": date(2044, 1, 1), "tsa-3": date(2038, 1, 1)}
STATES = ("well", "away", "odd", "gone when it stamps")
TERMS = (  # of RSA-2048, by which tsa-3 stamps, and of ECDSA-256, by which the others stamp and the root certifies
    (date(2030, 12, 31), date(2035, 12, 31)),
    (date(2045, 12, 31), date(2045, 12, 31)),
    (date(2045, 12, 31), date(2032, 12, 31)),
    (date(2029, 12, 31), date(2029, 12, 31)),
)
HELD = (date(2030, 1, 1), date(2036, 6, 1))  # the day of renewal of the stamp that is there


class Case(NamedTuple):
    """The order in which authorities are listed, what becomes of each, the terms, and what the paper has."""

    order: tuple[str, ...]
    states: tuple[str, ...]  # of tsa, tsa-2, tsa-3
    terms: tuple[date, date]
    held_until: date

    def due(self, name: str) -> date:
        """The day of renewal of a stamp by an authority."""
        rsa, ecdsa = self.terms
        return renewal_due([ENDS[name], ecdsa, *([rsa] if name == "tsa-3" else [])])


CASES = [Case(*each) for each in product(permutations(ENDS), product(STATES, repeat=3), TERMS, HELD)]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The services of the test authority, on the day of signing."""
    with serve(tmp_path_factory.mktemp("pki")) as running, running.on(SIGNED_AT):
        yield running


@pytest.fixture(scope="module")
def pdf(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file at B-LTA by the authority that ends first."""
    got = SigningSettings(keys=pki.roots, time_stamps=(pki.authority("tsa"),))
    with open_long_term(got, ((pki.roots / "root.der").read_bytes(),)) as long_term:
        officer, agency = pki.credential("officer"), pki.credential("agency")
        hands = CredentialSigners(officer, agency, long_term.time_stamps, long_term, development_only=True)
        made = hands.extend(hands.seal(hands.sign_copy(paper(), SIGNED_AT), SIGNED_AT), "B-LTA").pdf
    file = tmp_path_factory.mktemp("pdf") / "document.pdf"
    file.write_bytes(made)
    return file


def _once(pki: Pki, name: str) -> Callable[[bytes], bytes]:
    """An authority that answers once."""
    answers = iter([True])
    return lambda request: pki.stamp(name, request) if next(answers, False) else b"<html>Log in</html>"


def renewed(pki: Pki, pdf: Path, case: Case) -> tuple[bytes, date]:
    """The file and its next day of renewal, in a run of its own."""
    pki.moment = SIGNED_AT.replace(year=2028 if case.held_until == HELD[0] else 2030, month=7)
    pki.away.clear()
    pki.answers.clear()
    for name, state in zip(ENDS, case.states, strict=True):
        if state == "away":
            pki.away.add(f"/tsa/{name}$")
        elif state == "odd":
            pki.answers[f"/tsa/{name}$"] = lambda _: b"<html>Log in</html>"
        elif state == "gone when it stamps":
            pki.answers[f"/tsa/{name}$"] = _once(pki, name)
    got = SigningSettings(keys=pki.roots, time_stamps=tuple(map(pki.authority, case.order)))
    with open_each(got, ((pki.roots / "root.der").read_bytes(),)) as each:
        given, due = Authorities(_catalogues(case.terms), each).renew(pdf, case.held_until)
    return given.pdf, due


@cache
def _catalogues(terms: tuple[date, date]) -> Catalogues:
    rsa, ecdsa = terms
    ends = {"rsa": rsa, "ecdsa": ecdsa}
    known = load_catalogues()
    changed = tuple(item.model_copy(update={"until": ends.get(item.family, item.until)}) for item in known.algorithms)
    return known.model_copy(update={"algorithms": changed})


def check(pki: Pki, pdf: Path, cases: Sequence[Case]) -> None:
    """Each is renewed by the one that carries furthest of those that can, or told as what hinders it."""
    for case in cases:
        can = [
            case.due(name)
            for name, state in zip(ENDS, case.states, strict=True)
            if state == "well" and case.due(name) > case.held_until
        ]
        if can:
            made, due = renewed(pki, pdf, case)
            assert (made.startswith(pdf.read_bytes()), due) == (True, max(can)), case
            continue
        with pytest.raises((TemporaryFailure, StampTooShort)) as caught:
            renewed(pki, pdf, case)
        # One that was asked, and would carry no further, is not asked to stamp: it is too short, not gone.
        hindered = any(
            state in {"away", "odd"} or (state == "gone when it stamps" and case.due(name) > case.held_until)
            for name, state in zip(ENDS, case.states, strict=True)
        )
        assert isinstance(caught.value, TemporaryFailure) == hindered, case


def test_some_orders(pki: Pki, pdf: Path) -> None:
    """A part of all orders, states and terms."""
    check(pki, pdf, random.Random(24).sample(CASES, 40))  # noqa: S311 (chance, no secrets)


@pytest.mark.long
def test_every_order(pki: Pki, pdf: Path) -> None:
    """Three authorities in every order and every state, under every order of terms, at two times."""
    check(pki, pdf, CASES)


def test_dss_agrees_before_and_after(pki: Pki, pdf: Path, tmp_path: Path) -> None:
    """What was valid stays so by each authority's renewal, beyond the end of the stamp that it had."""
    asked: list[Question] = []
    expected: list[set[tuple[str, str, str]]] = []
    later = SIGNED_AT.replace(year=2032)

    def ask(content: bytes, year: int, indication: str) -> None:
        file = tmp_path / f"{len(asked)}.pdf"
        file.write_bytes(content)
        asked.append(Question(file, pki.roots / "root.der", SIGNED_AT.replace(year=year)))
        expected.append({(field, "PAdES-BASELINE-LTA", indication) for field in ("SoHoa", "CoQuan")})

    ask(pdf.read_bytes(), 2030, "TOTAL_PASSED")
    ask(pdf.read_bytes(), later.year, "INDETERMINATE")
    for name in ("tsa-2", "tsa-3"):
        states = tuple("well" if each == name else "away" for each in ENDS)
        made, _ = renewed(pki, pdf, Case(tuple(ENDS), states, TERMS[1], HELD[0]))
        ask(made, 2030, "TOTAL_PASSED")
        ask(made, later.year, "TOTAL_PASSED")
    answers: list[list[Answer]] = dss(asked)
    assert [{(item.field, item.level, item.indication) for item in each} for each in answers] == expected
