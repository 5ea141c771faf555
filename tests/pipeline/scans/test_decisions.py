"""What a person decides at the door: few dots are accepted, a size of paper is told, a password opens a file."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from archive.package import PDF, read_package
from config.settings import Settings
from domain.errors import ExitCode, UsageError
from pipeline.intake import open_batch, take_in
from pipeline.manifest import read_manifest
from pipeline.records import Prepared, Statement
from pipeline.runner import advance
from pipeline.scans.opening import UNLOCKED
from services.context import Services, open_services
from tests.support.desk import STATED, run_json
from tests.support.door import SECRET, coarse, keys, locked, signed_and_locked, without_resolution
from tests.support.strangers import Issuer

WHY = "Chỉ còn bản quét năm 2010"


def cut(folder: Path) -> Path:
    """A file that no decision mends."""
    path = folder / "cut.pdf"
    path.write_bytes(b"%PDF-1.7 and no more")
    return path


def manifest(folder: Path, name: str, **given: str) -> Path:
    """A manifest of one row: all that a notice needs, and what is given."""
    row = {"file": name, "type": STATED.type_code or "", **STATED.fields, **given}
    path = folder / "manifest.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder for what is put in."""
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


Door = tuple[Callable[[Path], Path], str, tuple[str, ...], str]
DOORS: list[Door] = [
    (coarse, "dpi_below_200", ("--accept", "resolution", "--reason", WHY), f"150 dpi, fewer than the 200.*{WHY}"),
    (without_resolution, "no_dpi", ("--paper", "A5"), "taken for A5 at 200 dpi"),
    (coarse, "dpi_below_200", ("--paper", "A5", "--reason", WHY), f"150 dpi by the file, fewer than the 200.*{WHY}"),
    (locked, "encrypted", ("--password-file", "keys"), str(UNLOCKED)),
]


@pytest.mark.parametrize(("draw", "reason", "decision", "remark"), DOORS, ids=[item[1] for item in DOORS])
def test_a_decision_opens_the_door(
    settings: Settings, inputs: Path, draw: Callable[[Path], Path], reason: str, decision: tuple[str, ...], remark: str
) -> None:
    """The named remedy archives the paper; who decided, when and why stay with it, and so does the file as it came."""
    path = draw(inputs)
    stated = manifest(inputs, path.name)
    _, (before,) = run_json(settings, "ingest", str(path), "--manifest", str(stated))
    assert before["reason"].startswith(f"{reason}:")
    assert decision[0] in before["reason"]
    filled = [str(keys(inputs, "another", SECRET)) if item == "keys" else item for item in decision]
    code, (after,) = run_json(settings, "review", str(before["id"]), *filled, "--who", "Lê Thị Hoa")
    assert (code, after["state"]) == (ExitCode.OK, "archived"), after["reason"]
    (made,) = after["decisions"]
    assert made["who"] == "Lê Thị Hoa"
    assert any(re.search(remark, item) for item in after["remarks"])
    with open_services(settings) as ctx:
        (event,) = [item for item in ctx.journal.events() if item["event"] == "accepted"]
        assert (event["who"], event["subject"], event["about"]) == ("Lê Thị Hoa", before["id"], made["about"])
        stored = ctx.vault.get(after["object"])
        assert read_package(stored).record.decisions[0]["about"] == made["about"]
        original = next(item for name, item in stored.files.items() if name.startswith("original/"))
        assert original.read_bytes() == path.read_bytes()
        with pikepdf.open(stored.files[PDF]) as copy:
            assert not copy.is_encrypted
    assert_not_written(settings.home)
    assert not list(settings.inbox.iterdir())


def test_what_is_read_from_few_dots_is_not_sure(settings: Settings, inputs: Path) -> None:
    """A paper that a person let in with fewer dots than Decree 30/2020 asks for has no reading that others rely on."""
    path = coarse(inputs)
    given = {"accept": "resolution", "reason": WHY}
    _, (after,) = run_json(settings, "ingest", str(path), "--manifest", str(manifest(inputs, path.name, **given)))
    with open_services(settings) as ctx:
        (event,) = [item for item in ctx.journal.events() if item["event"] == "archived"]
        fields = read_package(ctx.vault.get(event["object"])).record.description.fields
    assert after["state"] == "archived", after["reason"]
    read = {name: field.confidence for name, field in fields.items() if field.source == "paper"}
    assert read
    assert max(read.values()) <= 0.85


def assert_not_written(home: Path) -> None:
    """No file of the store holds the password, in whatever form text is written."""
    forms = {SECRET.encode(), SECRET.encode("utf-16-be"), json.dumps(SECRET)[1:-1].encode()}
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(form in content for form in forms), path


@pytest.mark.parametrize(
    ("draw", "given"),
    [
        (coarse, {"accept": "resolution", "reason": WHY}),
        (without_resolution, {"paper": "A5"}),
        (locked, {"password": SECRET}),
    ],
)
def test_a_manifest_decides_for_a_batch(
    ctx: Services, inputs: Path, draw: Callable[[Path], Path], given: dict[str, str]
) -> None:
    """A column of the manifest decides at once; the same file, refused before, goes on when the manifest is mended."""
    path, batch = draw(inputs), open_batch(ctx, "again")
    first = take_in(ctx, path, open_batch(ctx, "first"), STATED)
    assert first.document_id is not None
    assert advance(ctx, first.document_id, "receive") in {"refused", "held"}
    assert take_in(ctx, path, batch, STATED).state == "known"
    (row,) = read_manifest(manifest(inputs, path.name, **given), ctx, [path]).values()
    assert take_in(ctx, path, batch, row).state == "resumed"
    assert advance(ctx, first.document_id, "receive") == "passed"
    entry = ctx.ledger.entry(first.document_id)
    assert entry is not None
    (decision,) = Prepared.model_validate_json(entry.record).decisions
    assert decision.reason == given.get("reason", "")
    assert_not_written(ctx.settings.home)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"accept": "resolution"}, "without a reason"),
        ({"accept": "everything", "reason": WHY}, "cannot be accepted"),
        ({"paper": "A9"}, "no size of paper"),
    ],
)
def test_a_manifest_is_checked_before_anything_is_taken(
    ctx: Services, inputs: Path, given: dict[str, str], message: str
) -> None:
    """A decision that cannot be, or lacks its reason, names the line."""
    with pytest.raises(UsageError, match=f":2: .*{message}"):
        read_manifest(manifest(inputs, "a.pdf", **given), ctx, [inputs / "a.pdf"])


def refused(settings: Settings, path: Path) -> str:
    """Put a file in as far as the door, and give its document's id."""
    with open_services(settings) as ctx:
        seen = take_in(ctx, path, open_batch(ctx, "test"), Statement())
        assert seen.document_id is not None
        advance(ctx, seen.document_id, "receive")
        return seen.document_id


@pytest.mark.parametrize(
    ("draw", "decision"),
    [
        (coarse, ("--accept", "resolution")),
        (coarse, ("--paper", "A5")),
        (locked, ("--paper", "A4")),
        (coarse, ("--password-file", "keys")),
        (coarse, ("--accept", "resolution", "--reason", WHY, "--release")),
        (without_resolution, ("--paper", "A9")),
        (without_resolution, ("--accept", "resolution", "--reason", WHY)),
        (locked, ("--password-file", "keys")),
        (locked, ("--password-file", "nothing")),
    ],
)
def test_a_decision_that_was_not_asked_changes_nothing(
    settings: Settings, inputs: Path, draw: Callable[[Path], Path], decision: tuple[str, ...]
) -> None:
    """Without a reason, about something else, with a wrong password: a usage error, and the paper waits as before."""
    document = refused(settings, draw(inputs))
    filled = [str(keys(inputs, "wrong")) if item == "keys" else item for item in decision]
    code, _ = run_json(settings, "review", document, *filled)
    assert code == ExitCode.USAGE
    with open_services(settings) as ctx:
        entry = ctx.ledger.entry(document)
        assert entry is not None
        assert entry.state in {"refused", "held"}
        assert "decisions" not in json.loads(entry.record) or not json.loads(entry.record)["decisions"]


def test_review_lists_what_a_decision_can_let_in(settings: Settings, inputs: Path) -> None:
    """Without a name `review` tells what is held, and what was refused and can be brought back; not what is over."""
    wanted = {refused(settings, draw(inputs)) for draw in (coarse, without_resolution, locked)}
    over = refused(settings, cut(inputs))
    code, lines = run_json(settings, "review")
    assert code == ExitCode.OK
    assert {line["id"] for line in lines} == wanted
    assert {line["state"] for line in lines} == {"held", "refused"}
    assert over not in wanted


@pytest.mark.parametrize("size", ["A6", "A5", "A4", "A3", "letter", "legal", "card"])
def test_a_size_of_paper_gives_the_resolution(ctx: Services, inputs: Path, size: str) -> None:
    """Pictures without a resolution have the one at which they are such a sheet, however they lie."""
    from pipeline.scans.images import pdf_of_images  # noqa: PLC0415
    from pipeline.scans.sizes import PAPERS  # noqa: PLC0415

    across, along = (round(side / 25.4 * 240) for side in PAPERS[size])
    for number, sides in enumerate([(across, along), (along, across)]):
        path = inputs / f"{number}.png"
        Image.new("L", sides, 200).save(path)
        remarks = pdf_of_images(path, "png", inputs / "out.pdf", ctx.settings.recognition, size)
        assert tuple(map(str, remarks)) == (f"no resolution in the file; taken for {size} at 240 dpi",)


# Signed and locked


def test_signed_and_protected_is_checked(ctx: Services, inputs: Path) -> None:
    """A signed paper that anybody can open, though nobody may change it, is checked and kept as it came."""
    path = inputs / "signed.pdf"
    path.write_bytes(signed_and_locked(Issuer(), ""))
    seen = take_in(ctx, path, open_batch(ctx, "test"), STATED)
    assert seen.document_id is not None
    assert advance(ctx, seen.document_id, "receive") == "passed"
    entry = ctx.ledger.entry(seen.document_id)
    assert entry is not None
    record = Prepared.model_validate_json(entry.record)
    (verdict,) = record.signatures
    assert (verdict.sound, verdict.intact) == (True, True)
    assert ctx.file(record, record.pdf).read_bytes() == path.read_bytes()


def test_signed_and_locked_says_so(ctx: Services, inputs: Path) -> None:
    """Where a signed paper needs a password, it is not told that its signature is broken."""
    path = inputs / "signed.pdf"
    path.write_bytes(signed_and_locked(Issuer(), SECRET))
    seen = take_in(ctx, path, open_batch(ctx, "test"), STATED, (SECRET,))
    assert seen.document_id is not None
    assert advance(ctx, seen.document_id, "receive") == "refused"
    entry = ctx.ledger.entry(seen.document_id)
    assert entry is not None
    assert entry.reason.word == "signed_and_locked"
