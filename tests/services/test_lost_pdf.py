"""A held paper whose PDF is gone, or is none any more, is told as damaged by whatever needs it."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode, NotValid
from services.context import Services
from services.rebuild import rebuild_catalogue
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.verify import verify
from tests.services.test_handed_over import CLERK, DOSSIER, journal
from tests.support.desk import WHY, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold
from tests.support.rewritten import metadata_of, rewrite
from tests.support.walks import Walker


def _folder(pdf: Path) -> None:
    pdf.unlink()
    pdf.mkdir()


def _pipe(pdf: Path) -> None:
    pdf.unlink()
    os.mkfifo(pdf)


SPOILT: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "folder": _folder,
    "pipe": _pipe,
    "garbage": lambda pdf: pdf.write_bytes(b"no PDF at all"),
    "empty": lambda pdf: pdf.write_bytes(b""),
}
spoilt = pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)


@pytest.fixture
def desk(ctx: Services, tmp_path: Path) -> Services:
    """A store with a paper that somebody has asked for."""
    hold(ctx, tmp_path, "1")
    lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031", reason=WHY)
    return ctx


def checks(settings: Settings) -> int:
    """How many checks the journal tells of."""
    lines = (settings.home / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["event"] == "verified" for line in lines)


def test_verify_tells_that_the_object_is_damaged(settings: Settings, tmp_path: Path) -> None:
    """Its fixity fails, the second copy is named, the signatures are none, and the check is recorded."""
    quick = {"KHOSO_RECOGNITION__MODE": "fast", "KHOSO_WORK__PAUSE_S": "0"}
    done = Walker(load_settings(settings.home, quick), tmp_path / "in").put_scan("a.jpg")
    pdf = Path(done["pdf"])
    whole = pdf.read_bytes()
    for number, spoil in enumerate(SPOILT.values(), 1):
        spoil(pdf)
        code, (got,) = run_json(settings, "verify", done["id"])
        assert (code, got["valid"], got["outcome"], got["pdfa"]) == (ExitCode.NOT_VALID, False, "unsigned", False)
        assert "Restore the object from the second copy" in got["fixity"][0]
        assert checks(settings) == number
        shutil.rmtree(pdf) if pdf.is_dir() else pdf.unlink(missing_ok=True)
        pdf.write_bytes(whole)
    assert run_json(settings, "verify", done["id"])[0] == ExitCode.OK
    shutil.rmtree(pdf.parents[2])
    assert run_json(settings, "verify", done["id"]) == (ExitCode.NOT_VALID, [])
    assert run_json(settings, "show", done["id"]) == (ExitCode.NOT_VALID, [])
    assert checks(settings) == len(SPOILT) + 2
    code, (_, lost) = run_json(settings, "rebuild")
    assert (code, lost["about"], lost["id"]) == (ExitCode.NOT_VALID, "missing", done["id"])
    (shown,) = run_json(settings, "show", done["id"])[1]
    assert shown["reason"].startswith("vault_damaged: The vault does not hold the object")


@spoilt
def test_it_is_not_handed_over(desk: Services, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    """The desk is told to ask an archivist, nothing is written, and the refusal is recorded."""
    spoil(desk.vault.get("urn:khoso:1").files["document.pdf"])
    with pytest.raises(NotValid, match="not the one that was archived"):
        use(desk, CLERK, "1", dossier=DOSSIER, target=tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()
    assert [event["reason"] for event in journal(desk, "refused")] == ["damaged"]


def test_a_paper_that_is_another_owners_by_now_is_not_handed_over(desk: Services, tmp_path: Path) -> None:
    """What was asked for as one person's paper, and is entered as another's meanwhile, stays where it is."""
    folder = desk.vault.path("urn:khoso:1")
    metadata = metadata_of(folder)
    metadata["paper"]["owner_id"] = OTHER_OWNER
    rewrite(folder, metadata)
    assert [item.about for item in rebuild_catalogue(desk).differences] == ["changed"]
    with pytest.raises(NotValid, match="not held"):
        use(desk, CLERK, "1", dossier=DOSSIER, target=tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()


def test_a_paper_that_was_revoked_is_shown_so(settings: Settings, ctx: Services, tmp_path: Path) -> None:
    """`show` tells the standing of a paper that is not in force, and what came after it."""
    former, later = (hold(ctx, tmp_path, name, dossier=f"H17.12-260101-000{name}") for name in ("1", "2"))
    assert "standing" not in run_json(settings, "show", "1")[1][0]
    ctx.catalogue.change_standing(
        former.model_copy(update={"standing": "replaced", "replaced_by": later.digitisation_code})
    )
    (shown,) = run_json(settings, "show", "1")[1]
    assert (shown["standing"], shown["replaced_by"]) == ("replaced", later.digitisation_code)


def test_a_paper_that_the_catalogue_knows_otherwise_is_told(ctx: Services, tmp_path: Path) -> None:
    """The object agrees with itself, and is not what was catalogued."""
    hold(ctx, tmp_path, "1")
    hold(ctx, tmp_path, "2", pdf_sha256="0" * 64)
    other = "the PDF is not the one that was catalogued"
    assert [other in verify(ctx, CLERK, paper).fixity for paper in ("1", "2")] == [False, True]
