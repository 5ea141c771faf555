"""National and sector databases: what they answer is told, what they do not answer is told too."""

import ipaddress
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from archive.journal import Journal
from config.models import Component
from config.registers import RegisterSettings
from config.settings import load_settings
from config.store import enter_store
from domain.clock import today
from domain.errors import SetupError
from services.context import open_services
from services.registers.breaker import Breaker
from services.registers.interface import Elsewhere
from services.registers.kept import Kept, Key
from services.registers.registers import Registers, open_registers
from tests.support.desk import WHY, run_json
from tests.support.held_papers import OWNER as HOLDER
from tests.support.held_papers import hold
from tests.support.registers import HELD, Answer, Reference, breaks, drips, says, served, waits

OWNER, KEY, DOSSIER = "048085001234", "f00d", "H17.12-261124-0001"
# Of 1.004222 on the national list: declaration, dwelling, kinship, contract, size of the dwelling.
CT01, CO, QH, HDT, SIZE = (f"000.00.00.G01-KQ00360{n}" for n in (4, 5, 6, 7, 8))
BIRTH = Component(code="KS", name="Giấy khai sinh", types=("KQ.G15.000031",), elsewhere="population")
MARRIAGE = Component(code="KH", name="Giấy chứng nhận kết hôn", types=("KQ.G15.000032",), elsewhere="population")


@pytest.fixture(scope="module")
def server() -> Iterator[Reference]:
    """One server for all tests; each begins anew."""
    with served() as reference:
        yield reference


@pytest.fixture
def reference(server: Reference) -> Reference:
    """The server, which holds everything and was asked nothing."""
    server.answers(says(HELD))
    for noted in (server.asked, server.paths, server.headers):
        noted.clear()
    return server


@pytest.fixture
def registers(reference: Reference) -> Iterator[Registers]:
    """The population database, connected."""
    with connected(reference) as opened:
        yield opened


def connected(reference: Reference, **settings: Any) -> Any:
    """The population database with these settings."""
    values = {"url": reference.url, "timeout_s": 5, **settings}
    return open_registers({"population": RegisterSettings.model_validate(values)})


def ask(
    registers: Registers, component: Component = BIRTH, *, consent: bool = False, dossier: str = DOSSIER
) -> Elsewhere:
    """Ask in a look-up of its own."""
    return registers.about(OWNER, owner_key=KEY, dossier=dossier, consent=consent).ask("population", component)


def test_what_is_found_is_told(reference: Reference, registers: Registers) -> None:
    """The question goes in the body, for a purpose; issuer, number and days come back by our names."""
    answer = ask(registers)
    assert answer.model_dump(mode="json") == {
        "state": "found",
        "source": "population",
        "reason": None,
        "issuer": "Ủy ban nhân dân phường Hải Châu",
        "number_symbol": "215/2019",
        "issued": "2019-09-20",
        "valid_until": None,
    }
    assert reference.asked == [
        {"SoDinhDanh": OWNER, "MaHoSo": DOSSIER, "MaThanhPhanHoSo": "KS", "MaGiayTo": ["KQ.G15.000031"]}
    ]
    assert reference.paths == ["/tra-cuu"]


def test_the_desk_asks_the_databases_of_the_settings(reference: Reference, tmp_path: Path) -> None:
    """A look-up of a procedure asks for what is not held here, about the owner and for the dossier; it is on record."""
    (tmp_path / "khoso.toml").write_text(f'[elsewhere.population]\nurl = "{reference.url}"\n')
    settings = load_settings(tmp_path, {})
    enter_store(settings)
    code, seen = run_json(
        settings, "lookup", "--reason", WHY, "--owner", OWNER, "--dossier", DOSSIER, "--procedure", "1.004222"
    )
    answers = {line["component"]: line for line in seen}
    assert code == 0
    assert {name: answers[name]["answer"] for name in (CT01, CO, QH, HDT)} == {
        CT01: "must-be-brought",
        CO: "owner-unknown",
        QH: "held-elsewhere",
        HDT: "must-be-brought",
    }
    assert (answers[QH]["issuer"], answers[QH]["source"]) == ("Ủy ban nhân dân phường Hải Châu", "population")
    assert answers[CO]["why"].startswith("Nothing is held of those who were asked about")
    assert {(asked["MaThanhPhanHoSo"], asked["MaHoSo"]) for asked in reference.asked} == {
        (QH, DOSSIER),
        (SIZE, DOSSIER),
    }
    events = list(Journal(settings.journal).events())
    assert [event["answer"] for event in events if event["for"] == QH] == ["held-elsewhere"]


def test_five_components_get_five_answers(reference: Reference, tmp_path: Path) -> None:
    """Exchanging a land certificate: one is written anew, two valid for this use, one not held, one elsewhere."""
    (tmp_path / "khoso.toml").write_text(f'[elsewhere.population]\nurl = "{reference.url}"\n')
    settings = load_settings(tmp_path, {})
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "land", type_code="KQ.G10.001147")
        hold(ctx, tmp_path, "permit", type_code="KQ.G17.000311", valid_until=today() - timedelta(days=1))
    code, seen = run_json(
        settings, "lookup", "--reason", WHY, "--owner", HOLDER, "--dossier", DOSSIER, "--procedure", "1.012783"
    )
    assert code == 0
    assert [(line["component"], line["answer"]) for line in seen] == [
        ("DON", "must-be-brought"),
        ("GCN", "held-and-valid"),
        ("XD", "held-and-valid"),  # the works were to begin until yesterday; what it proves of a house stays
        ("QD", "not-held"),
        ("KH", "held-elsewhere"),
    ]
    events = [(event["for"], event["answer"]) for event in Journal(settings.journal).events()]
    assert events == [(line["component"], line["answer"]) for line in seen]
    assert [asked["MaThanhPhanHoSo"] for asked in reference.asked] == ["KH"], "what is held is not asked for elsewhere"


def test_the_fields_have_the_names_of_the_settings(reference: Reference, tmp_path: Path) -> None:
    """Names, places in the answer, codes of paper types and the token are those of the database."""
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    settings = {
        "token_file": token,
        "asks": {"owner": "cccd", "dossier": "", "component": "", "types": "loai"},
        "answers": {"found": "data.0.co", "owner": "data.0.cccd", "issuer": "", "number_symbol": "data.0.so"},
        "types": {"KQ.G15.000031": "GKS"},
    }
    reference.answers(says({"data": [{"co": "true", "so": "7", "cccd": OWNER}]}))
    with connected(reference, **settings) as registers:
        answer = ask(registers)
    assert (answer.state, answer.number_symbol, answer.issuer) == ("found", "7", None)
    assert reference.asked == [{"cccd": OWNER, "loai": ["GKS"]}]
    assert reference.headers[0]["Authorization"] == "Bearer s3cret"


def test_what_is_not_there(reference: Reference, registers: Registers) -> None:
    """A database may say no; a paper that has ended is not there either, and the day is told."""
    reference.answers(says({"TonTai": 0}))
    assert (ask(registers).state, ask(registers).reason) == ("not_there", None)
    day = today() - timedelta(days=1)
    reference.answers(says(HELD | {"ThoiHanHieuLuc": day.isoformat()}))
    ended = ask(registers)
    assert (ended.state, str(ended.reason)) == ("not_there", f"in the database quốc gia về dân cư it ended on {day}")
    reference.answers(says(HELD | {"ThoiHanHieuLuc": today().isoformat()}))
    assert ask(registers).state == "found", "a paper holds on its last day"


@pytest.mark.parametrize(
    ("answer", "reason", "times"),
    [
        (says(HELD, 500), "refuses the question (HTTP 500)", 1),
        (says(HELD, 401), "refuses the question (HTTP 401)", 1),
        (says(HELD, 404), "refuses the question (HTTP 404)", 1),
        (says(HELD, 204), "refuses the question (HTTP 204)", 1),
        (says(HELD, 307), "refuses the question (HTTP 307)", 1),
        (says(HELD, 503), "cannot answer now (HTTP 503)", 2),
        (breaks, "cannot be reached (", 2),
        (waits(1.0), "did not answer within 0.4 s", 1),
        (drips, "did not answer within 0.4 s", 1),
        (says(b"x" * 65537), "answers with more than 64 KiB", 1),
        (says(b"<html>"), "cannot be understood: it is no JSON", 1),
        (says(b"\xff"), "cannot be understood: it is no JSON", 1),
        (says(b"[" * 60000), "cannot be understood: it is no JSON", 1),
        (says([]), "cannot be understood: `TonTai` is missing or no such value", 1),
        (says({}), "cannot be understood: `TonTai` is missing or no such value", 1),
        (says({"TonTai": OWNER}), "cannot be understood: `TonTai` is missing or no such value", 1),
        (says(HELD | {"NgayCap": "31/02/2019"}), "cannot be understood: `NgayCap` is missing or no such value", 1),
        (says(HELD | {"SoKyHieu": {"a": OWNER}}), "cannot be understood: `SoKyHieu` is missing or no such value", 1),
        (says(HELD | {"SoKyHieu": "1" * 201}), "cannot be understood: `SoKyHieu` is missing or no such value", 1),
        (says(HELD | {"SoDinhDanh": "048085009999"}), "cannot be understood: it is about somebody else", 1),
    ],
)
def test_every_failure_is_told(
    reference: Reference, caplog: pytest.LogCaptureFixture, answer: Answer, reason: str, times: int
) -> None:
    """Whatever goes wrong, the clerk is told; nothing is concluded from it, and no identifier is in words or logs."""
    caplog.set_level(logging.DEBUG)
    reference.answers(answer)
    answers = {"owner": "SoDinhDanh"} if "somebody" in reason else {}
    with connected(reference, timeout_s=0.4 if "0.4" in reason else 5, answers=answers) as registers:
        got = ask(registers)
    assert got.state == "unavailable"
    assert str(got.reason).startswith("the database quốc gia về dân cư ")
    assert reason in str(got.reason)
    assert len(reference.asked) == times
    assert OWNER not in got.model_dump_json()
    assert OWNER not in caplog.text


def test_a_busy_server_is_asked_once_more(reference: Reference, registers: Registers) -> None:
    """A question changes nothing, so it may be asked again."""
    for first in (says(HELD, 503), breaks):
        reference.answers(first, says(HELD))
        assert ask(registers).state == "found"


def test_a_server_that_is_not_there(reference: Reference) -> None:
    """Nobody listens: told at once."""
    with served() as gone:
        pass
    with connected(gone) as registers:
        assert "cannot be reached (" in str(ask(registers).reason)
    assert not reference.asked


def test_what_is_not_connected(registers: Registers) -> None:
    """A component may name a database that the settings do not have."""
    about = registers.about(OWNER, owner_key=KEY, dossier=DOSSIER)
    answer = about.ask("land", BIRTH)
    assert (answer.state, str(answer.reason)) == (
        "not_connected",
        "the database quốc gia về đất đai, which may hold Giấy khai sinh, is not connected",
    )


def test_one_look_up_waits_once(reference: Reference, registers: Registers) -> None:
    """A database that failed for one component is not waited for again for the next; the next look-up asks anew."""
    reference.answers(says(HELD, 500))
    about = registers.about(OWNER, owner_key=KEY, dossier=DOSSIER)
    assert about.ask("population", BIRTH) == about.ask("population", MARRIAGE)
    assert len(reference.asked) == 1
    reference.answers(says(HELD))
    assert ask(registers, MARRIAGE).state == "found"


def test_a_failing_database_is_left_alone(reference: Reference) -> None:
    """After three failures it is not asked for a while; then one question tries, and success closes the circuit."""
    clock = [0.0]
    reference.answers(says(HELD, 500))
    with connected(reference, failures=3, rest_s=30) as registers:
        registers.breakers["population"] = Breaker(3, 30, clock=lambda: clock[0])
        for _ in range(5):
            last = ask(registers)
        assert len(reference.asked) == 3
        assert str(last.reason) == "the database quốc gia về dân cư failed several times and is left alone for a while"
        clock[0] = 29.9
        assert ask(registers).reason == last.reason
        clock[0] = 30.0
        assert "HTTP 500" in str(ask(registers).reason)
        assert ask(registers).reason == last.reason, "the trial failed"
        clock[0] = 60.0
        reference.answers(says(HELD))
        assert [ask(registers).state for _ in range(3)] == ["found"] * 3


def test_only_one_tries_while_half_open() -> None:
    """The others are told to wait until the trial is known."""
    clock = [0.0]
    breaker = Breaker(1, 10, clock=lambda: clock[0])
    breaker.failed()
    clock[0] = 10.0
    assert [breaker.may_try() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.may_try()


def test_answers_are_kept_with_consent_only(reference: Reference, registers: Registers) -> None:
    """Without the owner's consent nothing is kept; with it, for this dossier alone, and until it is withdrawn."""
    for _ in range(2):
        ask(registers)
    assert (len(reference.asked), len(registers.kept)) == (2, 0)
    for _ in range(3):
        assert ask(registers, consent=True).state == "found"
    assert (len(reference.asked), len(registers.kept)) == (3, 1)
    ask(registers, consent=True, dossier="H17.12-261124-0002")
    assert len(reference.asked) == 4, "consent is for a purpose"
    ask(registers)
    assert (len(reference.asked), len(registers.kept)) == (5, 1), "withdrawn"
    assert OWNER not in repr(registers.kept._answers)


def test_only_what_was_found_is_kept(reference: Reference, registers: Registers) -> None:
    """What is not there today may be there in a minute, and a failure is no answer."""
    for answer in (says({"TonTai": False}), says(HELD, 500)):
        reference.answers(answer)
        ask(registers, consent=True)
        assert len(registers.kept) == 0


def test_kept_answers_end() -> None:
    """An answer is given again for its seconds and not longer."""
    clock = [0.0]
    kept, key = Kept(clock=lambda: clock[0]), Key("population", KEY, DOSSIER, "KS")
    answer = Elsewhere(state="found", source="population")
    kept.keep(key, answer, 600)
    clock[0] = 599.9
    assert kept.find(key) == answer
    clock[0] = 600.0
    assert kept.find(key) is None
    assert len(kept) == 0


def test_tls_is_checked(tmp_path: Path) -> None:
    """A server whose certificate no authority of ours vouches for is not asked: it never sees the identifier."""
    pem = tmp_path / "server.pem"
    _certificate(pem)
    with served(tls=pem) as reference:
        with connected(reference) as registers:
            assert "cannot be reached (" in str(ask(registers).reason)
        assert not reference.asked
        with connected(reference, roots=pem) as registers:
            assert ask(registers).state == "found"


@pytest.mark.parametrize(
    "url",
    [
        "http://csdl.gov.vn/a",
        "ftp://127.0.0.1/",
        "https://u:p@csdl.gov.vn/",
        "https://csdl.gov.vn/?id=1",
        "http://127.0.0.1.gov.vn/",
    ],
)
def test_addresses_that_are_refused(tmp_path: Path, url: str) -> None:
    """Without TLS only on this machine; no password and no query in an address."""
    (tmp_path / "khoso.toml").write_text(f'[elsewhere.population]\nurl = "{url}"\n')
    with pytest.raises(SetupError, match=r"elsewhere\.population\.url"):
        load_settings(tmp_path, {})


def test_the_token_is_private(tmp_path: Path) -> None:
    """A token that others may read, an empty one and a missing one stop the line with the file's name."""
    token = tmp_path / "token"
    for content, mode, message in (
        ("a", 0o644, "read by others"),
        ("", 0o600, "is no token"),
        (None, 0, "cannot be read"),
    ):
        token.unlink(missing_ok=True)
        if content is not None:
            token.write_text(content)
            token.chmod(mode)
        settings = RegisterSettings(url="https://csdl.gov.vn/", token_file=token)
        with pytest.raises(SetupError, match=message) as caught, open_registers({"land": settings}):
            pass
        assert str(token) in caught.value.explain()


def _certificate(path: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *form))
