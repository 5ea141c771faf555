"""Settings of signatures: whose keys lie where, who may sign what, who stamps time, and what shows on the page."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from domain.codes import file_name, is_agency, is_within
from domain.errors import UsageError
from domain.levels import Level, is_below, lower
from domain.messages.told import Told, told
from domain.record import Frozen
from domain.values import plain

KeyRole = Literal["officer", "agency"]
KEY_ROLES: tuple[KeyRole, ...] = ("officer", "agency")
KeyKindName = Literal["software", "token", "remote", "file"]


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


class KeyFileSettings(Frozen):
    """A key in a PKCS#12 file (`.p12`, `.pfx`) with its certificate; only its user may read it."""

    path: Path
    """The file."""
    certificates: Path | None = None
    """PEM: what the file does not hold of the certificate's issuers, up to the root."""
    pin_file: Path | None = None
    """A file with the password; without it a person is asked."""
    padding: Literal["pss", "pkcs1"] = "pss"
    """Of RSA keys: PSS (law L7.1), or PKCS#1."""


class KeyPlace(Frozen):
    """One key: where it lies, and whom its certificate must name.

    ``title`` is what people call it; ``folder``: of a development key; ``notes``: where refused PINs are remembered.
    ``is_own``: it stands in a table, and is not the one of the store.
    """

    role: KeyRole
    title: str
    kind: KeyKindName
    token: TokenSettings | None = None
    remote: RemoteSettings | None = None
    file: KeyFileSettings | None = None
    person: str = ""
    organisation: str = ""
    picture: Path | None = None
    folder: Path
    notes: Path
    is_own: bool = False


class KeySettings(Frozen):
    """Where a key lies, and from when until when it signs."""

    kind: KeyKindName = "software"
    """A development key made when it is first needed, or what the section of this name says."""
    token: TokenSettings | None = None
    remote: RemoteSettings | None = None
    file: KeyFileSettings | None = None
    picture: Path | None = None
    """PNG, transparent, with its resolution: handwritten signature or seal, where a profile shows it."""
    since: date | None = None
    """The first day of the office."""
    until: date | None = None
    """The last day of the office; leave the row standing, for by it older papers are trusted."""

    def is_in_office(self, day: date) -> bool:
        """Whether the key signs on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @model_validator(mode="after")
    def _has_key(self) -> "KeySettings":
        if self.kind != "software" and getattr(self, self.kind) is None:
            raise ValueError(f'`kind = "{self.kind}"` needs a section `{self.kind}`')
        return self


class OfficerSettings(KeySettings):
    """An officer: signs copies in his own name, and only those that his row allows (law L1.9, L2.4)."""

    who: str = Field(min_length=1)
    """Who scans, as `--who` names him; several rows are for several keys, offices or terms."""
    name: str
    """His name, as the marks show it; his certificate must bear it."""
    office: str = ""
    """The office that a development key names; else `officer_agency`."""
    title: str = ""
    """In which capacity he certifies copies, as the statement names it; who has none certifies nothing."""
    agencies: tuple[str, ...] = ()
    """Whose papers he may sign, those of agencies below included; none: of all."""
    profiles: tuple[str, ...] = ("desk-copy",)
    """The signing profiles by which he may sign (`docs/signing.md`)."""

    @field_validator("name", "office", "title")
    @classmethod
    def _shown(cls, name: str) -> str:
        return _plain(name) if name else name

    @field_validator("agencies")
    @classmethod
    def _are_agencies(cls, agencies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_agency, agencies))

    def why_not(self, agency: str, profile: str, day: date) -> Told | None:
        """Why he may not sign a copy; none when he may."""
        if not self.is_in_office(day):
            return told("not_in_office", name=self.name, day=day)
        if self.agencies and not any(is_within(agency, item) for item in self.agencies):
            return told("signs_none_of", name=self.name, agency=agency)
        return None if profile in self.profiles else told("signs_not_as", name=self.name, profile=profile)


class SealSettings(KeySettings):
    """The seal of an agency in the hands of one of its clerks (law L1.9)."""

    who: str = Field(min_length=1)
    """The clerk, as `--who` names him."""
    agency: str
    """Whose papers are sealed, those of agencies below included that have no seal of their own."""
    name: str
    """The agency's name, as the marks show it; the certificate must bear it."""

    @field_validator("name")
    @classmethod
    def _shown(cls, name: str) -> str:
        return _plain(name)

    @field_validator("agency")
    @classmethod
    def _is_agency(cls, agency: str) -> str:
        return _agency(agency)


def _plain(name: str) -> str:
    try:
        return plain("name", name)
    except UsageError as error:
        raise ValueError(f"{error}; {error.advice}") from None


def _agency(agency: str) -> str:
    if not is_agency(agency):
        raise ValueError(f"{agency!r} is no agency identifier, such as H17.12")
    return agency


class TimeStampAuthority(Frozen):
    """An authority that stamps time by RFC 3161 over HTTP; several are asked in their order."""

    url: str = Field(pattern="^https?://")
    """Its address."""
    timeout_s: float = Field(default=30, gt=0)
    """How long an answer is waited for."""
    policy: str = Field(default="", pattern=r"^([0-2](\.\d+)+)?$")
    """The only policy (OID) that is accepted; any, when it is empty."""


def _usual_abbreviations() -> dict[str, str]:
    """The usual ones."""
    return {"UBND": "Ủy ban nhân dân", "HĐND": "Hội đồng nhân dân", "TP": "thành phố"}


class SigningSettings(Frozen):
    """Keys, time stamps, and what shows of signatures (`docs/signing.md`).

    The store's own officer and agency sign where no table `signing.officers` or `signing.seals` says who does.
    """

    kind: Literal["software", "token", "remote"] = "software"
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
    officers: tuple[OfficerSettings, ...] = ()
    seals: tuple[SealSettings, ...] = ()
    default_officer: str = ""
    """Who signs, of the table, what was put in without `--who`, or by an officer whose key wants him there."""
    roots: Path | None = None
    """A folder of root certificates (PEM or DER) that are trusted besides the installation's own."""
    abbreviations: dict[str, str] = Field(default_factory=_usual_abbreviations)
    """What stands for what in names of agencies, with which the certificates of seals are compared (`UBND`, `TP`)."""
    time_stamps: tuple[TimeStampAuthority, ...] = ()
    level: Level | None = None
    """The level of document types that ask for no other; else the highest that can be made."""

    @field_validator("officer", "officer_agency")
    @classmethod
    def _shown(cls, name: str) -> str:
        return _plain(name)

    def kind_of(self, role: KeyRole) -> KeyKindName:
        """Where the store's key of a role lies: with ``remote``, one of the two may lie on a token."""
        return "token" if self.kind == "remote" and self.remote(role) is None else self.kind

    def token(self, role: KeyRole) -> TokenSettings | None:
        """The store's token of a role."""
        return self.officer_token if role == "officer" else self.agency_token

    def remote(self, role: KeyRole) -> RemoteSettings | None:
        """The service that holds the store's key of a role."""
        return self.officer_remote if role == "officer" else self.agency_remote

    def place(self, role: KeyRole) -> KeyPlace:
        """The store's own key of a role."""
        return KeyPlace(
            role=role,
            title=role,
            kind=self.kind_of(role),
            token=self.token(role),
            remote=self.remote(role),
            picture=self.officer_picture if role == "officer" else self.agency_picture,
            folder=self.keys,
            notes=self.keys.parent,
        )

    def place_of(self, row: OfficerSettings | SealSettings) -> KeyPlace:
        """The key of a row of the tables; rows of one person share his development key."""
        if isinstance(row, OfficerSettings):
            role: KeyRole = "officer"
            title, folder = f"officer {row.who}", f"officer-{row.who}"
            person, organisation = row.name, row.office or self.officer_agency
        else:
            role, person, organisation = "agency", "", row.name
            title, folder = f"seal of {row.agency} ({row.who})", f"seal-{row.agency}-{row.who}"
        return KeyPlace(
            role=role,
            title=title,
            kind=row.kind,
            token=row.token,
            remote=row.remote,
            file=row.file,
            person=person,
            organisation=organisation,
            picture=row.picture,
            folder=self.keys / file_name(folder),
            notes=self.keys.parent,
            is_own=True,
        )

    @property
    def is_tabled(self) -> bool:
        """Whether a table says who signs or seals."""
        return bool(self.officers or self.seals)

    def rows_of(self, who: str) -> tuple[OfficerSettings, ...]:
        """The rows of an officer."""
        return tuple(row for row in self.officers if row.who == who)

    def seals_for(self, agency: str, day: date) -> tuple[SealSettings, ...]:
        """The rows that may seal a paper of an agency: of the nearest one above it that has any in office."""
        found = [row for row in self.seals if is_within(agency, row.agency) and row.is_in_office(day)]
        nearest = max((len(row.agency) for row in found), default=0)
        return tuple(row for row in found if len(row.agency) == nearest)

    def places(self) -> tuple[KeyPlace, ...]:
        """The keys that sign: of the tables, and the store's own where there is no table."""
        officers = tuple(map(self.place_of, self.officers)) or (self.place("officer"),)
        return (*officers, *(tuple(map(self.place_of, self.seals)) or (self.place("agency"),)))

    def reach_of(self, places: Iterable[KeyPlace]) -> Level:
        """The highest level that can be made with keys: nobody answers for the revocation of development keys."""
        is_real = all(place.kind != "software" for place in places)
        return "B-LTA" if is_real and self.time_stamps else "B-T"

    @property
    def reach(self) -> Level:
        """The highest level that can be made with every key."""
        return self.reach_of(self.places())

    def level_for(self, asked: Level | None, places: Iterable[KeyPlace] | None = None) -> Level:
        """The level of a document whose type asks for one, or for none, by the keys that sign it or by all."""
        reach = self.reach if places is None else self.reach_of(places)
        return lower(asked or self.level or reach, reach)

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

    @model_validator(mode="after")
    def _names_officers(self) -> "SigningSettings":
        if self.default_officer and not self.rows_of(self.default_officer):
            raise ValueError(f"`default_officer` {self.default_officer!r} is not in the table `officers`")
        if two := next((row.who for row in self.officers if len({r.name for r in self.rows_of(row.who)}) > 1), ""):
            raise ValueError(f"the rows of the officer {two!r} give two names")
        return self
