"""Keys on PKCS#11 tokens sign as keys in memory do, and a token is neither locked nor doubted when it was away."""

import logging
import multiprocessing
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import pikepdf
import pytest
from pkcs11 import TokenFlag
from pydantic import ValidationError

from config.signing import SigningSettings, TokenSettings
from domain import clock
from domain.errors import Disposition, ExitCode, KhosoError
from signing.errors import KeysUnusable, PinRefused, TokenAway
from signing.interface import COPY_FIELD, SEAL_FIELD, Signers
from signing.keys.credentials import Algorithm, PrivateKey
from signing.keys.kinds import key_anchors, open_credentials
from signing.keys.token_module import present
from signing.pades.check import check_signature
from signing.signer import open_signers
from signing.verification.verify import verify_pdf
from tests.support.signing_papers import AGENCY, OFFICER, paper, program
from tests.support.terminal import at_a_terminal
from tests.support.tokens import PIN, WRONG_PIN, Shelf, ec_key, rsa_key

AT = clock.now()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A shelf with one token that holds both keys, on a curve, for these are made fast."""
    return _shelf(tmp_path, monkeypatch, ec_key)


@pytest.fixture
def rsa_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A shelf with one token that holds both keys, for RSA."""
    return _shelf(tmp_path, monkeypatch)


def _shelf(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    new_key: Callable[[], PrivateKey] = rsa_key,
    *,
    is_empty: bool = False,
) -> Shelf:
    program("softhsm2-util")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    made = Shelf(folder, new_key)
    if not is_empty:
        made.add("desk", "officer", "agency")
    return made


def sealed_by(signers: Signers) -> bytes:
    """A paper, signed and sealed."""
    return signers.seal(signers.sign_copy(paper(), AT), AT)


@pytest.mark.parametrize(
    ("new_key", "padding", "algorithm"),
    [
        pytest.param(rsa_key, "pss", Algorithm.PSS, id="RSA-2048 PSS"),
        pytest.param(lambda: rsa_key(3072), "pss", Algorithm.PSS, id="RSA-3072 PSS"),
        pytest.param(rsa_key, "pkcs1", Algorithm.PKCS1, id="RSA-2048 PKCS#1"),
        pytest.param(lambda: rsa_key(3072), "pkcs1", Algorithm.PKCS1, id="RSA-3072 PKCS#1"),
        pytest.param(ec_key, "pss", Algorithm.ECDSA, id="ECDSA P-256"),
    ],
)
def test_every_algorithm(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    new_key: Callable[[], PrivateKey],
    padding: str,
    algorithm: Algorithm,
) -> None:
    """Both signatures by a token's keys are trusted by pyHanko and by OpenSSL."""
    shelf = _shelf(tmp_path, monkeypatch, new_key)
    settings = shelf.settings(padding=padding)
    with open_signers(settings) as signers:
        sealed = sealed_by(signers)
        verdicts = verify_pdf(sealed, signers.anchors(), AT)
        assert signers.anchors() == key_anchors(settings)
    assert [(verdict.signer, verdict.problem) for verdict in verdicts] == [(OFFICER, ""), (verdicts[1].signer, "")]
    assert AGENCY.startswith(verdicts[1].signer.rstrip("…"))
    _openssl_verifies(sealed, shelf, algorithm)


def _openssl_verifies(pdf: bytes, shelf: Shelf, algorithm: Algorithm) -> None:
    with pikepdf.open(BytesIO(pdf)) as document:
        for field in document.Root.AcroForm.Fields:
            first, start, end, rest = (int(number) for number in field.V.ByteRange)
            signature = bytes.fromhex(pdf[start + 1 : end - 1].decode())
            (shelf.folder / "signature").write_bytes(signature)
            (shelf.folder / "content").write_bytes(pdf[first:start] + pdf[end : end + rest])
            command = [program("openssl"), "cms", "-verify", "-cades", "-inform", "DER", "-in", "signature"]
            command += ["-content", "content", "-binary", "-CAfile", "keys/root.pem", "-purpose", "any"]
            run = subprocess.run(command, cwd=shelf.folder, capture_output=True, check=False)
            assert run.returncode == 0, run.stderr
            command = [program("openssl"), "cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature"]
            run = subprocess.run(command, cwd=shelf.folder, capture_output=True, check=True)
            message = run.stdout.decode(errors="replace").split("signerInfos:")[1]
            names = {
                Algorithm.PSS: "rsassaPss",
                Algorithm.PKCS1: "sha256WithRSAEncryption",
                Algorithm.ECDSA: "ecdsa-with-SHA256",
            }
            assert f"algorithm: {names[algorithm]}" in message


@pytest.mark.parametrize("lacks", ["SHA256_RSA_PKCS_PSS", "SHA256_RSA_PKCS"])
def test_token_that_does_not_digest(rsa_shelf: Shelf, lacks: str) -> None:
    """A token that only knows the bare operation of a key signs all the same; the digest is made here."""
    rsa_shelf.forget_mechanisms(lacks)
    with open_signers(rsa_shelf.settings(padding="pss" if "PSS" in lacks else "pkcs1")) as signers:
        assert check_signature(signers.sign_copy(paper(), AT), COPY_FIELD)


def test_token_without_pss(rsa_shelf: Shelf) -> None:
    """A token that knows no PSS stops the line at the start and says which setting it needs; it works with that."""
    rsa_shelf.forget_mechanisms("SHA256_RSA_PKCS_PSS", "RSA_PKCS_PSS")
    with pytest.raises(KeysUnusable) as caught, open_signers(rsa_shelf.settings()):
        pass
    assert "pkcs1" in caught.value.advice
    with open_signers(rsa_shelf.settings(padding="pkcs1")) as signers:
        assert sealed_by(signers)


def test_two_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Officer and agency may have a token each."""
    shelf = _shelf(tmp_path, monkeypatch, ec_key, is_empty=True)
    shelf.add("person", "officer")
    shelf.add("office", "agency")
    with open_signers(shelf.settings("person", "office")) as signers:
        assert [verdict.problem for verdict in verify_pdf(sealed_by(signers), signers.anchors(), AT)] == ["", ""]


def test_tokens_of_one_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two tokens of one label neither is guessed; the serial number tells which."""
    shelf = _shelf(tmp_path, monkeypatch, ec_key, is_empty=True)
    shelf.add("desk", "officer", "agency")
    (first,) = shelf.serials("desk")
    shelf.add("desk")
    with pytest.raises(KeysUnusable, match="2 tokens") as caught, open_credentials(shelf.settings()):
        pass
    assert first in caught.value.advice
    for label in ("desk", ""):
        with open_credentials(shelf.settings(label, label, serial=first)) as (officer, _):
            assert officer.person == OFFICER


def test_certificates_on_the_token(shelf: Shelf) -> None:
    """The certificate may lie on the token; the file then adds what is missing up to the root, or nothing."""
    shelf.put_certificate("desk", shelf.keys / "officer.pem")
    token = shelf.token("officer", certificates=shelf.keys / "root.pem")
    settings = shelf.settings().model_copy(update={"officer_token": token})
    with open_credentials(settings) as (officer, _):
        assert (officer.person, len(officer.chain)) == (OFFICER, 1)
    settings = shelf.settings().model_copy(update={"officer_token": shelf.token("officer", certificates=None)})
    with pytest.raises(KeysUnusable, match="issuer"), open_credentials(settings):
        pass
    shelf.put_certificate("desk", shelf.keys / "root.pem")
    with open_credentials(settings) as (officer, _):
        assert officer.person == OFFICER


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"module": "/nowhere/module.so"}, "cannot be loaded"),
        ({"key": "nobody"}, "none of the keys"),
        ({"key": ""}, "2 of the keys"),
        ({"certificates": "/nowhere.pem"}, "cannot be read"),
        ({"certificates": None}, "none of 0 certificates"),
        ({"pin_file": "/nowhere/pin"}, "cannot be read"),
    ],
)
def test_settings_that_do_not_fit(shelf: Shelf, values: dict[str, object], message: str) -> None:
    """What is missing stops the line before the first document, with a remedy."""
    settings = shelf.settings().model_copy(
        update={"officer_token": TokenSettings.model_validate(shelf.token("officer").model_dump() | values)}
    )
    with pytest.raises(KeysUnusable, match=message) as caught, open_signers(settings):
        pass
    assert caught.value.disposition is Disposition.HALT
    assert caught.value.advice


def test_token_that_is_not_there_at_the_start(shelf: Shelf) -> None:
    """A token that is missing when the keys are opened may be put in; a command ends with the exit code for setup."""
    settings = shelf.settings("elsewhere")
    with pytest.raises(TokenAway, match="is not there") as caught, open_signers(settings):
        pass
    assert (caught.value.disposition, caught.value.exit_code) == (Disposition.RETRY, ExitCode.SETUP)
    assert "label" in caught.value.advice


def test_doctor_looks_at_tokens(shelf: Shelf) -> None:
    """`doctor` tells the tokens that are there by name, and what is wrong, without a login."""
    shelf.write_pin(WRONG_PIN)
    assert present(shelf.token("officer")).startswith(f"desk ({shelf.serials('desk')[0]}), SoftHSM")
    assert TokenFlag.USER_PIN_COUNT_LOW not in shelf.flags("desk")
    with pytest.raises(KeysUnusable, match="is not there") as caught:
        present(shelf.token("officer", "elsewhere"))
    assert "desk" in caught.value.advice
    set_flags(shelf, ~TokenFlag(0), TokenFlag.USER_PIN_LOCKED)
    with pytest.raises(PinRefused, match="locked"):
        present(shelf.token("officer"))


def test_settings_need_names(tmp_path: Path) -> None:
    """A token without a name, a kind of key without a token, and a PIN among the settings are refused."""
    with pytest.raises(ValidationError, match="label"):
        TokenSettings(module=tmp_path)
    with pytest.raises(ValidationError, match="officer_token"):
        SigningSettings(kind="token", keys=tmp_path)
    with pytest.raises(ValidationError, match="pin"):
        TokenSettings.model_validate({"module": tmp_path, "label": "desk", "pin": PIN})


def test_wrong_pin_counts_once(
    shelf: Shelf, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong PIN is tried once, whoever comes after; the right one in the file still waits for a person."""
    caplog.set_level(logging.DEBUG)
    shelf.write_pin(WRONG_PIN)
    tried = []
    for _ in range(3):
        with pytest.raises(PinRefused) as caught, open_signers(shelf.settings()):
            pass
        assert caught.value.disposition is Disposition.HALT
        tried.append("PinIncorrect" in str(caught.value))
        assert WRONG_PIN not in caught.value.explain()
        assert TokenFlag.USER_PIN_COUNT_LOW in shelf.flags("desk")
    assert tried == [True, False, False]
    shelf.write_pin(PIN)
    with pytest.raises(PinRefused, match="since its last login"), open_signers(shelf.settings()):
        pass
    shelf.put_certificate("desk", shelf.keys / "root.pem")  # logs in, as a person would with the token's own program
    with open_signers(shelf.settings()) as signers:
        assert signers.sign_copy(paper(), AT)
    message = caplog.text + "".join(capfd.readouterr())
    assert PIN not in message
    assert WRONG_PIN not in message


def test_refused_pin_is_remembered(shelf: Shelf) -> None:
    """Where a token tells nothing of wrong PINs, our own note keeps the refused file from being tried again."""
    shelf.write_pin(WRONG_PIN)
    with pytest.raises(PinRefused, match="PinIncorrect"), open_signers(shelf.settings()):
        pass
    set_flags(shelf, ~TokenFlag.USER_PIN_COUNT_LOW, TokenFlag(0))
    with pytest.raises(PinRefused, match="before"), open_signers(shelf.settings()):
        pass
    assert TokenFlag.USER_PIN_COUNT_LOW not in shelf.flags("desk")
    shelf.write_pin(PIN)
    with open_signers(shelf.settings()) as signers:
        assert signers.sign_copy(paper(), AT)


def set_flags(shelf: Shelf, keep: TokenFlag, add: TokenFlag) -> None:
    """Change what a token says of itself, in SoftHSM's file, where flags are a number of eight bytes."""
    before = shelf.flags("desk")
    (file,) = shelf.tokens.glob("*/token.object")
    content = file.read_bytes()
    assert content.count(before.to_bytes(8)) == 1
    file.write_bytes(content.replace(before.to_bytes(8), (before & keep | add).to_bytes(8)))


@pytest.mark.parametrize(
    ("flag", "message"), [(TokenFlag.USER_PIN_LOCKED, "locked"), (TokenFlag.USER_PIN_FINAL_TRY, "one more wrong PIN")]
)
def test_token_near_its_lock(shelf: Shelf, flag: TokenFlag, message: str) -> None:
    """A token that is locked, or would be after one more wrong PIN, is not asked at all."""
    set_flags(shelf, ~TokenFlag(0), flag)
    with pytest.raises(PinRefused, match=message) as caught, open_signers(shelf.settings()):
        pass
    assert caught.value.advice
    assert TokenFlag.USER_PIN_COUNT_LOW not in shelf.flags("desk")


def test_pin_file_is_private(shelf: Shelf) -> None:
    """A PIN file that others can read is refused before the token hears of it; so is an empty one."""
    for mode in (0o640, 0o604, 0o666):
        shelf.pin_file.chmod(mode)
        with pytest.raises(KeysUnusable, match="others") as caught, open_signers(shelf.settings()):
            pass
        assert "chmod 600" in caught.value.advice
    shelf.write_pin("")
    with pytest.raises(KeysUnusable, match="empty"), open_signers(shelf.settings()):
        pass
    assert TokenFlag.USER_PIN_COUNT_LOW not in shelf.flags("desk")


def test_nobody_to_ask(shelf: Shelf) -> None:
    """Without a PIN file and without a terminal nothing waits for an answer that cannot come."""
    with pytest.raises(KeysUnusable, match="nobody is at a terminal"), open_signers(shelf.settings(pin_file=None)):
        pass


def test_a_parent_that_hides_its_files_keeps_no_pin(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's first process may list its open files and not tell where they lead."""

    def denied(_: Path) -> Path:
        raise PermissionError

    monkeypatch.setattr(Path, "readlink", denied)
    with pytest.raises(KeysUnusable, match="nobody is at a terminal"), open_signers(shelf.settings(pin_file=None)):
        pass


def test_token_taken_out_in_a_batch(shelf: Shelf) -> None:
    """A token that is taken out and put in again in the midst of a batch costs no document and doubles none."""
    papers = [paper(CropBox=[0, 0, 590 - number, 840]) for number in range(20)]
    sealed = []
    with open_signers(shelf.settings(patience_s=30)) as signers:
        for number, pdf in enumerate(papers):
            if number in {5, 12}:
                threading.Timer(0.4, shelf.take_out()).start()
            copy = signers.sign_copy(pdf, AT)
            if number == 15:
                threading.Timer(0.1, shelf.take_out()).start()
            sealed.append(signers.seal(copy, AT))
        anchors = signers.anchors()
    for pdf, made in zip(papers, sealed, strict=True):
        assert made.startswith(pdf)
        assert [verdict.problem for verdict in verify_pdf(made, anchors, AT)] == ["", ""]
    assert len(set(sealed)) == 20


def test_token_that_stays_away(shelf: Shelf) -> None:
    """A token that does not come back in time puts the document back, to be tried again; later the keys work on."""
    with open_signers(shelf.settings(patience_s=0.2)) as signers:
        copy = signers.sign_copy(paper(), AT)
        put_back = shelf.take_out()
        for _ in range(2):
            with pytest.raises(TokenAway) as caught:
                signers.seal(copy, AT)
            assert caught.value.disposition is Disposition.RETRY
        put_back()
        assert check_signature(signers.seal(copy, AT), SEAL_FIELD)


def test_another_token_in_its_place(shelf: Shelf) -> None:
    """Another token of the same label does not take the place of one that was taken out."""
    put_back = shelf.take_out()
    shelf.add("desk", "officer", "agency")
    (other,) = shelf.tokens.iterdir()
    other.rename(shelf.folder / "other")
    put_back()
    with open_signers(shelf.settings(patience_s=0.2)) as signers:
        shelf.take_out()
        (shelf.folder / "other").rename(other)
        with pytest.raises(TokenAway):
            signers.sign_copy(paper(), AT)


def test_wrong_pin_after_the_return(shelf: Shelf) -> None:
    """When the PIN no longer fits after the token came back, it is tried once and the line stops."""
    with open_signers(shelf.settings(patience_s=0.2)) as signers:
        put_back = shelf.take_out()
        with pytest.raises(TokenAway):
            signers.sign_copy(paper(), AT)
        shelf.write_pin(WRONG_PIN)
        put_back()
        for message in ("PinIncorrect", "since its last login"):
            with pytest.raises(PinRefused, match=message):
                signers.sign_copy(paper(), AT)


def test_threads_share_the_session(shelf: Shelf) -> None:
    """Several threads sign with one session, one after the other; opening the same keys again opens no other."""
    settings = shelf.settings()
    with open_signers(settings) as signers, open_signers(settings) as again, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda one: one.sign_copy(paper(), AT), [signers, again] * 6))


def _sign_into(signers: Signers, pipe: Connection) -> None:
    pipe.send_bytes(signers.sign_copy(paper(), AT))


def test_fork(shelf: Shelf) -> None:
    """A process that is forked off while the token is open logs in by itself; its parent's session stays."""
    with open_signers(shelf.settings()) as signers:
        assert signers.sign_copy(paper(), AT)
        here, there = multiprocessing.Pipe()
        child = multiprocessing.get_context("fork").Process(target=_sign_into, args=(signers, there))
        child.start()
        assert here.poll(20)
        assert check_signature(here.recv_bytes(), COPY_FIELD)
        child.join()
        assert child.exitcode == 0
        assert signers.sign_copy(paper(), AT)


def test_person_types_the_pin(shelf: Shelf) -> None:
    """A PIN typed once serves the processes that the command starts, and is shown nowhere."""
    code, shown = at_a_terminal(shelf.settings(pin_file=None), PIN, 2)
    assert (code, shown.count("signed")) == (0, 2), shown
    assert shown.count("PIN of the token desk") == 1
    assert PIN not in shown
    assert not any(PIN in file.read_text() for file in shelf.folder.glob("refused-*"))


def test_person_mistypes_the_pin(shelf: Shelf) -> None:
    """A mistyped PIN is tried once; the person may try again by a new run, which no PIN file may."""
    code, shown = at_a_terminal(shelf.settings(pin_file=None), WRONG_PIN, 0)
    assert code != 0
    assert shown.count("PIN of the token desk") == 1
    assert "PinRefused" in shown
    assert WRONG_PIN not in shown
    with pytest.raises(PinRefused, match="since its last login"), open_signers(shelf.settings()):
        pass
    assert at_a_terminal(shelf.settings(pin_file=None), PIN, 0)[0] == 0
    with open_signers(shelf.settings()) as signers:
        assert signers.sign_copy(paper(), AT)


def _open_into(settings: SigningSettings, pipe: Connection) -> None:
    try:
        with open_signers(settings):
            pipe.send("")
    except KhosoError as error:
        pipe.send(error.explain())


def test_processes_that_start_at_once(shelf: Shelf) -> None:
    """Of processes that start at once with a wrong PIN one alone tries it."""
    shelf.write_pin(WRONG_PIN)
    here, there = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_open_into, args=(shelf.settings(), there)) for _ in range(4)]
    for process in processes:
        process.start()
    message = [here.recv() for _ in processes]
    for process in processes:
        process.join()
    assert all(item.startswith("pin_refused") for item in message)
    assert sum("PinIncorrect" in item for item in message) == 1
