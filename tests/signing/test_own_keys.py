"""Several officers in one store: each signs with his own key, of whatever kind, and nobody with another's."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificates
from pydantic import ValidationError

from config.signing import KeyFileSettings, KeyPlace, SigningSettings
from domain.clock import now
from signing.errors import KeysUnusable, NobodyThere
from signing.interface import COPY_FIELD, SEAL_FIELD
from signing.keys.authority import make_folder, subject
from signing.keys.kinds import key_kind
from signing.keys.terms import configured_terms
from signing.pades.check import check_signature
from signing.signer import Keyring, open_signers
from signing.verification.verify import open_anchors, verify_pdf
from tests.support import signing_papers
from tests.support.csc_service import serve_keys
from tests.support.pki import serve
from tests.support.signing_papers import paper, program
from tests.support.tokens import MODULE, PIN, Shelf, ec_key

LAN, HOA, SEAL = "Nguyễn Thị Lan", "Trần Văn Hòa", "UBND phường Hải Châu"


def _rows(keys: Path, lan: dict[str, Any], hoa: dict[str, Any], seal: dict[str, Any]) -> SigningSettings:
    return SigningSettings.model_validate(
        {
            "keys": keys,
            "officers": [{"who": "lan", "name": LAN} | lan, {"who": "hoa", "name": HOA} | hoa],
            "seals": [{"who": "minh", "agency": "H17.12", "name": SEAL} | seal],
        }
    )


def _software(folder: Path) -> SigningSettings:
    return _rows(folder / "keys", {}, {}, {})


def _people(folder: Path) -> Path:
    """Keys and certificates of the three, in files as an authority gives them."""
    named = {"lan": (LAN, "Một cửa"), "hoa": (HOA, "Một cửa"), "seal": (SEAL, SEAL)}
    make_folder(folder / "people", {name: (subject(*item), ec_key()) for name, item in named.items()})
    for name in named:
        chain = [(folder / "people" / part).read_bytes() for part in (f"{name}.pem", "root.pem")]
        (folder / "people" / f"{name}.chain.pem").write_bytes(b"".join(chain))
    return folder / "people"


def _secret(folder: Path, text: str) -> Path:
    path = folder / "secret"
    path.touch(0o600)
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def _p12(people: Path, name: str, secret: Path) -> dict[str, Any]:
    """A row whose key lies in a PKCS#12 file."""
    key = load_pem_private_key((people / f"{name}.key").read_bytes(), None)
    (own,) = load_pem_x509_certificates((people / f"{name}.pem").read_bytes())
    (root,) = load_pem_x509_certificates((people / "root.pem").read_bytes())
    made = people / f"{name}.p12"
    made.touch(0o600)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    lock = BestAvailableEncryption(secret.read_bytes().strip())
    made.write_bytes(pkcs12.serialize_key_and_certificates(None, key, own, [root], lock))
    return {"kind": "file", "file": {"path": made, "pin_file": secret}}


def _files(folder: Path) -> SigningSettings:
    people, secret = _people(folder), _secret(folder, "mật khẩu")
    return _rows(folder / "keys", *(_p12(people, name, secret) for name in ("lan", "hoa", "seal")))


def _tokens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SigningSettings:
    program("softhsm2-util")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    people, shelf = _people(folder), Shelf(folder, ec_key)

    def row(name: str) -> dict[str, Any]:
        shutil.copy(people / f"{name}.key", shelf.keys / f"{name}.key")
        shelf.add(f"token {name}", name)
        place = {"label": f"token {name}", "certificates": people / f"{name}.chain.pem", "pin_file": shelf.pin_file}
        return {"kind": "token", "token": place | {"module": MODULE}}

    assert PIN in shelf.pin_file.read_text(encoding="utf-8")
    return _rows(folder / "own keys", row("lan"), row("hoa"), row("seal"))


@pytest.fixture(params=["software", "file", "token", "remote"])
def table(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SigningSettings]:
    """Two officers and a seal whose keys are of a kind."""
    if request.param == "remote":
        (tmp_path / "pki").mkdir()
        with serve(tmp_path / "pki") as pki, serve_keys(pki) as service:
            root = tmp_path / "root.pem"
            root.write_bytes(pki.certificate("root").public_bytes(Encoding.PEM))

            def row(label: str) -> dict[str, Any]:
                return {
                    "kind": "remote",
                    "remote": {"url": service.url, "credential": f"khoso/{label}", "certificates": root},
                }

            made = _rows(tmp_path / "keys", row("officer"), row("revoked"), row("agency")).model_dump()
            for rows, name in (("officers", ("Nguyễn Thị Ngọc Ánh", "Trần Văn Bình")), ("seals", ("Bộ phận Một cửa",))):
                for item, shown in zip(made[rows], name, strict=True):
                    item["name"] = shown
            yield SigningSettings.model_validate(made)
        return
    makers = {"software": _software, "file": _files}
    yield makers[request.param](tmp_path) if request.param in makers else _tokens(tmp_path, monkeypatch)


def _places(settings: SigningSettings) -> tuple[KeyPlace, KeyPlace, KeyPlace]:
    lan, hoa, seal = settings.places()
    return lan, hoa, seal


def test_each_paper_is_signed_by_the_certificate_of_its_officer(table: SigningSettings) -> None:
    """Both in one process; all is trusted by what lies in files, told of, and of two different keys."""
    lan, hoa, seal = _places(table)
    with ExitStack() as stack:
        ring, signers = Keyring(table, stack), []
        for place in (lan, hoa):
            hands = ring.signers(place, seal)
            copy = hands.sign_copy(paper(), now())
            sealed = hands.seal(copy, now())
            assert check_signature(copy, COPY_FIELD) == ring.credential(place).certificate
            assert check_signature(sealed, SEAL_FIELD) == ring.credential(seal).certificate
            verdicts = verify_pdf(sealed, open_anchors(table))
            assert [(item.intact, item.trusted) for item in verdicts] == [(True, True)] * 2
            assert hands.person == place.person
            signers.append(verdicts[0].signer)
        assert signers == [lan.person, hoa.person]
        assert ring.signers(lan, seal) is ring.signers(lan, seal)
    assert all(key_kind(place).present(table, place) for place in (lan, hoa, seal))


def test_a_certificate_of_somebody_else_is_not_signed_with(table: SigningSettings) -> None:
    """Tokens that were mixed up are told before anything is signed."""
    lan, hoa, _ = _places(table)
    mixed = lan.model_copy(update={"person": hoa.person})
    with ExitStack() as stack:
        first = Keyring(table, stack)
        first.credential(lan)  # a development key is made for who is named first
    with ExitStack() as stack, pytest.raises(KeysUnusable, match="settings say") as caught:
        Keyring(table, stack).credential(mixed)
    assert hoa.person in str(caught.value)


def test_the_mark_shows_the_name_as_the_settings_write_it(tmp_path: Path) -> None:
    """Where the certificate writes it in capitals without accents, the paper does not."""
    make_folder(tmp_path / "plain", {"lan": (subject("NGUYEN THI LAN"), ec_key())})
    settings = _rows(tmp_path / "keys", _p12(tmp_path / "plain", "lan", _secret(tmp_path, "x")), {}, {})
    lan, _, seal = _places(settings)
    with ExitStack() as stack:
        assert Keyring(settings, stack).signers(lan, seal).person == LAN


def _spoil_password(place: KeyFileSettings) -> None:
    assert place.pin_file
    place.pin_file.write_text("wrong\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_spoil_password, "does not open"),
        (lambda place: place.path.write_bytes(b"?"), "does not open"),
        (lambda place: place.path.chmod(0o644), "can read the key file"),
        (lambda place: place.path.unlink(), "cannot be read"),
    ],
)
def test_a_key_file_that_is_not_as_it_must_be(
    tmp_path: Path, spoil: Callable[[KeyFileSettings], object], told: str
) -> None:
    """It is told with what to do."""
    settings = _files(tmp_path)
    lan, _, _ = _places(settings)
    assert lan.file
    spoil(lan.file)
    with ExitStack() as stack, pytest.raises(KeysUnusable, match=told) as caught:
        Keyring(settings, stack).credential(lan)
    assert caught.value.remedy


def test_a_password_is_asked_of_a_person(tmp_path: Path) -> None:
    """Where nobody is, the key is not used."""
    settings = _files(tmp_path)
    lan, _, _ = _places(settings)
    assert lan.file
    alone = lan.model_copy(update={"file": lan.file.model_copy(update={"pin_file": None})})
    with ExitStack() as stack, pytest.raises(NobodyThere):
        Keyring(settings, stack).credential(alone)


def test_a_development_key_is_never_made_anew(tmp_path: Path) -> None:
    """One that was made and is gone is missed, the others sign on; an empty folder in its place asks for a new one."""
    settings = _software(tmp_path)
    lan, hoa, seal = _places(settings)
    with ExitStack() as stack:
        ring = Keyring(settings, stack)
        first = ring.credential(lan).certificate
        assert not hoa.folder.exists()  # nobody has signed with it
        ring.credential(seal)
    shutil.move(lan.folder, tmp_path / "aside")
    with ExitStack() as stack:
        ring = Keyring(settings, stack)
        with pytest.raises(KeysUnusable, match="officer lan") as caught:
            ring.credential(lan)
        assert "copy" in caught.value.advice
        ring.signers(hoa, seal)
    with pytest.raises(KeysUnusable, match="gone"):
        key_kind(lan).present(settings, lan)
    assert not lan.folder.exists()
    shutil.copytree(tmp_path / "aside", lan.folder)
    with ExitStack() as stack:
        assert Keyring(settings, stack).credential(lan).certificate == first
    shutil.rmtree(lan.folder)
    lan.folder.mkdir()
    with ExitStack() as stack:
        assert Keyring(settings, stack).credential(lan).certificate != first


def test_an_emptied_folder_asks_for_all_development_keys(tmp_path: Path) -> None:
    """As it did before there were tables."""
    settings = _software(tmp_path)
    lan, _, _ = _places(settings)
    with ExitStack() as stack:
        first = Keyring(settings, stack).credential(lan).certificate
    shutil.rmtree(settings.keys)
    settings.keys.mkdir()
    with ExitStack() as stack:
        assert Keyring(settings, stack).credential(lan).certificate != first


def test_papers_of_before_the_table_stay_trusted(tmp_path: Path) -> None:
    """The store's own keys are not used any more, and their root is still known."""
    with open_signers(SigningSettings(keys=tmp_path / "keys")) as signers:
        sealed = signers.seal(signers.sign_copy(paper(), now()), now())
    assert [item.trusted for item in verify_pdf(sealed, open_anchors(_software(tmp_path)))] == [True, True]


def test_lost_certificates_of_one_leave_the_others_trusted(tmp_path: Path) -> None:
    """Only his papers are not."""
    settings = _files(tmp_path)
    lan, hoa, seal = _places(settings)
    papers = []
    with ExitStack() as stack:
        ring = Keyring(settings, stack)
        for place in (lan, hoa):
            hands = ring.signers(place, seal)
            papers.append(hands.sign_copy(paper(), now()))
    (tmp_path / "people" / "lan.p12").unlink()
    (tmp_path / "people" / "seal.p12").unlink()
    assert [item.trusted for item in verify_pdf(papers[1], open_anchors(settings))] == [True]


def test_the_ends_of_all_certificates_are_known(tmp_path: Path) -> None:
    """Of all officers and of the seal."""
    assert {LAN, HOA, SEAL} <= {term.name for term in configured_terms(_files(tmp_path))}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"default_officer": "mai"}, "not in the table"),
        ({"officers": [{"who": "lan", "name": LAN, "kind": "token"}]}, "needs a section"),
        ({"officers": [{"who": "lan", "name": LAN}, {"who": "lan", "name": HOA}]}, "two names"),
        ({"officers": [{"who": "lan", "name": LAN, "agencies": ["phường"]}]}, "no agency"),
        ({"seals": [{"who": "minh", "agency": "phường", "name": SEAL}]}, "no agency"),
        ({"officers": [{"who": "lan"}]}, "name"),
    ],
)
def test_a_table_that_cannot_be_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """When the settings are read."""
    with pytest.raises(ValidationError, match=told):
        SigningSettings.model_validate({"keys": tmp_path} | change)


def test_a_key_that_others_can_read_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Wherever the keys lie: with such a key anybody on the machine could sign."""
    place = signing_papers.settings(tmp_path)
    with open_signers(place):
        pass
    assert caplog.records == []
    (place.keys / "officer.key").chmod(0o644)
    with open_signers(place):
        pass
    (told,) = caplog.records
    assert str(place.keys / "officer.key") in told.getMessage()
