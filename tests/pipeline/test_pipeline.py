"""From files to findable documents: the whole way, with real recognition, real signatures and killed processes."""

import io
import json
import multiprocessing
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pikepdf.pdfa
import pytest
from PIL import Image, ImageDraw

from config.settings import Settings, load_settings
from pipeline.embedded import run_embedded
from pipeline.intake import Seen, open_batch, take_in
from pipeline.records import Statement
from services.context import open_services
from services.document import document_view
from tests.conftest import program
from tests.support.desk import COMMAND, WHY, khoso
from tests.support.pki import serve

FEW = ("Giấy khai sinh - Trần Minh Khôi.jpg", "Quyết định 12.jpg", "45_TB-UBND thông báo số hóa.tif")


def state(home: Path) -> dict[str, Any]:
    """What two runs must agree on: codes, states, texts, fields; not times, and so not signatures."""
    with open_services(load_settings(home, {})) as ctx:
        entries = ctx.ledger.entries()
        views = {entry.id: document_view(ctx, entry.id).line() for entry in entries}
        with ctx.index() as index:
            indexed = index.ids()
        objects = sorted(stored.id for stored in ctx.vault.objects())
        for name in objects:
            ctx.vault.check(name)
        names = ("state", "reason", "code", "result_code", "dossier", "type", "pages", "stage")
        documents = {
            key: {
                **{name: view[name] for name in names},
                "fields": {name: item["value"] for name, item in view["fields"].items()},
                "text": Path(view["text"]).read_text(encoding="utf-8") if view["text"] else None,
            }
            for key, view in views.items()
        }
        return {"documents": documents, "indexed": indexed, "objects": objects, "papers": ctx.catalogue.count()}


@pytest.fixture(scope="session")
def few(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three of the samples."""
    folder = tmp_path_factory.mktemp("few")
    for name in FEW:
        (folder / name).write_bytes((papers / name).read_bytes())
    return folder


@pytest.fixture(scope="session")
def undisturbed(few: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the three samples become when nobody disturbs them."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    assert khoso(home, "ingest", str(few))[0] == 0
    return state(home)


Store = tuple[Path, list[dict[str, Any]]]


def test_every_sample_is_archived(store: Store, papers: Path) -> None:
    """Each sample ends archived, with the type, number, date and owner of its truth."""
    truth = {item["file"]: item for item in json.loads((papers / "truth.json").read_text(encoding="utf-8"))}
    assert {Path(line["source"]).name for line in store[1]} == set(truth)
    for line in store[1]:
        wanted = truth[Path(line["source"]).name]
        assert line["state"] == "archived"
        assert line["type"] == wanted["type_code"]
        for name in ("number_symbol", "issued_date", "owner_id"):
            read = line["fields"].get(name, {}).get("value")
            assert read == wanted["fields"][name], (line["source"], name)


def test_a_second_run_adds_nothing(store: Store, papers: Path) -> None:
    """The same folder again: every file is a duplicate, nothing is added, and the command says so."""
    before = state(store[0])
    code, lines, chatter = khoso(store[0], "ingest", str(papers))
    assert code == 0
    assert {line["state"] for line in lines} == {"duplicate"}
    assert "Nothing was added" in chatter
    assert state(store[0]) == before


def test_signatures_hold(store: Store) -> None:
    """Poppler finds both signatures of every archived PDF valid; the second covers the whole file."""
    for line in store[1]:
        got = subprocess.run(
            [program("pdfsig"), "-nocert", line["pdf"]], capture_output=True, text=True, check=True
        ).stdout
        assert got.count("Signature is Valid.") == 2, got
        assert "Total document signed" in got


def test_the_signed_copy_is_a_prefix(store: Store) -> None:
    """The archived file begins with the digitiser's signed copy, which begins with a file proven PDF/A-2b."""
    for line in store[1]:
        whole = Path(line["pdf"]).read_bytes()
        ends = [place + 5 for place in range(len(whole)) if whole.startswith(b"%%EOF", place)]
        assert len(ends) == 3
        report = pikepdf.pdfa.validate_written(io.BytesIO(whole[: ends[0] + 1]), "2b")
        assert report.verdict == "pass", report.findings


def test_verify_says_valid(store: Store) -> None:
    """`verify` finds signatures, PDF/A and fixity in order, and names the keys as development only."""
    code, lines, _ = khoso(store[0], "verify", store[1][0]["code"])
    assert code == 0
    assert lines[0]["valid"]
    assert [item["role"] for item in lines[0]["signatures"]] == ["copy", "seal"]
    assert all(item["development_only"] for item in lines[0]["signatures"])


def test_text_is_in_the_pdf(store: Store) -> None:
    """Pdftotext gives the paper's text in reading order."""
    line = next(item for item in store[1] if item["type"] == "KQ.G15.000031")
    text = subprocess.run([program("pdftotext"), line["pdf"], "-"], capture_output=True, text=True, check=True).stdout
    places = [text.index(words) for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA", "GIẤY KHAI SINH", "Họ, chữ đệm, tên")]
    assert places == sorted(places)


@pytest.mark.parametrize("words", ["giay khai sinh", "giấy khai sinh", '"giấy khai sinh"'])
def test_search_with_and_without_accents(store: Store, words: str) -> None:
    """The birth certificate is found first, however its name is typed."""
    _, lines, _ = khoso(store[0], "search", words)
    assert lines[0]["type"] == "KQ.G15.000031"


def test_search_by_number(store: Store) -> None:
    """A number finds the paper that bears it, and no paper with a number like it."""
    _, lines, _ = khoso(store[0], "search", "12/QĐ-UBND")
    assert lines[0]["number"] == "12/QĐ-UBND"
    assert not {"112/QĐ-UBND", "214/QĐ-UBND"} & {line["number"] for line in lines}


def test_lookup_gives_three_answers(store: Store) -> None:
    """Held and valid, held but expired, not held; every question is in the journal, the owner masked."""
    by_type = {line["type"]: line for line in store[1]}
    birth, single = by_type["KQ.G15.000031"], by_type["KQ.G15.000038"]
    asked = [
        (birth["fields"]["owner_id"]["value"], "KQ.G15.000031", "held-and-valid"),
        (single["fields"]["owner_id"]["value"], "KQ.G15.000038", "held-but-expired"),
        ("048099999999", "KQ.G15.000031", "not-held"),
    ]
    for owner, type_code, answer in asked:
        _, lines, _ = khoso(
            store[0],
            "lookup",
            "--reason",
            WHY,
            "--owner",
            owner,
            "--type",
            type_code,
            "--dossier",
            "H17.12-261124-0077",
        )
        assert lines[0]["answer"] == answer
        assert "pdf" not in lines[0]
    journal = (store[0] / "audit.jsonl").read_text(encoding="utf-8")
    assert journal.count('"event": "asked"') == 3
    assert not any(owner in journal for owner, _, _ in asked)


def test_lookup_needs_a_purpose(store: Store) -> None:
    """Without a dossier nothing is answered."""
    code, lines, _ = khoso(
        store[0], "lookup", "--reason", WHY, "--owner", "048099999999", "--type", "KQ.G15.000031", "--dossier", ""
    )
    assert code == 2
    assert not lines


def test_rebuilt_from_the_vault(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catalogue and index are deleted; `rebuild` brings the same answers back, and what was revoked stays so."""
    home = tmp_path / "home"
    shutil.copytree(store[0], home)
    monkeypatch.setenv("KHOSO_DESK__ROLES__AN", "archivist")
    birth = next(line for line in store[1] if line["type"] == "KQ.G15.000031")
    assert khoso(home, "standing", birth["id"], "revoked", "--reason", "QĐ 12", "--who", "an")[0] == 0
    before = state(home)
    for name in home.glob("catalogue.sqlite*"):
        name.unlink()
    shutil.rmtree(home / "index")
    code, lines, _ = khoso(home, "rebuild")
    assert (code, lines[0]["papers"]) == (0, before["papers"])
    assert state(home) == before
    owner = birth["fields"]["owner_id"]["value"]
    asked = ("--owner", owner, "--type", birth["type"], "--dossier", "H17.12-261124-0077")
    assert khoso(home, "lookup", "--reason", WHY, *asked)[1][0]["answer"] == "held-but-revoked"
    shutil.rmtree(home / "index")
    assert khoso(home, "reindex")[0] == 0
    assert state(home) == before


def disturb(home: Path, folder: Path, after_s: float) -> None:
    """Start an ingest and kill its whole process group after a while."""
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0"}
    with subprocess.Popen(
        [*COMMAND, "ingest", str(folder)], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    ) as process:
        time.sleep(after_s)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_killed_and_gone_on(few: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    """An ingest that is killed again and again ends as one that was left alone."""
    for after_s in (1.5, 6.0, 9.0):
        disturb(tmp_path / "home", few, after_s)
    assert khoso(tmp_path / "home", "ingest", str(few))[0] == 0
    assert state(tmp_path / "home") == undisturbed


def test_an_idle_process_that_is_killed_stops_nothing(settings: Settings, papers: Path) -> None:
    """A process of the pool that is killed between two documents is replaced, and the work goes on."""
    with open_services(settings) as ctx:

        def intake() -> Iterator[Seen]:
            while not (idle := multiprocessing.active_children()):
                time.sleep(0.1)
            for process in idle:
                process.kill()
                process.join()
            time.sleep(1)
            yield take_in(ctx, papers / FEW[1], open_batch(ctx, "test"), Statement())

        run_embedded(ctx, intake(), 1)
        assert [entry.state for entry in ctx.ledger.entries()] == ["done"]


@pytest.mark.long
def test_killed_at_ten_random_moments(papers: Path, store: Store, tmp_path: Path) -> None:
    """Ten kills at random moments of the whole sample set: same catalogue, vault and index, codes included."""
    chance = random.Random(20261124)  # noqa: S311 (moments, no secrets)
    for _ in range(10):
        disturb(tmp_path / "home", papers, chance.uniform(1, 25))
    assert khoso(tmp_path / "home", "ingest", str(papers))[0] == 0
    assert state(tmp_path / "home") == state(store[0])


def start_worker(home: Path, broker: str) -> "subprocess.Popen[bytes]":
    """A worker process that ends when nothing waits."""
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0"}
    return subprocess.Popen(
        [*COMMAND, "worker", "--broker", broker, "--until-idle"], env=environment, start_new_session=True
    )


def test_workers_on_redis(few: Path, undisturbed: dict[str, Any], redis: str, tmp_path: Path) -> None:
    """Through a worker on Redis that is killed in the middle, the papers end as they do embedded."""
    home = tmp_path / "home"
    code, lines, _ = khoso(home, "ingest", str(few), "--broker", redis)
    assert {line["state"] for line in lines} == {"waiting"}
    assert code == 0
    with start_worker(home, redis) as worker:
        time.sleep(9)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    with start_worker(home, redis) as worker:
        assert worker.wait(timeout=300) == 0
    assert state(home) == undisturbed


@pytest.mark.long
def test_all_samples_on_redis(papers: Path, store: Store, redis: str, tmp_path: Path) -> None:
    """All samples through one worker on Redis, killed in the middle: the catalogue is the one of the embedded run."""
    home = tmp_path / "home"
    assert khoso(home, "ingest", str(papers), "--broker", redis)[0] == 0
    with start_worker(home, redis) as worker:
        time.sleep(40)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    with start_worker(home, redis) as worker:
        assert worker.wait(timeout=900) == 0
    assert state(home) == state(store[0])


def test_what_stops_the_line_ends_the_command(papers: Path, redis: str, tmp_path: Path) -> None:
    """A wrong address of the time stamp authority ends `ingest` and the worker with setup's code; the paper waits."""
    home = tmp_path / "home"
    home.mkdir()
    with serve(tmp_path) as pki:
        wrong = f'[signing]\nroots = "{pki.roots}"\n[[signing.time_stamps]]\nurl = "{pki.url}/no/authority"\n'
        (home / "khoso.toml").write_text(wrong, encoding="utf-8")
        code, _, chatter = khoso(home, "ingest", str(papers / FEW[1]))
        assert code == 5
        assert "time_stamp_unusable" in chatter
        assert "HTTP 404" in chatter
        assert khoso(home, "ingest", str(papers / FEW[1]), "--broker", redis)[0] == 0
        with start_worker(home, redis) as worker:
            assert worker.wait(timeout=120) == 5
    with open_services(load_settings(home, {})) as ctx:
        (entry,) = ctx.ledger.entries()
    assert (entry.state, entry.stage, entry.reason.word) == ("waiting", "code", "time_stamp_unusable")


def test_the_bar_tells_the_time_left(few: Path, tmp_path: Path) -> None:
    """At a terminal the bar tells a time left once a paper is done, and ends with every paper done and none left."""
    screen, line = pty.openpty()
    command = [*COMMAND, "ingest", str(few), "--home", str(tmp_path / "home"), "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=line, env={**os.environ, "TERM": "xterm"}):
        os.close(line)
        shown = b""
        with os.fdopen(screen, "rb", buffering=0) as terminal, suppress(OSError):  # so Linux tells that it has ended
            while part := terminal.read(1024):
                shown += part
    plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown.decode())
    got = re.findall(r"(\d+)/3 \d+ pages \S+ (\S+) left", plain)
    assert got[0] == ("0", "-:--:--")
    assert any(done in {"1", "2"} and re.fullmatch(r"0:0\d:\d\d", left) for done, left in got)
    assert got[-1] == ("3", "0:00:00")


def test_ctrl_c_loses_nothing(few: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    """Ctrl-C ends the command with its own exit code, says how to go on, and the same command goes on."""
    environment = {**os.environ, "KHOSO_HOME": str(tmp_path / "home")}
    # a shell starts what it puts in the background deaf to Ctrl-C
    command = ["env", "--default-signal=INT", *COMMAND, "ingest", str(few)]
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None and not any((tmp_path / "home" / "work").glob("*/*.pdf")):
            time.sleep(0.05)  # until the first paper is under way
        os.killpg(process.pid, signal.SIGINT)
        _, chatter = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in chatter
    assert "Traceback" not in chatter
    assert khoso(tmp_path / "home", "ingest", str(few))[0] == 0
    assert state(tmp_path / "home") == undisturbed


def test_a_held_paper_is_filled_in_and_goes_on(tmp_path: Path) -> None:
    """A paper nothing could be read from is held; a person fills in what the catalogue requires, and it is archived."""
    sheet = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(sheet).text((300, 300), "Thông báo về việc nhận kết quả tại Bộ phận Một cửa", fill=0, font_size=40)
    folder = tmp_path / "in"
    folder.mkdir()
    sheet.save(folder / "giấy lạ.png", dpi=(200, 200))
    code, lines, _ = khoso(tmp_path / "home", "ingest", str(folder))
    assert (code, lines[0]["state"]) == (3, "held")
    name = lines[0]["id"]
    assert [line["id"] for line in khoso(tmp_path / "home", "review")[1]] == [name]
    assert khoso(tmp_path / "home", "review", name, "--set", "issued_date=31/01/2026")[0] == 3
    given = (
        "type=TP.H17.990103",
        "number_symbol=7/TB-UBND",
        "issued_date=2026-01-31",
        "issuer=Sở Tư pháp",
        "abstract=thử",
    )
    sets = [part for item in given for part in ("--set", item)]
    code, lines, chatter = khoso(tmp_path / "home", "review", name, *sets)
    assert (code, lines[0]["state"], lines[0]["fields"]["issuer"]["source"]) == (0, "archived", "person"), chatter


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with files that are none, or are not what they say."""
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "empty.pdf").touch()
    (folder / "text.pdf").write_text("hello")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    (folder / "picture.gif").write_bytes(b"GIF89a")
    return folder


def test_odd_files_are_refused(odd: Path, tmp_path: Path) -> None:
    """Each odd file is refused with its reason, is named in `status`, and the exit code says that some were."""
    code, lines, chatter = khoso(tmp_path / "home", "ingest", str(odd))
    assert code == 4
    assert "Traceback" not in chatter
    reasons = {Path(line["source"]).name: line["reason"].partition(":")[0] for line in lines}
    assert reasons == {
        "empty.pdf": "empty_file",
        "text.pdf": "content_mismatch",
        "broken.pdf": "damaged",
        "broken.jpg": "damaged",
        "picture.gif": "unsupported_format",
    }
    assert {line["state"] for line in lines} == {"refused"}
    assert sorted(item.name for item in odd.iterdir()) == sorted(reasons)
    assert khoso(tmp_path / "home", "status")[0] == 4


def test_settings_refuse_what_they_do_not_know(settings: Settings) -> None:
    """A misspelt variable stops every command with the name of it."""
    done = subprocess.run(
        [*COMMAND, "status"],
        env={**os.environ, "KHOSO_HOME": str(settings.home), "KHOSO_WROK__TRIES": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    assert "wrok" in done.stderr
