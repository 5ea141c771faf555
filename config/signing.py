"""Settings of signatures: where the keys of officer and agency lie, who stamps time, and what shows on the page."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from domain.errors import UsageError
from domain.levels import Level, is_below, lower
from domain.record import Frozen
from domain.values import plain

KeyRole = Literal["officer", "agency"]
KEY_ROLES: tuple[KeyRole, ...] = ("officer", "agency")
KeyKindName = Literal["software", "token", "remote"]


class TokenSettings(Frozen):
    """A key on a PKCS#11 token, named by `label` or `serial`; the PIN itself is no setting (`deploy/tokens.md`)."""

    module: Path
    """The maker's library, a `.so` file."""
    label: str = ""
    """The token's label."""
    serial: str = ""
    """The token's serial number."""
    key: str = ""
    """The key's label, where the token holds several."""
    key_id: str = Field(default="", pattern="^([0-9A-Fa-f]{2})*$")
    """The key's id in hexadecimal, where the token holds several."""
    certificates: Path | None = None
    """PEM: what the token does not hold of the certificate and its issuers, up to the root."""
    pin_file: Path | None = None
    """A file with the PIN; without it a person is asked."""
    padding: Literal["pss", "pkcs1"] = "pss"
    """Of RSA keys: PSS (law L7.1), or PKCS#1 for tokens that know no PSS."""
    patience_s: float = Field(default=20, ge=0)
    """How long a document waits for a token that was taken out, before it is put back."""

    @property
    def name(self) -> str:
        """What people call the token."""
        return self.label or self.serial

    @model_validator(mode="after")
    def _is_named(self) -> "TokenSettings":
        if not self.name:
            raise ValueError("a token needs its `label` or `serial`")
        return self


class RemoteSettings(Frozen):
    """A key that a remote service holds (Cloud Signature Consortium, API 1.0.4); `deploy/remote.md`."""

    url: str = Field(pattern="^https?://")
    """What stands before `/csc/v1`; by `https` only, but for this machine."""
    credential: str = Field(min_length=1)
    """The key's name at the service."""
    certificates: Path | None = None
    """PEM: what the service does not tell of the certificate's issuers, up to the root."""
    access_file: Path | None = None
    """A file with the access token (OAuth 2) that lets khoso in."""
    pin_file: Path | None = None
    """A file with the PIN; without it a person is asked, when the service wants one."""
    padding: Literal["pss", "pkcs1"] = "pss"
    """Of RSA keys: PSS (law L7.1), or PKCS#1."""
    batch: int = Field(default=100, ge=1)
    """For how many signatures an authorisation is, at most."""
    timeout_s: float = Field(default=60, gt=0)
    """How long an answer is waited for."""
    tls_roots: Path | None = None
    """PEM: authorities for the service's TLS certificate, when it is no public one."""

    @property
    def name(self) -> str:
        """What people call the service."""
        return urlsplit(self.url).hostname or self.url

    @model_validator(mode="after")
    def _is_private(self) -> "RemoteSettings":
        if self.url.startswith("http://") and self.name not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("a remote service is asked by https:// only")
        return self


class TimeStampAuthority(Frozen):
    """An authority that stamps time by RFC 3161 over HTTP; several are asked in their order."""

    url: str = Field(pattern="^https?://")
    """Its address."""
    timeout_s: float = Field(default=30, gt=0)
    """How long an answer is waited for."""
    policy: str = Field(default="", pattern=r"^([0-2](\.\d+)+)?$")
    """The only policy (OID) that is accepted; any, when it is empty."""


class SigningSettings(Frozen):
    """Keys, time stamps, and what shows of signatures (`docs/signing.md`)."""

    kind: KeyKindName = "software"
    """A development authority made on first run, tokens, or services, beside which one of the two may keep a token."""
    keys: Path
    """The folder of the development keys."""
    officer_token: TokenSettings | None = None
    agency_token: TokenSettings | None = None
    officer_remote: RemoteSettings | None = None
    agency_remote: RemoteSettings | None = None
    officer: str = "Cán bộ số hóa"
    """The person whom the development keys name."""
    officer_agency: str = "Bộ phận Một cửa"
    """The agency whom the development keys name."""
    officer_picture: Path | None = None
    """PNG, transparent, with its resolution: the handwritten signature, where a profile shows it."""
    agency_picture: Path | None = None
    """PNG, transparent, with its resolution: the seal, where a profile shows it."""
    roots: Path | None = None
    """A folder of root certificates (PEM or DER) that are trusted besides the installation's own."""
    time_stamps: tuple[TimeStampAuthority, ...] = ()
    level: Level | None = None
    """The level of document types that ask for no other; else the highest that can be made."""

    @field_validator("officer", "officer_agency")
    @classmethod
    def _shown(cls, name: str) -> str:
        try:
            return plain("name", name)
        except UsageError as error:
            raise ValueError(f"{error}; {error.advice}") from None

    @property
    def reach(self) -> Level:
        """The highest level that can be made: nobody answers for the revocation of development keys."""
        return "B-LTA" if self.kind != "software" and self.time_stamps else "B-T"

    def kind_of(self, role: KeyRole) -> KeyKindName:
        """Where the key of a role lies: with ``remote``, one of the two may lie on a token."""
        return "token" if self.kind == "remote" and self.remote(role) is None else self.kind

    def token(self, role: KeyRole) -> TokenSettings | None:
        """The token of a role."""
        return self.officer_token if role == "officer" else self.agency_token

    def remote(self, role: KeyRole) -> RemoteSettings | None:
        """The service that holds a role's key."""
        return self.officer_remote if role == "officer" else self.agency_remote

    def level_for(self, asked: Level | None) -> Level:
        """The level of a document whose type asks for one, or for none."""
        return lower(asked or self.level or self.reach, self.reach)

    @model_validator(mode="after")
    def _reaches_level(self) -> "SigningSettings":
        if self.level and is_below(self.reach, self.level):
            raise ValueError(f'`level = "{self.level}"` needs keys on tokens or with a service, and `time_stamps`')
        return self

    @model_validator(mode="after")
    def _has_keys(self) -> "SigningSettings":
        if self.kind == "token" and not (self.officer_token and self.agency_token):
            raise ValueError('`kind = "token"` needs `officer_token` and `agency_token`; they may be the same')
        has_place = all(self.remote(role) or self.token(role) for role in KEY_ROLES)
        if self.kind == "remote" and not (has_place and any(self.remote(role) for role in KEY_ROLES)):
            raise ValueError('`kind = "remote"` needs `officer_remote` and `agency_remote`, or one of them and a token')
        return self
