"""One table of the kinds of keys: what it names is opened, told and trusted; nothing else knows of kinds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from config.signing import KeyKindName, KeyPlace, SigningSettings, TokenSettings
from domain.clock import now
from services.health import keys
from services.health.interface import Finding
from signing.interface import Anchors
from signing.keys import kinds
from signing.keys.credentials import Credential
from signing.keys.kinds import KeyKind, key_kind, open_credentials
from signing.keys.software import software_keys
from signing.keys.terms import configured_terms
from signing.signer import open_signers
from signing.verification.verify import open_anchors, verify_pdf
from tests.support.signing_papers import paper, settings
from tests.support.source import MODULES

_ASKS = re.compile(r"""isinstance\([^)]*(?:Token|Remote)Settings|kind (?:==|!=|in) .?["'(]*(?:software|token|remote)""")


@pytest.fixture
def drawer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningSettings:
    """Settings by which the keys lie in a drawer: a kind of their own, in the place of tokens."""
    keys = software_keys(settings(tmp_path))
    held = {"officer": keys.officer, "agency": keys.agency}

    @contextmanager
    def opened(_: SigningSettings, place: KeyPlace) -> Iterator[Credential]:
        yield held[place.role]

    def certificates(_: SigningSettings, place: KeyPlace) -> list[x509.Certificate]:
        return [held[place.role].certificate]

    def anchors(_: SigningSettings, place: KeyPlace) -> Anchors:
        return (held[place.role].chain[-1].public_bytes(serialization.Encoding.DER),)

    def present(_: SigningSettings, place: KeyPlace) -> str:
        return f"{held[place.role].person}, in the second drawer"

    kind = KeyKind("drawer of the {role}", opened, present, certificates, anchors, advice="Lock it")
    monkeypatch.setattr(kinds, "_DRAWER", kind, raising=False)
    monkeypatch.setitem(kinds._KINDS, "token", "signing.keys.kinds:_DRAWER")
    token = TokenSettings(module=tmp_path / "none.so", label="none")
    return SigningSettings(kind="token", keys=tmp_path / "other", officer_token=token, agency_token=token)


def test_every_kind_of_the_settings_is_in_the_table() -> None:
    """And nothing else is."""
    assert set(kinds._KINDS) == set(get_args(KeyKindName))


@pytest.mark.parametrize("name", get_args(KeyKindName))
def test_the_table_leads_to_kinds(name: KeyKindName, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line names what it should."""
    monkeypatch.setattr(SigningSettings, "kind_of", lambda *_: name)
    assert isinstance(key_kind(SigningSettings(keys=Path()).place("agency")), KeyKind)


def test_a_new_kind_is_one_line(drawer: SigningSettings) -> None:
    """Keys of a kind that only the table knows sign, and are trusted, told and warned of."""
    with open_signers(drawer) as signers:
        sealed = signers.seal(signers.sign_copy(paper(), now()), now())
        assert signers.development_only
    assert [verdict.problem for verdict in verify_pdf(sealed, open_anchors(drawer))] == ["", ""]
    with open_credentials(drawer) as (officer, agency):
        assert {term.name for term in configured_terms(drawer)} >= {officer.person, agency.person}
        assert keys._keys(drawer) == [
            Finding.of("drawer of the officer", "ok", f"{officer.person}, in the second drawer", "Lock it"),
            Finding.of("drawer of the agency", "ok", f"{agency.person}, in the second drawer", "Lock it"),
        ]


def test_nobody_else_asks_for_the_kind() -> None:
    """Outside the settings and the table no code takes its way by the kind of a key."""
    asking = [str(path) for path in MODULES if _ASKS.search(path.read_text(encoding="utf-8"))]
    assert [name for name in asking if not name.endswith("config/signing.py")] == []
