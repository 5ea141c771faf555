"""Settings of one installation: typed, frozen, complete at start; nothing reads the environment afterwards.

They come from ``khoso.toml`` in the home folder, then from environment variables ``KHOSO_…``
(``KHOSO_SIGNING__OFFICER="Nguyễn Văn A"``; lists and tables as TOML has them in one line).  Unknown names are errors in
both.  The sentence under each setting stands
in ``docs/settings.md``, which ``config.describe`` writes.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import Field, ValidationError, field_validator, model_validator

from config.copies import CopySettings
from config.desk import DeskSettings
from config.quality import QualitySettings
from config.registers import RegisterSettings
from config.separators import SeparatorSettings
from config.signing import SigningSettings
from domain.errors import SetupError, UsageError
from domain.record import Frozen
from domain.values import checked

SETTINGS_FILE = "khoso.toml"
STORE_MARK = "0=khoso_store"  # the first file of a store, and empty
_MARKS = (
    STORE_MARK,
    "ledger.sqlite",
    "catalogue.sqlite",
    "vault/0=ocfl_1.1",
)  # the others: of stores before there was it
_PREFIX = "KHOSO_"
_OF_COMMANDS = frozenset({"KHOSO_HOME", "KHOSO_WHO", "KHOSO_OFFICE", "KHOSO_LANG"})  # options of commands, no settings


class ElasticsearchSettings(Frozen):
    """An Elasticsearch 9 cluster, with `api_key_file`, or `user` and `password_file`, when it asks for a login."""

    urls: tuple[str, ...] = Field(min_length=1)
    """Its nodes."""
    index: str = Field(default="khoso", pattern="^[a-z][a-z0-9-]*$")
    """What the names of all our indexes begin with."""
    user: str = "khoso"
    """Who logs in."""
    password_file: Path | None = None
    """A file with the password."""
    api_key_file: Path | None = None
    """A file with the API key."""
    ca: Path | None = None
    """PEM: the authority of its TLS certificates."""
    timeout_s: float = Field(default=10, gt=0)
    """How long an answer is waited for."""
    replicas: int = Field(default=0, ge=0)
    """How many copies of each shard it keeps besides the first."""


class SearchSettings(Frozen):
    """The search engine (`docs/search.md`)."""

    kind: Literal["tantivy", "elasticsearch"] = "tantivy"
    """`tantivy` in a folder, or a cluster of `elasticsearch`."""
    path: Path
    """The folder of tantivy's index."""
    elasticsearch: ElasticsearchSettings | None = None

    @property
    def server(self) -> ElasticsearchSettings:
        """Where Elasticsearch is.

        Raises:
            SetupError: the settings do not say.
        """
        if self.elasticsearch is None:
            raise SetupError("no_elasticsearch", remedy="set_elastic_urls")
        return self.elasticsearch

    @model_validator(mode="after")
    def _has_server(self) -> "SearchSettings":
        if self.kind == "elasticsearch" and self.elasticsearch is None:
            raise ValueError('`kind = "elasticsearch"` needs `urls` in `[search.elasticsearch]`')
        return self


class RecognitionSettings(Frozen):
    """How pages are read, and the limits of pages."""

    mode: Literal["fast", "accurate"] = "accurate"
    """`accurate` reads with one model more, and doubtful words by a second reader; in both it reads long numbers."""
    page_time_limit_s: int = Field(default=180, ge=10)
    """For all readings of a page together, but not the search for its lines, which only `page_limit_s` stops."""
    max_megapixels: int = Field(default=250, ge=1)
    """A larger page is refused."""
    max_page_inches: int = Field(default=60, ge=12)
    """A page with a longer side is refused."""
    max_drawing_mib: int = Field(default=64, ge=1)
    """A page with more drawing orders is refused; those of a form count as often as it is drawn."""
    max_pages: int = Field(default=1000, ge=1)
    """A file with more pages is refused: it would keep a process from all other papers for hours."""
    separators: SeparatorSettings = SeparatorSettings()


class IntakeSettings(Frozen):
    """What is taken in."""

    quiet_s: float = Field(default=2, ge=0, le=3600)
    """A file is taken when its size and time have not changed for so long; a slow scanner needs more."""
    undo_days: int = Field(default=1, ge=0, le=30)
    """So long can a person take his last decision at review back, and the files of a paper that he ended are kept for
    it; the first `ingest` after that removes them. 0: nothing can be taken back, and they are removed at once."""


DuplicatePolicy = Literal["link", "ask", "refuse"]


class DuplicateSettings(Frozen):
    """What becomes of a paper that is here already, by the key that told so.

    `link`: it ends as a duplicate of the other one, when that is archived with every page looking the same (else it is
    held); `ask`: it is held until a person decides; `refuse`: it is refused.
    """

    bytes: Literal["link", "refuse"] = "link"
    """The same file; there is nothing to ask."""
    image: DuplicatePolicy = "ask"
    """The first page looks the same."""
    business: DuplicatePolicy = "ask"
    """Owner, type, number and day of issue are the same."""
    both: DuplicatePolicy = "link"
    """Both of these agree on it."""


MOST_WORKERS = 256  # more are a slip of the hand, and would be started one by one


def _processors() -> int:
    """One for each processor."""
    return min(os.cpu_count() or 1, MOST_WORKERS)


class WorkSettings(Frozen):
    """How the work is spread, and what becomes of a paper that must wait for a token, an authority or the disk."""

    workers: int = Field(default_factory=_processors, ge=1, le=MOST_WORKERS)
    """How many processes work at once."""
    tries: int | None = Field(default=None, ge=1)
    """After so many a paper is held; without it, it waits on."""
    pause_s: int = Field(default=20, ge=0)
    """Before the second try; twice as long before each further one, a minute at most."""
    memory_mib: int = Field(default=1536, ge=512)
    """What one process may take; a paper that needs more is held. Three A3 sheets at 300 dpi take about 700."""
    page_limit_s: int = Field(default=300, ge=10)
    """The longest that a stage may be busy with one page; its paper is held then, and the others go on."""
    document_limit_s: int = Field(default=6 * 3600, ge=600)
    """The longest that a paper may keep a process, however many pages it has."""
    max_file_mib: int = Field(default=2048, ge=1)
    """A larger file is refused, and not read."""
    group: bool = False
    """Whether the group of the store's folder may do what its user may; the keys in it stay the user's alone."""

    def limit_s(self, base_s: int, pages: int) -> int:
        """The longest that a stage may take over a document of so many pages, beside what it takes without any."""
        return min(base_s + pages * self.page_limit_s, self.document_limit_s)


class Settings(Frozen):
    """Everything that may differ between installations."""

    home: Path
    """The folder of the store: `--home`, or `KHOSO_HOME`."""
    agency: str = "H17.12"
    """The agency identifier of the installation, which codes begin with (law L3.1)."""
    ledger_url: str
    """Database of what each document has passed."""
    catalogue_url: str
    """Database of what is held."""
    desk_url: str
    """Database of what desks asked and used."""
    quality_url: str
    """Database of the samples by which lots are accepted."""
    owner_secret: Path
    """The secret by which owners are looked up: back it up apart from the data."""
    signing: SigningSettings
    search: SearchSettings
    recognition: RecognitionSettings = RecognitionSettings()
    intake: IntakeSettings = IntakeSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    desk: DeskSettings = DeskSettings()
    work: WorkSettings = WorkSettings()
    quality: QualitySettings = QualitySettings()
    copies: CopySettings = CopySettings()
    elsewhere: dict[Annotated[str, Field(pattern="^[a-z][a-z_]*$")], RegisterSettings] = Field(default_factory=dict)
    """National and sector databases that are asked besides our own catalogue, by name (`docs/elsewhere.md`)."""

    @field_validator("agency")
    @classmethod
    def _mints(cls, agency: str) -> str:
        try:
            return checked("agency", agency)
        except UsageError as error:
            raise ValueError(f"{error}; {error.advice}") from None

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
    def minutes(self) -> Path:
        """The OCFL storage root of signed minutes."""
        return self.home / "minutes"

    @property
    def journal(self) -> Path:
        """The audit journal."""
        return self.home / "audit.jsonl"


def is_store(folder: Path) -> bool:
    """Whether a folder is the home of a store, this one or another: its own files are no scans."""
    with suppress(OSError):  # of a folder that nobody may look into
        return any((folder / name).is_file() for name in _MARKS)
    return False


def _sqlite(path: Path) -> str:
    """The URL of a database in a file, whose path may hold what means something in a URL."""
    return f"sqlite:///{quote(str(path), safe='/ ')}"


def defaults(home: Path) -> dict[str, Any]:
    """What is in force where nothing else is set, as far as it depends on the home folder."""
    return {
        "home": home,
        "ledger_url": _sqlite(home / "ledger.sqlite"),
        "catalogue_url": _sqlite(home / "catalogue.sqlite"),
        "desk_url": _sqlite(home / "desk.sqlite"),
        "quality_url": _sqlite(home / "quality.sqlite"),
        "owner_secret": home / "owner.secret",
        "signing": {"keys": home / "keys"},
        "search": {"path": home / "index"},
    }


def load_settings(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the store at ``home``.

    Raises:
        SetupError: a name is unknown or a value cannot be; the message says which and where.
    """
    home = home.resolve()
    file = home / SETTINGS_FILE
    values = _read(file)
    for name, value in sorted(environment.items(), reverse=True):  # a section after what it holds: both is an error
        if name.startswith(_PREFIX) and name not in _OF_COMMANDS:
            _put(values, _path(name), value)
    if "home" in values:
        raise SetupError("setting_own_place", remedy="use_home")
    try:
        return _settings(home, values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        variable = f"{_PREFIX}{name.upper().replace('.', '__')}"
        remedy = "correct_setting_toml" if first["type"] in _OF_SEVERAL else "correct_setting"
        raise SetupError(
            "setting_wrong", remedy=remedy, name=name, why=first["msg"], file=file, variable=variable
        ) from None


# How pydantic says that a text stands where a list, a table or a section belongs.
_OF_SEVERAL = frozenset({"tuple_type", "list_type", "dict_type", "model_type", "model_attributes_type"})


def _settings(home: Path, values: dict[str, Any]) -> Settings:
    """The settings; where a variable gave a text and several values belong, it is read as TOML."""
    try:
        return Settings.model_validate(_laid(defaults(home), values))
    except ValidationError as error:
        texts = [
            item["loc"] for item in error.errors() if item["type"] in _OF_SEVERAL and isinstance(item["input"], str)
        ]
        if True not in {_read_as_toml(values, path) for path in texts}:
            raise
    return Settings.model_validate(_laid(defaults(home), values))


def _read_as_toml(values: dict[str, Any], path: Sequence[int | str]) -> bool:
    """Put what a text says in TOML in its place; whether it says several values."""
    for part in path[:-1]:
        values = values[part]  # type: ignore[index]
    try:
        found = tomllib.loads(f"value = {values[str(path[-1])]}")
    except (ValueError, RecursionError):
        return False
    if len(found) > 1 or not isinstance(found["value"], list | dict):
        return False
    values[str(path[-1])] = found["value"]
    return True


def _path(name: str) -> list[str]:
    """The section and the name of the setting of a variable.

    Raises:
        SetupError: it has letters of both kinds, so that a person's name in it would become another one.
    """
    path = name.removeprefix(_PREFIX).split("__")
    for part in path:
        if part not in {part.lower(), part.upper()}:
            raise SetupError("variable_of_both", remedy="write_in_capitals", name=name)
    return [part.lower() for part in path]


def _read(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except PermissionError:
        raise
    except OSError as error:
        raise SetupError("file_not_read", remedy="put_text_there", file=file, error=error.strerror) from None
    except ValueError as error:  # no UTF-8, no TOML, or a number of thousands of digits
        raise SetupError("not_toml", remedy="correct_named_line", file=file, error=error) from None
    except RecursionError:
        raise SetupError("nested_too_deeply", remedy="take_brackets_out", file=file) from None


def _put(values: dict[str, Any], path: list[str], value: str) -> None:
    """Put a variable's value in its section; where the file has no section of that name, the models say so."""
    for part in path[:-1]:
        section = values.get(part)
        if not isinstance(section, dict):
            section = values[part] = {}
        values = section
    values[path[-1]] = value


def _laid(below: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What was set over what was not, section by section."""
    sections = {name: item for name, item in below.items() if isinstance(item, dict)}
    inner = {name: _laid(item, values[name]) for name, item in sections.items() if isinstance(values.get(name), dict)}
    return {**below, **values, **inner}
