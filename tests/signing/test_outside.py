"""Whoever outside fails in whatever ordinary way is told by name, waited for, and asked again when well."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from config.signing import RemoteSettings, SigningSettings
from domain.errors import Disposition, TemporaryFailure
from signing.interface import Signers
from signing.keys.remote import RemoteKey, open_remote
from signing.longterm.extend import open_long_term
from signing.signer import CredentialSigners
from tests.support.csc_service import serve_keys
from tests.support.pki import SIGNED_AT, Pki, serve_troubled
from tests.support.signing_papers import paper
from tests.support.troubled import WAYS, Troubled, Way, before

_WAIT_S = 3.0  # for who is late; long enough for who is well


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pki, Troubled]]:
    """The services of the test authority, and the network before them."""
    with serve_troubled(tmp_path_factory.mktemp("pki")) as both:
        yield both


@pytest.fixture
def network(running: tuple[Pki, Troubled], monkeypatch: pytest.MonkeyPatch) -> Iterator[Troubled]:
    """All well, on the day of signing; nobody is waited for long."""
    monkeypatch.setattr("signing.pades.revocation._TIMEOUT_S", _WAIT_S)
    pki, stands = running
    stands.trouble(None)
    with pki.on(SIGNED_AT):
        yield stands


@pytest.fixture
def hands(running: tuple[Pki, Troubled], network: Troubled) -> Iterator[Signers]:  # noqa: ARG001 (all well first)
    """Signers that know nothing of the authorities yet."""
    pki, _ = running
    got = SigningSettings(keys=pki.roots / "none", time_stamps=(pki.authority("tsa", timeout_s=_WAIT_S),))
    with open_long_term(got, (pki.roots.joinpath("root.der").read_bytes(),)) as long_term:
        yield CredentialSigners(
            pki.credential("officer"), pki.credential("agency"), long_term.time_stamps, long_term, development_only=True
        )


@pytest.mark.parametrize("way", WAYS)
def test_a_time_stamp_authority_in_trouble_is_waited_for(hands: Signers, network: Troubled, way: Way) -> None:
    """And stamps once it is well; it is named by its address."""
    copy = hands.sign_copy(paper(), SIGNED_AT)
    network.trouble(way, "/tsa/")
    with pytest.raises(TemporaryFailure, match="/tsa/tsa") as caught:
        hands.seal(copy, SIGNED_AT, "B-T")
    assert caught.value.reason in {"time_stamp_away", "time_stamp_odd"}
    assert caught.value.advice
    network.trouble(None)
    assert hands.extend(hands.seal(copy, SIGNED_AT, "B-T"), "B-LTA").level == "B-LTA"


@pytest.mark.parametrize("way", WAYS)
def test_issuers_in_trouble_are_waited_for(hands: Signers, network: Troubled, way: Way) -> None:
    """Whether their responder and their lists do not answer, or answer nonsense."""
    sealed = hands.seal(hands.sign_copy(paper(), SIGNED_AT), SIGNED_AT, "B-T")
    network.trouble(way, "/ocsp/", "/crls/")
    with pytest.raises(TemporaryFailure, match=rf"was revoked.*127\.0\.0\.1:{network.port}") as caught:
        hands.extend(sealed, "B-LT")
    assert (caught.value.reason, caught.value.disposition) == ("revocation_away", Disposition.RETRY)
    network.trouble(None)
    assert hands.extend(sealed, "B-LTA").level == "B-LTA"


@pytest.mark.parametrize("way", [way for way in WAYS if way not in {"refused", "tls"}])
def test_the_list_is_asked_when_the_responder_is_in_trouble(hands: Signers, network: Troubled, way: Way) -> None:
    """However it fails, a slow one too."""
    sealed = hands.seal(hands.sign_copy(paper(), SIGNED_AT), SIGNED_AT, "B-T")
    network.trouble(way, "/ocsp/")
    assert hands.extend(sealed, "B-LTA").level == "B-LTA"
    assert network.met


@pytest.mark.parametrize("way", WAYS)
def test_a_signing_service_in_trouble_is_waited_for(running: tuple[Pki, Troubled], tmp_path: Path, way: Way) -> None:
    """And signs by the same authorisation, or by a new one, once it is well; it is named by its settings."""
    pki, _ = running
    root = tmp_path / "root.pem"
    root.write_bytes(pki.certificate("root").public_bytes(Encoding.PEM))
    with pki.on(SIGNED_AT), serve_keys(pki) as service, before("127.0.0.1", urlsplit(service.url).port or 0) as stands:
        got = RemoteSettings.model_validate(
            {
                "url": f"http://127.0.0.1:{stands.port}",
                "credential": "khoso/officer",
                "certificates": root,
                "timeout_s": _WAIT_S,
            }
        )
        digests = [hashlib.sha256(bytes([number])).digest() for number in range(2)]
        with open_remote(got, tmp_path) as credential:
            assert isinstance(credential.key, RemoteKey)
            stands.trouble(way)
            with pytest.raises(TemporaryFailure, match=r"127\.0\.0\.1") as caught:
                credential.key.sign_all(digests, credential.algorithm)
            assert (caught.value.reason, caught.value.disposition) == ("remote_away", Disposition.RETRY)
            stands.trouble(None)
            assert len(credential.key.sign_all(digests, credential.algorithm)) == len(digests)
