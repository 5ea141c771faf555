"""The proof of an archived copy is renewed in time, over years and authorities, and nothing is lost on the way."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archive.interface import Paper
from archive.package import PDF, read_package
from config.loader import load_catalogues
from config.settings import load_settings
from config.signing import SigningSettings, TokenSettings
from domain.errors import ExitCode
from domain.levels import is_below, lower, renewal_due
from pipeline.profiles import due_date
from pipeline.records import Statement
from pipeline.runner import run_through
from samples.generate import all_papers
from samples.layout import lay_out
from services.context import Services, open_services
from services.permissions import Asker
from services.rebuild import rebuild_catalogue
from services.renewal import renew as renew_due
from services.renewal import sole_renewal
from services.standing import change_standing
from signing.errors import TooLate
from signing.interface import Provable, Strength
from signing.longterm.extend import open_long_term
from signing.signer import CredentialSigners
from tests.support import desk
from tests.support.ades_engine import OK, judged
from tests.support.crashes import Trial
from tests.support.pki import SIGNED_AT, Pki, serve
from tests.support.signing_papers import paper

ME = Asker(who="Lan", office="H17.12", role="archivist")
STATED = Statement(
    type_code="TP.H17.990103",
    fields={
        "number_symbol": "45/TB-UBND",
        "issued_date": "2026-03-12",
        "issuer": "Ủy ban nhân dân phường Hải Châu",
        "title": "THÔNG BÁO",
        "abstract": "Về việc tiếp nhận hồ sơ",
        "owner_id": "048219001275",
        "owner_name": "Trần Minh Khôi",
    },
)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The services of the test authority."""
    with serve(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture(autouse=True)
def on_the_day_of_signing(pki: Pki) -> Iterator[None]:
    """All services there, and it is the day of signing for everybody."""
    pki.away.clear()
    pki.asked.clear()
    with pki.on(SIGNED_AT):
        yield


@pytest.fixture
def ctx(pki: Pki, tmp_path: Path) -> Iterator[Services]:
    """An empty store whose keys the test authority has certified; the second authority is the one to renew by."""
    home = tmp_path / "home"
    home.mkdir()
    got = [f'[signing]\nroots = "{pki.roots}"', f'[[signing.time_stamps]]\nurl = "{pki.authority("tsa-2").url}"']
    (home / "khoso.toml").write_text(
        "\n".join(got) + '\n[work]\npause_s = 0\n[recognition]\nmode = "fast"\n', encoding="utf-8"
    )
    settings = load_settings(home, {})
    with (
        open_services(settings) as opened,
        open_long_term(
            SigningSettings(keys=tmp_path, time_stamps=(pki.authority("tsa"),)),
            ((pki.roots / "root.der").read_bytes(),),
        ) as long_term,
    ):
        token = TokenSettings(module=tmp_path / "none.so", label="desk")
        as_on_tokens = {"kind": "token", "officer_token": token, "agency_token": token}
        opened.settings = settings.model_copy(update={"signing": settings.signing.model_copy(update=as_on_tokens)})
        officer, agency = pki.credential("officer"), pki.credential("agency")
        opened.signers = CredentialSigners(officer, agency, long_term.time_stamps, long_term, development_only=True)
        yield opened


def bring(ctx: Services, folder: Path) -> str:
    """Put a paper in, take it as far as it goes, and give its id."""
    path = folder / "Thông báo 45.png"
    printed = next(item for item in all_papers() if item.kind == "notice")
    drawn = lay_out(printed, 200, Random("notice"))[0].image  # noqa: S311 (chance, no secrets)
    drawn.save(path, dpi=(200, 200))
    return desk.bring(ctx, path, STATED)


def held(ctx: Services, document_id: str) -> tuple[Paper, bytes]:
    """The catalogue's row and the PDF of a paper whose object is whole."""
    found = ctx.catalogue.paper(document_id)
    assert found is not None
    ctx.vault.check(found.object_id)
    return found, ctx.vault.get(found.object_id).files[PDF].read_bytes()


def renew(ctx: Services, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and lines of the command, whose last one counts what became of papers."""
    code, lines = desk.run_json(ctx.settings, "renew", *arguments)
    if lines and "summary" in lines[-1]:
        summary = lines.pop()["summary"]
        assert (summary["renewed"], summary["failed"]) == tuple(
            sum(line["outcome"] == word for line in lines) for word in ("renewed", "failed")
        )
        assert ("proof_ends" in summary) == bool(summary["failed"]) == (code == ExitCode.NOT_VALID)
    return code, lines


def year(number: int) -> datetime:
    """The middle of a year."""
    return SIGNED_AT.replace(year=number, month=7)


def test_from_the_desk_to_the_next_decade(ctx: Services, pki: Pki, tmp_path: Path) -> None:
    """A paper waits for the authorities, is archived as B-LTA, renewed in 2030 and provable in 2040; unrenewed, not."""
    root = pki.certificate("root")
    pki.away.add("/ocsp/")
    pki.away.add("/crls/")
    document_id = bring(ctx, tmp_path)
    entry = ctx.ledger.entry(document_id)
    assert entry is not None
    assert (entry.state, entry.stage, entry.reason.word) == ("waiting", "seal", "revocation_away")
    pki.away.clear()
    run_through(ctx, document_id)
    paper, first = held(ctx, document_id)
    assert (paper.level, paper.renewal_due) == ("B-LTA", date(2030, 1, 1))  # a year before the authority's end

    pki.moment = year(2029)
    assert renew(ctx) == (0, [])
    pki.moment = year(2030)
    code, (got,) = renew(ctx, "--dry-run")
    assert (code, got["id"], got["outcome"], got["due"]) == (0, document_id, "due", "2030-01-01")
    code, (got,) = renew(ctx)
    assert (code, got["outcome"], got["due"]) == (
        0,
        "renewed",
        "2034-12-31",
    )  # a year before the keys' algorithm ends
    assert renew(ctx) == (0, [])

    paper, second = held(ctx, document_id)
    assert second.startswith(first)
    assert len(list(ctx.vault.path(paper.object_id).glob("v[0-9]*"))) == 2
    assert rebuild_catalogue(ctx).papers == 1
    assert ctx.catalogue.paper(document_id) == paper
    pki.moment = year(2032)
    assert (judged(first, root, year(2032)) is OK, judged(second, root, year(2032)) is OK) == (False, True)
    pki.moment = year(2040)
    assert (judged(first, root, year(2040)) is OK, judged(second, root, year(2040)) is OK) == (False, True)


def test_failures_and_crashes(ctx: Services, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renewal that fails changes nothing; one that was cut off is finished by the next without another stamp."""
    document_id = bring(ctx, tmp_path)
    paper, first = held(ctx, document_id)
    pki.moment = year(2030)
    pki.away.add("/tsa/")
    code, (got,) = renew(ctx)
    assert (code, got["outcome"], got["reason"].split(":")[0]) == (ExitCode.NOT_VALID, "failed", "time_stamp_away")
    assert held(ctx, document_id) == (paper, first)

    pki.away.clear()
    with monkeypatch.context() as patch:  # the vault has the new version, but whoever asked for it was killed
        patch.setattr("archive.catalogue.Catalogue.revised", None)
        assert renew(ctx)[0] == 1
    asked = pki.count("/tsa/")
    code, (got,) = renew(ctx)
    assert (code, got["outcome"], pki.count("/tsa/")) == (0, "renewed", asked)
    assert held(ctx, document_id)[1].startswith(first)

    pdf = ctx.vault.get(paper.object_id).files[PDF]
    pdf.write_bytes(pdf.read_bytes()[:-1])
    code, (got,) = renew(ctx, "--due-before", "2100-01-01")
    assert (code, got["outcome"], got["reason"].split(":")[0]) == (ExitCode.NOT_VALID, "failed", "vault_damaged")


def about_to_renew(ctx: Services, pki: Pki, folder: Path) -> Trial:
    """The command in a store that holds a paper which is due."""
    bring(ctx, folder)
    pki.moment = year(2030)
    shutil.copytree(ctx.settings.home, folder / "template" / "home")
    return Trial(folder / "template" / "home", folder / "trials", "renew")


def test_killed_at_some_step(ctx: Services, pki: Pki, tmp_path: Path) -> None:
    """Killed and given again, it is renewed once, and all is as if nothing had been."""
    done = about_to_renew(ctx, pki, tmp_path)
    done.disturb(done.steps // 2)


@pytest.mark.long
def test_killed_at_every_step(ctx: Services, pki: Pki, tmp_path: Path) -> None:
    """The same, at each of its steps."""
    done = about_to_renew(ctx, pki, tmp_path)
    for step in range(1, done.steps + 1):
        done.disturb(step)


def test_a_paper_revoked_while_it_is_renewed(
    ctx: Services, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody enters after the renewal has read the catalogue is not undone by it, in vault and catalogue."""
    document_id = bring(ctx, tmp_path)
    pki.moment = year(2030)
    with sole_renewal(ctx.settings):
        assert renew(ctx)[0] == ExitCode.BUSY
    sole = ctx.vault.sole

    def late(object_id: str) -> Any:
        monkeypatch.setattr(ctx.vault, "sole", sole)
        change_standing(ctx, ME, document_id, "revoked", reason="QĐ 12")
        return sole(object_id)

    monkeypatch.setattr(ctx.vault, "sole", late)
    (renewed,) = renew_due(ctx, ME, year(2030).date())
    assert renewed.outcome == "renewed"
    found = ctx.catalogue.paper(document_id)
    assert found == read_package(ctx.vault.get(f"urn:khoso:{document_id}")).paper
    assert (found.standing, found.renewal_due) == ("revoked", renewed.due)
    assert [item["event"] for item in ctx.journal.events()][-2:] == ["standing", "renewed"]


def test_too_late(ctx: Services, pki: Pki, tmp_path: Path) -> None:
    """When the newest time stamp proves nothing any more, no new one hides it."""
    document_id = bring(ctx, tmp_path)
    before = held(ctx, document_id)
    pki.moment = year(2032)
    code, (got,) = renew(ctx)
    assert (code, got["outcome"], got["reason"].split(":")[0]) == (ExitCode.NOT_VALID, "failed", "too_late")
    assert held(ctx, document_id) == before


def test_a_stamp_that_lasts_no_longer(ctx: Services, pki: Pki, tmp_path: Path) -> None:
    """A renewal that would win no day adds nothing, and tells when the proof is lost; one that wins some is made."""
    document_id = bring(ctx, tmp_path)
    before = held(ctx, document_id)
    got = ctx.settings.home / "khoso.toml"
    younger = got.read_text(encoding="utf-8")
    pki.moment = year(2030)
    got.write_text(younger.replace(pki.authority("tsa-2").url, pki.authority("tsa").url), encoding="utf-8")
    code, (got_line, summary) = desk.run_json(ctx.settings, "renew")
    assert (code, got_line["outcome"], got_line["reason"].split(":")[0]) == (7, "failed", "stamp_too_short")
    assert "2031-01-01" in got_line["reason"]
    assert summary["summary"] == {"renewed": 0, "failed": 1, "id": document_id, "proof_ends": "2031-01-01"}
    assert held(ctx, document_id) == before
    got.write_text(younger, encoding="utf-8")
    _, (renewed,) = renew(ctx)
    assert renewed["outcome"] == "renewed"


@pytest.mark.parametrize("trouble", ["", "/tsa/tsa$", "/tsa/tsa-2$"])
def test_the_authority_that_carries_furthest_renews(ctx: Services, pki: Pki, tmp_path: Path, trouble: str) -> None:
    """In whatever order they are listed; while it is away nobody calls the other one's stamp too short."""
    document_id = bring(ctx, tmp_path)
    both = f'\n[[signing.time_stamps]]\nurl = "{pki.authority("tsa").url}"\n'
    got = ctx.settings.home / "khoso.toml"
    written = got.read_text(encoding="utf-8")
    first = f'[[signing.time_stamps]]\nurl = "{pki.authority("tsa-2").url}"'
    got.write_text(written.replace(first, f"{both}{first}"), encoding="utf-8")
    pki.moment = year(2030)
    if trouble:
        pki.away.add(trouble)
    code, (line,) = renew(ctx)
    if trouble == "/tsa/tsa-2$":
        assert (code, line["outcome"], line["reason"].split(":")[0]) == (7, "failed", "time_stamp_away")
        assert "next run of `renew`" in line["reason"]  # no document waits, and nobody releases one
        assert "review" not in line["reason"]
        pki.away.clear()
        code, (line,) = renew(ctx)
    assert (code, line["outcome"], line["due"]) == (0, "renewed", "2034-12-31")
    assert held(ctx, document_id)[0].renewal_due == date(2034, 12, 31)


def test_an_algorithm_that_ends_first_is_told(ctx: Services, pki: Pki, tmp_path: Path) -> None:
    """With its term, and what to do; the papers that can be renewed are."""
    bring(ctx, tmp_path)
    pki.moment = year(2030)
    assert renew(ctx)[0] == 0
    pki.moment = year(2035)
    code, (line,) = renew(ctx)
    assert (code, line["outcome"], line["reason"].split(":")[0]) == (7, "failed", "stamp_too_short")
    assert "ecdsa-256" in line["reason"]
    assert "2035-12-31" in line["reason"]
    assert "algorithms.yaml" in line["reason"]


def test_renewed_again_and_again(pki: Pki) -> None:
    """Each renewal is one update; a renewed file is refused once its newest stamp has ended, whatever came before."""
    got = SigningSettings(keys=pki.roots, time_stamps=(pki.authority("tsa"),))
    with open_long_term(got, ((pki.roots / "root.der").read_bytes(),)) as long_term:
        hands = CredentialSigners(
            pki.credential("officer"), pki.credential("agency"), long_term.time_stamps, long_term, development_only=True
        )
        pdf = hands.extend(hands.seal(hands.sign_copy(paper(), SIGNED_AT), SIGNED_AT), "B-LTA").pdf
        for number in (2027, 2028):
            pki.moment = year(number)
            renewed = long_term.renew(pdf).pdf
            assert renewed.startswith(pdf)
            assert renewed.count(b"%%EOF") == pdf.count(b"%%EOF") + 1
            assert judged(renewed, pki.certificate("root"), pki.moment) is OK
            pdf = renewed
        pki.moment = year(2031)
        with pytest.raises(TooLate, match="2031-01-01"):
            long_term.renew(pdf)


def test_due_date() -> None:
    """The day of renewal is a year before the first of the things ends that the proof rests on."""
    catalogues = load_catalogues()
    given = Provable(b"", "B-LTA", date(2044, 1, 1), (Strength("rsa", 4096), Strength("sha2", 256)))
    assert due_date(given, catalogues) == renewal_due([catalogues.algorithm_end("rsa", 3072)])
    assert due_date(given._replace(strengths=(Strength("rsa", 2048),)), catalogues) == date(2029, 12, 31)
    assert due_date(given._replace(certificates_end=date(2028, 2, 29)), catalogues) == date(2027, 2, 28)
    assert due_date(Provable(b"", "B-T"), catalogues) is None
    with pytest.raises(KeyError, match="rsa 1024"):
        due_date(given._replace(strengths=(Strength("rsa", 1024),)), catalogues)


def test_order_of_levels() -> None:
    """B-T is below B-LT, although its name is not."""
    assert is_below("B-T", "B-LT")
    assert not is_below("B-LTA", "B-LT")
    assert lower("B-LTA", "B-T") == "B-T"
