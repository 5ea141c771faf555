"""Settings of one installation: typed, frozen, complete at start; nothing reads the environment afterwards.

They come from ``khoso.toml`` in the home folder, then from environment variables ``KHOSO_…``
(``KHOSO_SIGNING__OFFICER="Nguyễn Văn A"``).  Unknown names are errors in both.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from config.registers import RegisterSettings
from config.separators import SeparatorSettings
from domain.errors import SetupError
from domain.levels import Level, is_below, lower
from domain.record import Frozen

KeyRole = Literal["officer", "agency"]
KEY_ROLES: tuple[KeyRole, ...] = ("officer", "agency")
KeyKindName = Literal["software", "token", "remote"]

_PREFIX = "KHOSO_"
_OF_COMMANDS = frozenset({"KHOSO_HOME", "KHOSO_WHO", "KHOSO_OFFICE"})  # options of commands, no settings


class TokenSettings(Frozen):
    """A key on a PKCS#11 token; the PIN itself is no setting.

    ``module`` is the maker's library.  The token is named by its label or serial number, the key by its label or id
    (hexadecimal) when there are several.  ``certificates`` is a PEM file with what the token does not hold of the
    certificate and its issuers, up to the root.  Without ``pin_file`` a person is asked.  ``padding`` is for RSA keys.
    ``patience_s``: how long a document waits for a token that was taken out before it is put back.
    """

    module: Path
    label: str = ""
    serial: str = ""
    key: str = ""
    key_id: str = Field(default="", pattern="^([0-9A-Fa-f]{2})*$")
    certificates: Path | None = None
    pin_file: Path | None = None
    padding: Literal["pss", "pkcs1"] = "pss"
    patience_s: float = Field(default=20, ge=0)

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
    """A key that a remote service holds (Cloud Signature Consortium, API 1.0.4); PIN and access token are no settings.

    ``url`` is what stands before ``/csc/v1``.  ``certificates`` is a PEM file with what the service does not tell of
    the certificate's issuers, up to the root.  ``access_file`` holds the access token (OAuth 2) that lets khoso in.
    Without ``pin_file`` a person is asked for the PIN, when the service wants one.  An authorisation is for ``batch``
    signatures at most.  ``tls_roots``: a PEM file, when the service's certificate for TLS is no public one.
    """

    url: str = Field(pattern="^https?://")
    credential: str = Field(min_length=1)
    certificates: Path | None = None
    access_file: Path | None = None
    pin_file: Path | None = None
    padding: Literal["pss", "pkcs1"] = "pss"
    batch: int = Field(default=100, ge=1)
    timeout_s: float = Field(default=60, gt=0)
    tls_roots: Path | None = None

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
    """An authority that stamps time by RFC 3161 over HTTP; ``policy`` is the only one accepted, when it is given."""

    url: str = Field(pattern="^https?://")
    timeout_s: float = Field(default=30, gt=0)
    policy: str = Field(default="", pattern=r"^([0-2](\.\d+)+)?$")


class SigningSettings(Frozen):
    """Keys and time stamps.  ``software`` makes a development authority on first run; ``token`` uses PKCS#11 tokens.

    ``remote`` uses signing services; a role whose key lies on a token keeps its ``…_token``.
    ``roots`` is a folder of root certificates (PEM or DER) by which time stamps, and papers that arrive signed, are
    trusted besides the installation's own; nothing else is trusted.  ``time_stamps`` are asked in their order; without
    any, the development authority stamps.  ``level`` is for document types that ask for no other (see ``level_for``).
    The pictures (PNG with transparency and a resolution) show where a profile in ``signing.yaml`` asks for them.
    """

    kind: KeyKindName = "software"
    keys: Path
    officer_token: TokenSettings | None = None
    agency_token: TokenSettings | None = None
    officer_remote: RemoteSettings | None = None
    agency_remote: RemoteSettings | None = None
    officer: str = "Cán bộ số hóa"
    officer_agency: str = "Bộ phận Một cửa"
    officer_picture: Path | None = None
    agency_picture: Path | None = None
    roots: Path | None = None
    time_stamps: tuple[TimeStampAuthority, ...] = ()
    level: Level | None = None

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


class ElasticsearchSettings(Frozen):
    """An Elasticsearch 9 cluster; ``index`` begins the names of all our indexes there.

    Either ``api_key_file``, or ``user`` and ``password_file``, when the cluster asks for a login; ``ca`` is a PEM file.
    """

    urls: tuple[str, ...] = Field(min_length=1)
    index: str = Field(default="khoso", pattern="^[a-z][a-z0-9-]*$")
    user: str = "khoso"
    password_file: Path | None = None
    api_key_file: Path | None = None
    ca: Path | None = None
    timeout_s: float = Field(default=10, gt=0)
    replicas: int = Field(default=0, ge=0)


class SearchSettings(Frozen):
    """The search engine: ``tantivy`` in the folder ``path``, or ``elasticsearch`` on a cluster."""

    kind: Literal["tantivy", "elasticsearch"] = "tantivy"
    path: Path
    elasticsearch: ElasticsearchSettings | None = None

    @property
    def server(self) -> ElasticsearchSettings:
        """Where Elasticsearch is.

        Raises:
            SetupError: the settings do not say.
        """
        if self.elasticsearch is None:
            raise SetupError("no Elasticsearch is set", remedy="Set `urls` in `[search.elasticsearch]`")
        return self.elasticsearch

    @model_validator(mode="after")
    def _has_server(self) -> "SearchSettings":
        if self.kind == "elasticsearch" and self.elasticsearch is None:
            raise ValueError('`kind = "elasticsearch"` needs `urls` in `[search.elasticsearch]`')
        return self


class RecognitionSettings(Frozen):
    """How pages are read, and the limits per page and per document.

    ``page_time_limit_s`` binds all readings of a page together, but not the search for its lines, which the recogniser
    does not let itself be stopped in; the limit of the stage binds that.
    """

    mode: Literal["fast", "accurate"] = "accurate"
    page_time_limit_s: int = Field(default=180, ge=10)
    max_megapixels: int = Field(default=250, ge=1)
    max_page_inches: int = Field(default=60, ge=12)
    separators: SeparatorSettings = SeparatorSettings()


class IntakeSettings(Frozen):
    """What is taken in: a file whose size and time have not changed for ``quiet_s`` seconds; others wait.

    A scanner that pauses longer between the pages of one file needs a larger number.
    """

    quiet_s: float = Field(default=2, ge=0, le=3600)


DuplicatePolicy = Literal["link", "ask", "refuse"]


class DuplicateSettings(Frozen):
    """What becomes of a paper that is here already, by the key that told so.

    ``link``: it ends as a duplicate of the other one, when that is archived with every page looking the same (else it
    is held); ``ask``: it is held until a person decides; ``refuse``: it is refused.  The same bytes are the same
    document, so there is nothing to ask.  ``both``: the two other keys agree on it.
    """

    bytes: Literal["link", "refuse"] = "link"
    image: DuplicatePolicy = "ask"
    business: DuplicatePolicy = "ask"
    both: DuplicatePolicy = "link"


class WorkSettings(Frozen):
    """How the work is spread: processes, memory of one process (MiB), and what becomes of a paper that must wait.

    A paper waits while a token, an authority or the disk fails it: ``pause_s`` seconds before the second try, twice as
    long before each further one, a minute at most.  After ``tries`` it is held; without that number it just waits.
    """

    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1)
    tries: int | None = Field(default=None, ge=1)
    pause_s: int = Field(default=20, ge=0)
    memory_mib: int = Field(default=4096, ge=512)


Role = Literal["desk", "archivist", "auditor"]


class DeskSettings(Frozen):
    """Who asks for held papers.  ``roles`` are those of named people; all others are at a desk.

    ``owners_per_hour``: about how many different persons and organisations somebody at a desk may ask within an hour.
    ``ask_before_s``: how long the answer to a question allows the paper to be used.
    """

    roles: dict[str, Role] = Field(default_factory=dict)
    owners_per_hour: int = Field(default=60, ge=1)
    ask_before_s: int = Field(default=24 * 3600, ge=60)

    def role(self, who: str) -> Role:
        """The role of a person."""
        return self.roles.get(who, "desk")


class Settings(Frozen):
    """Everything that may differ between installations."""

    home: Path
    agency: str = "H17.12"
    ledger_url: str
    catalogue_url: str
    desk_url: str
    owner_secret: Path
    signing: SigningSettings
    search: SearchSettings
    recognition: RecognitionSettings = RecognitionSettings()
    intake: IntakeSettings = IntakeSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    desk: DeskSettings = DeskSettings()
    work: WorkSettings = WorkSettings()
    elsewhere: dict[Annotated[str, Field(pattern="^[a-z][a-z_]*$")], RegisterSettings] = Field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        """Received scans, until the vault holds them."""
        return self.home / "inbox"

    @property
    def work_folder(self) -> Path:
        """One folder per document with what its stages made so far."""
        return self.home / "work"

    @property
    def vault(self) -> Path:
        """The OCFL storage root."""
        return self.home / "vault"

    @property
    def scratch(self) -> Path:
        """Temporary files; may be emptied whenever nothing runs."""
        return self.home / "tmp"

    @property
    def imported(self) -> Path:
        """The versions of imported catalogues."""
        return self.home / "catalogues"

    @property
    def journal(self) -> Path:
        """The audit journal."""
        return self.home / "audit.jsonl"


def load_settings(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the store at ``home``.

    Raises:
        SetupError: a name is unknown or a value cannot be; the message says which and where.
    """
    home = home.resolve()
    file = home / "khoso.toml"
    values: dict[str, Any] = {}
    if file.exists():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SetupError(f"{file} is not TOML: {error}", remedy="Correct the line that is named") from None
    for name, value in environment.items():
        if name.startswith(_PREFIX) and name not in _OF_COMMANDS:
            _put(values, name.removeprefix(_PREFIX).lower().split("__"), value)
    values = {
        "ledger_url": f"sqlite:///{home / 'ledger.sqlite'}",
        "catalogue_url": f"sqlite:///{home / 'catalogue.sqlite'}",
        "desk_url": f"sqlite:///{home / 'desk.sqlite'}",
        "owner_secret": home / "owner.secret",
        **values,
        "home": home,
        "signing": {"keys": home / "keys", **values.get("signing", {})},
        "search": {"path": home / "index", **values.get("search", {})},
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        remedy = f"Correct it in {file} or in the variable {_PREFIX}{name.upper().replace('.', '__')}"
        raise SetupError(f"Setting `{name}`: {first['msg']}", remedy=remedy) from None


def _put(values: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = value
