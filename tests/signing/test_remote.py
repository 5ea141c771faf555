"""Keys with a remote service sign as keys in memory do; a person is asked once for a batch, and no PIN sent twice."""

import hashlib
import json
import logging
import re
import socket
import ssl
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from config.signing import RemoteSettings, SigningSettings
from domain import clock
from domain.errors import Disposition, KhosoError
from signing.errors import KeysUnusable, PinRefused, RemoteAway
from signing.keys.credentials import Algorithm, is_signature
from signing.keys.kinds import key_anchors
from signing.keys.remote import RemoteKey, open_remote, service_state
from signing.signer import open_signers
from signing.verification.verify import verify_pdf
from tests.support.csc_service import ACCESS, OTP, PIN, SigningService, serve_keys
from tests.support.pki import SIGNED_AT, Pki, serve
from tests.support.signing_papers import paper, program
from tests.support.terminal import at_a_terminal
from tests.support.tokens import Shelf, ec_key

WRONG_PIN = "108108"
DIGESTS = [hashlib.sha256(bytes([number])).digest() for number in range(25)]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The authority that certified the keys."""
    with serve(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture
def service(pki: Pki) -> Iterator[SigningService]:
    """A service that asks for nothing."""
    with serve_keys(pki) as serving:
        yield serving


@pytest.fixture
def remote(pki: Pki, service: SigningService, tmp_path: Path) -> Callable[..., RemoteSettings]:
    """Settings of a role's key; values change them."""
    root = tmp_path / "root.pem"
    root.write_bytes(pki.certificate("root").public_bytes(Encoding.PEM))

    def message(role: str = "officer", **values: object) -> RemoteSettings:
        given = {"url": service.url, "credential": f"khoso/{role}", "certificates": root, "timeout_s": 5}
        return RemoteSettings.model_validate(given | values)

    return message


def both(remote: Callable[..., RemoteSettings], folder: Path, **values: object) -> SigningSettings:
    """Settings with the keys of both roles at the service."""
    places = {f"{role}_remote": remote(role, **values) for role in ("officer", "agency")}
    return SigningSettings.model_validate({"kind": "remote", "keys": folder / "keys", **places})


def written(path: Path, secret: str) -> Path:
    """A private file."""
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(f"{secret}\n", encoding="utf-8")
    return path


def sign(settings: RemoteSettings, folder: Path, digests: list[bytes] = DIGESTS[:1]) -> list[bytes]:
    """Open the key and sign digests."""
    with open_remote(settings, folder) as credential:
        assert isinstance(credential.key, RemoteKey)
        return credential.key.sign_all(digests, credential.algorithm)


def refused(settings: RemoteSettings, folder: Path) -> KhosoError:
    """The error that ends the opening or the signing."""
    with pytest.raises(KhosoError) as caught:
        sign(settings, folder)
    assert caught.value.advice
    return caught.value


@pytest.mark.parametrize("padding", ["pss", "pkcs1"])
def test_one_authorisation_for_a_batch(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path, padding: str
) -> None:
    """Eight papers signed and sealed take one authorisation of each role, and all signatures are trusted."""
    settings = both(remote, tmp_path, padding=padding)
    with open_signers(settings) as signers:
        for _ in range(8):
            sealed = signers.seal(signers.sign_copy(paper(), SIGNED_AT), SIGNED_AT, "B-B")
        assert signers.anchors() == key_anchors(settings)
        assert [item.problem for item in verify_pdf(sealed, signers.anchors(), SIGNED_AT)] == ["", ""]
    assert (service.count("credentials/authorize"), service.count("signatures/signHash")) == (2, 16)


@pytest.mark.parametrize(
    ("label", "padding", "algorithm"),
    [("officer", "pss", Algorithm.PSS), ("officer", "pkcs1", Algorithm.PKCS1), ("tsa", "pss", Algorithm.ECDSA)],
)
def test_every_algorithm(
    remote: Callable[..., RemoteSettings], tmp_path: Path, label: str, padding: str, algorithm: Algorithm
) -> None:
    """The service signs by every algorithm in use."""
    with open_remote(remote(label, padding=padding), tmp_path) as credential:
        assert credential.algorithm is algorithm
        assert is_signature(credential.sign(b"text"), b"text", credential.certificate, algorithm)


@pytest.mark.parametrize("is_pinned", [False, True])
def test_digests_in_groups(
    remote: Callable[..., RemoteSettings], service: SigningService, pki: Pki, tmp_path: Path, is_pinned: bool
) -> None:
    """Many digests go in as few requests as the service allows, in order, pinned to the authorisation or not."""
    service.is_pinned = is_pinned
    made = sign(remote(), tmp_path, DIGESTS)
    assert (service.count("credentials/authorize"), service.count("signatures/signHash")) == (3, 3)
    certificate = pki.certificate("officer")
    assert all(
        is_signature(signature, bytes([number]), certificate, Algorithm.PSS) for number, signature in enumerate(made)
    )


def test_processes_share_an_authorisation(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path
) -> None:
    """Whoever opens the key next goes on with what is left; nobody else can read it, and it is renewed when used up."""
    for _ in range(10):
        sign(remote(), tmp_path)
    assert service.count("credentials/authorize") == 1
    (file,) = tmp_path.glob("authorisation-????????????????")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sign(remote(), tmp_path)
    assert service.count("credentials/authorize") == 2
    sign(remote(batch=3), tmp_path, DIGESTS[:7])
    assert service.count("credentials/authorize") == 2


def test_authorisation_that_ends(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path
) -> None:
    """One that has ended is not used; one that the service forgot is replaced once."""
    service.lasts_s = 5
    sign(remote(), tmp_path)
    service.lasts_s = 300
    sign(remote(), tmp_path)
    assert service.count("credentials/authorize") == 2
    service.left.clear()
    sign(remote(), tmp_path)
    assert (service.count("credentials/authorize"), service.count("signatures/signHash")) == (3, 4)


def test_wrong_pin_is_sent_once(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A PIN that was refused is not sent again by anybody until its file has changed; nothing tells it."""
    caplog.set_level(logging.DEBUG)
    service.pin = PIN
    settings = remote(pin_file=written(tmp_path / "pin", WRONG_PIN))
    message = [refused(settings, tmp_path) for _ in range(3)]
    assert all(isinstance(error, PinRefused) for error in message)
    assert {error.disposition for error in message} == {Disposition.HALT}
    assert service.count("credentials/authorize") == 1
    written(tmp_path / "pin", PIN)
    assert sign(settings, tmp_path)
    spoken = caplog.text + "".join(error.explain() for error in message)
    assert "invalid_pin" in spoken
    assert "in free words" not in spoken
    assert not any(secret in spoken for secret in (PIN, WRONG_PIN))


def test_a_pin_in_trouble_is_the_services(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path
) -> None:
    """Wrong, refused before or missing: what is told names the signing service, in both languages, and no token."""
    service.pin = PIN
    pin = written(tmp_path / "pin", WRONG_PIN)
    errors = [refused(remote(pin_file=pin), tmp_path) for _ in range(2)]
    pin.unlink()
    errors.append(refused(remote(pin_file=pin), tmp_path))
    assert [error.what for error in errors] == ["pin_or_otp_refused", "pin_refused_before", "secret_file_not_read"]
    for error in errors:
        assert "the signing service" in error.told.text("en")
        assert "dịch vụ ký số" in error.told.text("vi")
        assert not re.search("token|thiết bị", error.told.text("en") + error.told.text("vi"))


def test_pin_file_is_private(remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path) -> None:
    """A PIN file that others can read is refused before the service hears of it; so is a missing one."""
    service.pin = PIN
    settings = remote(pin_file=written(tmp_path / "pin", PIN))
    (tmp_path / "pin").chmod(0o640)
    assert "others" in str(refused(settings, tmp_path))
    assert "nobody is at a terminal" in str(refused(remote(), tmp_path))
    assert service.count("credentials/authorize") == 0


def test_person_is_asked_once_for_a_batch(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path
) -> None:
    """PIN and one-time password are typed once; the processes of the batch sign by the same authorisation."""
    service.otp = OTP
    code, shown = at_a_terminal(both(remote, tmp_path), OTP, 3)
    assert (code, shown.count("signed")) == (0, 3), shown
    assert shown.count("one-time password of the signing service") == 2  # of the officer and of the agency
    assert service.count("credentials/sendOTP") == 2
    assert service.count("credentials/authorize") == 2
    assert OTP not in shown


def test_person_mistypes(remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path) -> None:
    """A wrong one-time password is sent once, and the command ends before any paper is touched."""
    service.otp = OTP
    code, shown = at_a_terminal(both(remote, tmp_path), WRONG_PIN, 1)
    assert code != 0
    assert "PinRefused" in shown
    assert "signed" not in shown
    assert service.count("credentials/authorize") == 1


def test_person_for_every_signature(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path
) -> None:
    """A credential that wants a person for each signature is no way to work through a batch, and is told so."""
    service.otp, service.is_pinned = OTP, True
    with open_remote(remote(), tmp_path) as credential, pytest.raises(KeysUnusable, match="every signature"):
        credential.key.get_ready()


def test_access(remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path) -> None:
    """The access token comes from a private file, which may be renewed while khoso works."""
    service.access = ACCESS
    file = written(tmp_path / "access", "stale")
    settings = remote(access_file=file)
    assert "401" in str(refused(settings, tmp_path))
    assert "401" in str(refused(remote(), tmp_path))
    written(file, ACCESS)
    with open_remote(settings, tmp_path) as credential:
        service.access = ACCESS[::-1]
        written(file, ACCESS[::-1])
        assert credential.sign(b"text")


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (lambda: web.Response(status=503), RemoteAway, "HTTP 503"),
        (lambda: web.Response(status=429), RemoteAway, "HTTP 429"),
        (lambda: web.Response(status=404), KeysUnusable, "HTTP 404"),
        (lambda: web.Response(status=302, headers={"Location": "https://127.0.0.1/"}), RemoteAway, "something else"),
        (lambda: web.Response(text="<html>"), RemoteAway, "something else"),
        (lambda: web.json_response([]), RemoteAway, "something else"),
        (lambda: web.json_response({"cert": {}}), RemoteAway, "something else"),
    ],
)
def test_answers_that_are_none(
    remote: Callable[..., RemoteSettings],
    service: SigningService,
    tmp_path: Path,
    answer: Callable[[], web.Response],
    kind: type[KhosoError],
    message: str,
) -> None:
    """A service that cannot answer now, or behind a gateway, is asked again; one that refuses us stops the line."""
    service.answer = answer
    error = refused(remote(), tmp_path)
    assert isinstance(error, kind)
    assert message in str(error)
    assert error.disposition is (Disposition.RETRY if kind is RemoteAway else Disposition.HALT)


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"key": {"status": "disabled", "algo": []}}, "disabled"),
        ({"authMode": "oauth2code"}, "oauth2code"),
        ({"key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.11"]}}, "cannot sign with"),
    ],
)
def test_credentials_that_do_not_fit(
    remote: Callable[..., RemoteSettings],
    service: SigningService,
    tmp_path: Path,
    info: dict[str, object],
    message: str,
) -> None:
    """A key that is disabled, authorised otherwise, or knows no PSS, stops the line and says what to do."""
    service.info = info
    assert message in str(refused(remote(), tmp_path))
    if "cannot sign" in message:
        assert sign(remote(padding="pkcs1"), tmp_path)


def test_nobody_there(remote: Callable[..., RemoteSettings], tmp_path: Path) -> None:
    """A refused connection and a service that keeps silent are told as away, within the time limit."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert isinstance(refused(remote(url=url), tmp_path), RemoteAway)
        silent.listen()
        assert "ReadTimeout" in str(refused(remote(url=url, timeout_s=0.3), tmp_path))


def test_lost_answer_costs_no_paper(
    remote: Callable[..., RemoteSettings], service: SigningService, tmp_path: Path
) -> None:
    """When the service goes away between papers, the next try goes on with the same authorisation."""
    with open_remote(remote(), tmp_path) as credential:
        assert credential.sign(b"one")
        service.answer = lambda: web.Response(status=500)
        with pytest.raises(RemoteAway):
            credential.sign(b"two")
        service.answer = None
        assert credential.sign(b"two")
    assert service.count("credentials/authorize") == 1


def test_only_by_tls(remote: Callable[..., RemoteSettings], pki: Pki, tmp_path: Path) -> None:
    """Without TLS only this machine is asked; a service whose certificate is not trusted hears nothing."""
    with pytest.raises(ValidationError, match="https"):
        remote(url="http://signing.example.vn/ras")
    key = pki.credential("agency")
    pem = tmp_path / "tls.pem"
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    made = Shelf(shelf, ec_key)
    made.certify("agency", key)
    pem.write_bytes((made.keys / "agency.key").read_bytes() + made.certificates("agency").read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as private:
                        heard.append(private.recv(1000))
                except OSError:
                    heard.append(b"")

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        error = refused(remote(url=url), tmp_path)
        thread.join(5)
    assert "TLS" in str(error)
    assert isinstance(error, RemoteAway)
    assert heard == [b""]


def test_token_beside_a_service(
    remote: Callable[..., RemoteSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The officer's key may lie with a service and the agency's on a token."""
    program("softhsm2-util")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    shelf = Shelf(tmp_path, ec_key)
    shelf.add("desk", "agency")
    places = {"officer_remote": remote(), "agency_token": shelf.token("agency")}
    settings = SigningSettings.model_validate({"kind": "remote", "keys": tmp_path / "own" / "keys", **places})
    with open_signers(settings) as signers:
        at = clock.now()
        sealed = signers.seal(signers.sign_copy(paper(), at), at, "B-B")
        assert [item.problem for item in verify_pdf(sealed, signers.anchors(), at)] == ["", ""]
    with pytest.raises(ValidationError, match="officer_remote"):
        SigningSettings.model_validate({"kind": "remote", "keys": tmp_path / "keys", "officer_remote": remote()})


def test_doctor_looks_at_the_service(remote: Callable[..., RemoteSettings], service: SigningService) -> None:
    """`doctor` tells whose key the service has, and asks for no authorisation."""
    assert service_state(remote()) == "Nguyễn Thị Ngọc Ánh, until 2029-01-01"
    assert service.asked == ["credentials/info"]
    assert json.loads(remote().model_dump_json())["url"] == service.url
