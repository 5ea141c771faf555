"""A sealed copy becomes provable for the long term: B-T, B-LT, B-LTA, whole or not at all."""

import logging
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import tsp
from asn1crypto.parser import emit
from pydantic import ValidationError

from config.signing import SigningSettings, TimeStampAuthority, TokenSettings
from domain import clock
from domain.errors import Disposition, KhosoError
from domain.levels import Level
from signing.errors import (
    CannotSign,
    CertificateRevoked,
    ClockWrong,
    KeysUnusable,
    RevocationAway,
    SignatureBroken,
    TimeStampAway,
    TimeStampOdd,
    TimeStampUnusable,
)
from signing.interface import Signers
from signing.longterm.extend import LongTerm, open_long_term
from signing.pades.conformance import prove, prove_signature
from signing.signer import CredentialSigners, open_signers
from signing.verification.verify import verify_pdf
from tests.support.ades_engine import OK, judged
from tests.support.pki import SIGNED_AT, Pki, serve
from tests.support.signing_papers import paper, program, settings


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The services of the test authority."""
    with serve(tmp_path_factory.mktemp("pki")) as pki:
        yield pki


@pytest.fixture
def pki(running: Pki) -> Iterator[Pki]:
    """All services there, on the day of signing."""
    running.away.clear()
    running.asked.clear()
    running.answers.clear()
    with running.on(SIGNED_AT):
        yield running


def opened(pki: Pki, *authorities: TimeStampAuthority) -> AbstractContextManager[LongTerm]:
    """The client of these authorities, which knows nothing yet."""
    got = SigningSettings(keys=pki.roots / "none", time_stamps=authorities or (pki.authority("tsa"),))
    return open_long_term(got, (pki.roots.joinpath("root.der").read_bytes(),))


def signers(pki: Pki, long_term: LongTerm, agency: str = "agency") -> CredentialSigners:
    """Signers with keys that the test authority has certified."""
    officer, sealer = pki.credential("officer"), pki.credential(agency)
    return CredentialSigners(officer, sealer, long_term.time_stamps, long_term, development_only=True)


def sealed_by(hands: Signers, level: Level = "B-T") -> bytes:
    """A paper, signed and sealed."""
    return hands.seal(hands.sign_copy(paper(), SIGNED_AT), SIGNED_AT, level)


def store(pdf: bytes) -> dict[str, int]:
    """How much the document security store holds of each kind."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return {key: len(value) for key, value in document.Root.DSS.items() if key != "/Type"}


def test_archive_level_is_proven(pki: Pki) -> None:
    """A B-LTA copy stands before another judge after its signers' certificates expired; a B-T copy does not."""
    root = pki.certificate("root")
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands)
        stamped = hands.extend(sealed, "B-LTA")
    assert stamped.pdf.startswith(sealed)
    assert judged(stamped.pdf, root, SIGNED_AT) is OK
    pki.moment = SIGNED_AT.replace(year=2030)
    assert judged(stamped.pdf, root, pki.moment) is OK
    assert judged(sealed, root, pki.moment) is not OK


def test_levels_of_our_own_check(pki: Pki) -> None:
    """The verification of the house finds every signature and the document time stamp sound and trusted."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        stamped = hands.extend(sealed_by(hands), "B-LTA").pdf
    verdicts = verify_pdf(stamped, hands.anchors(), SIGNED_AT)
    assert [verdict.field for verdict in verdicts] == ["SoHoa", "CoQuan", "DauThoiGian2"]
    assert [verdict.problem for verdict in verdicts] == ["", "", ""]


def test_our_own_check_holds_for_years(pki: Pki) -> None:
    """In 2030, when the signers' certificates have ended, the archive time stamp still proves both signatures."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands)
        stamped = hands.extend(sealed, "B-LTA").pdf
    later = SIGNED_AT.replace(year=2030)
    assert [verdict.problem for verdict in verify_pdf(stamped, hands.anchors(), later)] == ["", "", ""]
    assert any(verdict.problem for verdict in verify_pdf(sealed, hands.anchors(), later))


def test_stays_pdfa(pki: Pki) -> None:
    """What a level adds is PDF/A-2b, and the whole check agrees."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands)
        for level in ("B-LT", "B-LTA"):
            extended = hands.extend(sealed, level).pdf
            prove_signature(sealed, extended)
            prove(BytesIO(extended))
        prove_signature(extended, long_term.renew(extended).pdf)


def test_one_update(pki: Pki) -> None:
    """The archive level is one update: store and document time stamp together, and no VRI."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands)
        stamped = hands.extend(sealed, "B-LTA").pdf
    assert stamped.count(b"%%EOF") == sealed.count(b"%%EOF") + 1
    # officer, agency, issuing CA, root, OCSP responder, time stamp authority
    assert store(stamped) == {"/Certs": 6, "/OCSPs": 2, "/CRLs": 1}


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_twice_adds_nothing(pki: Pki, level: Level) -> None:
    """A file that is at its level stays as it is, and nobody is asked for a token."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        once = hands.extend(sealed_by(hands), level)
        asked = pki.count("/tsa/")
        assert hands.extend(once.pdf, level) == once
        assert pki.count("/tsa/") == asked


def test_from_one_level_to_the_next(pki: Pki) -> None:
    """A B-LT file becomes B-LTA by what it lacks."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        first = hands.extend(sealed_by(hands), "B-LT").pdf
        second = hands.extend(first, "B-LTA").pdf
    assert second.startswith(first)
    assert judged(second, pki.certificate("root"), SIGNED_AT) is OK


def test_requests_per_document(pki: Pki) -> None:
    """A further document costs two tokens and no question about revocation: the answers are kept."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        hands.extend(sealed_by(hands), "B-LTA")
        pki.asked.clear()
        hands.extend(sealed_by(hands), "B-LTA")
    assert pki.asked == ["/khoso/tsa/tsa$"] * 2


def test_answers_are_not_kept_too_long(pki: Pki) -> None:
    """Once an issuer has a newer answer, it is asked again."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands)
        hands.extend(sealed, "B-LT")
        pki.asked.clear()
        pki.moment += timedelta(minutes=6)  # certomancer's answers hold for ten minutes
        hands.extend(sealed, "B-LT")
    assert pki.count("/ocsp/") == 2


def test_no_time_stamp_at_the_lowest_level(pki: Pki) -> None:
    """A B-B seal asks nobody."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands, "B-B")
        assert hands.extend(sealed, "B-B").pdf == sealed
    assert pki.asked == []


@pytest.mark.parametrize(
    ("away", "error", "reason"),
    [("/tsa/", TimeStampAway, "time_stamp_away"), ("/ocsp/issuing /crls/", RevocationAway, "revocation_away")],
)
@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_services_away(pki: Pki, away: str, error: type[KhosoError], reason: str, level: Level) -> None:
    """When a service is away the document is tried again later; nothing half done is given out, and nothing is kept."""
    with opened(pki) as long_term:
        sealed = sealed_by(signers(pki, long_term))
    with opened(pki) as fresh:
        hands = signers(pki, fresh)
        pki.away |= set(away.split())
        if away == "/tsa/" and level == "B-LT":
            assert hands.extend(sealed, level).level == "B-LT"  # asks for no token
            return
        with pytest.raises(error) as caught:
            hands.extend(sealed, level)
        assert (caught.value.disposition, caught.value.reason) == (Disposition.RETRY, reason)
        pki.away.clear()
        assert hands.extend(sealed, level).level == level


def test_list_where_no_responder_answers(pki: Pki) -> None:
    """Without the OCSP responder the revocation list proves the same."""
    pki.away.add("/ocsp/")
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        stamped = hands.extend(sealed_by(hands), "B-LTA").pdf
    assert store(stamped)["/CRLs"] == 2
    assert "/OCSPs" not in store(stamped)
    assert judged(stamped, pki.certificate("root"), SIGNED_AT) is OK


def test_revoked(pki: Pki) -> None:
    """A revoked key stops the line; the message names the signer and no number."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term, "revoked")
        with pytest.raises(CertificateRevoked, match="Trần Văn Bình") as caught:
            hands.extend(sealed_by(hands), "B-LT")
    assert caught.value.disposition is Disposition.HALT


def test_next_authority_steps_in(pki: Pki, caplog: pytest.LogCaptureFixture) -> None:
    """When the first authority fails, the next one stamps, it is told, and the first one is not asked for a while."""
    pki.away.add("/tsa/tsa$")
    with opened(pki, pki.authority("tsa"), pki.authority("tsa-2")) as long_term:
        hands = signers(pki, long_term)
        with caplog.at_level(logging.ERROR):
            stamped = hands.extend(sealed_by(hands), "B-LTA").pdf
    assert "/tsa/tsa" in caplog.text
    assert (pki.count("/tsa/tsa$"), pki.count("/tsa/tsa-2$")) == (1, 3)
    assert judged(stamped, pki.certificate("root"), SIGNED_AT) is OK


def test_other_authority_between_proof_and_stamp(pki: Pki) -> None:
    """When another authority steps in after its predecessor was proven, the update is made anew for that one."""
    with opened(pki, pki.authority("tsa"), pki.authority("tsa-2")) as long_term:
        hands = signers(pki, long_term)
        sealed = sealed_by(hands)
        pki.away.add("/tsa/tsa$")
        stamped = hands.extend(sealed, "B-LTA")
    assert judged(stamped.pdf, pki.certificate("root"), SIGNED_AT) is OK
    assert stamped.certificates_end == date(2044, 1, 1)
    assert stamped.pdf.count(b"%%EOF") == sealed.count(b"%%EOF") + 1


def refused(_: bytes) -> bytes:
    """An authority that grants nothing."""
    status = {"status": "rejection", "fail_info": tsp.PKIFailureInfo({"bad_alg"})}
    return bytes(emit(0, 1, 16, tsp.PKIStatusInfo(status).dump()))


def replayed(pki: Pki) -> Callable[[bytes], bytes]:
    """An authority that gives the answer to another question."""
    kept: list[bytes] = []

    def answer(request: bytes) -> bytes:
        if not kept:
            other = tsp.TimeStampReq.load(request)
            imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\1" * 32}
            changed = {"version": "v1", "message_imprint": imprint, "nonce": other["nonce"].native, "cert_req": True}
            kept.append(pki.stamp("tsa", tsp.TimeStampReq(changed).dump()))
        return kept[0]

    return answer


def nonce_changed(pki: Pki) -> Callable[[bytes], bytes]:
    """An authority that answers to another number than it was asked with."""

    def answer(request: bytes) -> bytes:
        asked = tsp.TimeStampReq.load(request)
        asked["nonce"] = asked["nonce"].native + 1
        return pki.stamp("tsa", asked.dump(force=True))

    return answer


def damaged(pki: Pki) -> Callable[[bytes], bytes]:
    """An authority whose signature is broken."""

    def answer(request: bytes) -> bytes:
        response = tsp.TimeStampResp.load(pki.stamp("tsa", request))
        (info,) = response["time_stamp_token"]["content"]["signer_infos"]
        info["signature"] = info["signature"].native[:-1] + bytes([info["signature"].native[-1] ^ 1])
        return bytes(response.dump(force=True))

    return answer


@pytest.mark.parametrize(
    ("answer", "error", "found"),
    [
        (lambda _: refused, TimeStampAway, "refuses"),
        (lambda _: lambda _: b"<html>", TimeStampOdd, "something else"),
        (replayed, TimeStampOdd, "over something else"),
        (nonce_changed, TimeStampOdd, "another request"),
        (damaged, TimeStampOdd, "not signed by"),
    ],
)
def test_bad_tokens(
    pki: Pki, answer: Callable[[Pki], Callable[[bytes], bytes]], error: type[KhosoError], found: str
) -> None:
    """A token that is refused, replayed, answered to another request, forged or none is never used."""
    pki.answers["/tsa/"] = answer(pki)
    with opened(pki) as long_term, pytest.raises(error, match=found):
        long_term.time_stamps.token(b"\0" * 32)


def test_policy(pki: Pki) -> None:
    """A token under another policy than the settings name is not used."""
    other = pki.authority("tsa", policy="1.2.3.4")
    with opened(pki, other) as long_term, pytest.raises(TimeStampUnusable, match="another policy"):
        long_term.time_stamps.stamper()


def test_stranger(pki: Pki, tmp_path: Path) -> None:
    """A token of an authority that leads to no trusted root is not used."""
    with open_signers(settings(tmp_path)) as others:
        roots = others.anchors()
    got = SigningSettings(keys=tmp_path, time_stamps=(pki.authority("tsa"),))
    with open_long_term(got, roots) as long_term, pytest.raises(TimeStampUnusable, match="does not lead to a root"):
        long_term.time_stamps.stamper()


@pytest.mark.parametrize(("kept_right", "error"), [(False, ClockWrong), (True, TimeStampOdd)])
def test_clock(pki: Pki, monkeypatch: pytest.MonkeyPatch, *, kept_right: bool, error: type[KhosoError]) -> None:
    """Two minutes apart, a machine stops before it dates anything wrongly; kept right, it waits for the authority."""
    monkeypatch.setattr("domain.clock.is_synchronised", lambda: kept_right)
    late = clock.set_to(lambda: SIGNED_AT + timedelta(minutes=2))
    with late, opened(pki) as long_term, pytest.raises(error, match="120 seconds") as caught:
        long_term.time_stamps.stamper()
    assert caught.value.disposition is (Disposition.RETRY if kept_right else Disposition.HALT)


def test_changed_file_is_not_renewed(pki: Pki) -> None:
    """A file that was changed after its archive time stamp gets no new one."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        stamped = hands.extend(sealed_by(hands), "B-LTA").pdf
        for changed in (stamped.replace(b"\xff\xd8", b"\xff\xd9", 1), stamped + b"\n%%EOF\n"):
            with pytest.raises((SignatureBroken, CannotSign)):
                long_term.renew(changed)


def test_openssl_agrees(pki: Pki, tmp_path: Path) -> None:
    """OpenSSL finds the document time stamp over the bytes that it covers."""
    with opened(pki) as long_term:
        hands = signers(pki, long_term)
        pdf = hands.extend(sealed_by(hands), "B-LTA").pdf
    with pikepdf.open(BytesIO(pdf)) as document:
        value = document.Root.AcroForm.Fields[-1].V
        _, start, end, _ = map(int, value.ByteRange)
        (tmp_path / "token").write_bytes(bytes(value.Contents))
    (tmp_path / "data").write_bytes(pdf[:start] + pdf[end:])
    openssl = program("openssl")
    root = ["x509", "-inform", "DER", "-in", str(pki.roots / "root.der"), "-out", "root.pem"]
    subprocess.run([openssl, *root], cwd=tmp_path, check=True)
    got = ["ts", "-verify", "-token_in", "-in", "token", "-data", "data", "-CAfile", "root.pem", "-attime"]
    run = subprocess.run(
        [openssl, *got, str(int(SIGNED_AT.timestamp()))], cwd=tmp_path, capture_output=True, check=False
    )
    assert b"Verification: OK" in run.stdout, run.stderr


def test_development_keys_say_their_level(tmp_path: Path) -> None:
    """Without authorities there is no network and no level above B-T, and asking for one is an error."""
    with open_signers(settings(tmp_path)) as hands:
        sealed = hands.seal(hands.sign_copy(paper(), clock.now()), clock.now())
        assert hands.extend(sealed, "B-T") == (sealed, "B-T", None, ())
        with pytest.raises(KeysUnusable, match="B-LTA"):
            hands.extend(sealed, "B-LTA")


def test_settings_of_levels(tmp_path: Path, pki: Pki) -> None:
    """A level that cannot be made is refused in the settings; a type's wish is met as far as it can be."""
    token = TokenSettings(module=tmp_path / "none.so", label="desk")
    plain = SigningSettings(keys=tmp_path)
    tokens = {"kind": "token", "officer_token": token, "agency_token": token}
    full = SigningSettings.model_validate(
        {"keys": tmp_path, **tokens, "time_stamps": [pki.authority("tsa")], "level": "B-LT"}
    )
    assert [plain.level_for(None), plain.level_for("B-LTA"), plain.level_for("B-B")] == ["B-T", "B-T", "B-B"]
    assert [full.level_for(None), full.level_for("B-LTA"), full.level_for("B-B")] == ["B-LT", "B-LTA", "B-B"]
    with pytest.raises(ValidationError, match="time_stamps"):
        SigningSettings(keys=tmp_path, level="B-LTA")
