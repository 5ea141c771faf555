"""The shapes of the catalogues in ``config/catalogues``: law and city as data with validity dates (law section 0)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, Never

from pydantic import Field, GetCoreSchemaHandler, TypeAdapter, ValidationError, model_validator
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from config.copies import CertifiedCopyWords, CopiesBrought, PaperCopyWords
from config.owners import APPLICANT, PartyCode
from config.papers import Code, DocumentType, ResultCode, RetentionClass, TypeIndex, UseValidity, listed_type
from domain.codes import AGENCY, PROCEDURE, code_key
from domain.errors import SetupError
from domain.record import Frozen
from domain.values import longest

AdministrativeLevel = Literal["city", "district", "commune"]


class Mark(Frozen):
    """What shows of a signature: a text in a corner of page one, or a picture where signatures stand (law 4A)."""

    kind: Literal["text", "picture"]
    place: Literal["top_left", "top_right", "over_name", "on_signature"]
    lines: tuple[str, ...] = ()
    colour: Literal["blue", "red"] | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> "Mark":
        is_text = self.kind == "text"
        if is_text != bool(self.lines) or is_text == bool(self.colour) or is_text != self.place.startswith("top"):
            raise ValueError("a text has `lines` and stands on top; a picture has a `colour` and stands with the name")
        try:
            self.written("", "")
        except (LookupError, ValueError, AttributeError):
            raise ValueError("`lines` may hold {name} and {time}, and {statement} alone, and no other braces") from None
        return self

    def written(self, name: str, time: str) -> tuple[str, ...]:
        """The lines with name and time filled in; in the place of a statement that nobody made nothing stands."""
        return tuple(line.format(name=name, time=time) for line in self.lines if line != _STATEMENT)

    def stating(self, statement: Sequence[str]) -> "Mark":
        """The mark with a statement in its place; ``{name}`` is left for the signer's."""
        lines = tuple(part for line in self.lines for part in (statement if line == _STATEMENT else (line,)))
        return self.model_copy(update={"lines": lines})


_STATEMENT = "{statement}"
DESK_COPY, CERTIFIED_COPY = "desk-copy", "certified-copy"


class SigningProfile(Frozen):
    """How a kind of document is signed: first by a person, then by the agency (law L1.9)."""

    id: str
    name: str
    person: Mark
    agency: Mark
    confirmed: bool
    source: str

    @property
    def certifies(self) -> bool:
        """Whether the person states something of the original: what has a number in a book (law L1.11)."""
        return _STATEMENT in self.person.lines

    @model_validator(mode="after")
    def _apart(self) -> "SigningProfile":
        if self.person.place not in {"top_left", "top_right", "over_name"}:
            raise ValueError("the person signs first, so nothing is there that the mark could stand on")
        if self.agency.place in {"over_name", self.person.place}:
            raise ValueError("the agency's mark has a corner of its own, or stands on the person's picture")
        if self.agency.kind == "picture" and self.person.kind == "text":
            raise ValueError("the agency's picture stands on the person's, so the person's mark must be one")
        return self


class Period(Frozen):
    """The days between which an entry is so; without an end it still is."""

    valid_from: date
    valid_until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the entry is in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def overlaps(self, other: "Period") -> bool:
        """Whether there is a day that both cover."""
        return self.covers(other.valid_from) or other.covers(self.valid_from)


class Entry(Period):
    """What procedures and agencies have in common; ``confirmed`` is False for what awaits the official list."""

    code: str
    name: str
    confirmed: bool
    source: str


class Agency(Entry):
    """An agency with its identifier (law L3.1) and the days between which it is so.

    The same code stands several times when name, level or parent changed; the periods do not overlap.
    """

    code: str = Field(pattern=f"^{AGENCY}$", max_length=35)
    name: str = Field(max_length=longest("issuer"))
    level: AdministrativeLevel
    parent: str | None = None


class RuleProfile(Period):
    """Rules in force between two days (law section 0): levels, code grammar, scan acceptance, reuse default.

    ``brought_copies``: by what copies on paper are known; ``paper_copy``: what stands on those that are made here;
    ``certified_copy``: what is stated on certified e-copies.
    """

    id: str
    levels: tuple[AdministrativeLevel, ...] = Field(min_length=1)
    dossier_pattern: str
    file_code: str
    brought_copies: CopiesBrought = CopiesBrought()
    paper_copy: PaperCopyWords | None = None
    certified_copy: CertifiedCopyWords | None = None
    min_dpi: int
    warn_dpi: int
    ask_colour: bool
    warn_sharpness: float = Field(ge=0, le=1)
    default_validity_months: int
    review_below: float = Field(ge=0, le=1)
    confirmed: bool
    source: str


class Component(Frozen):
    """A paper that a procedure asks the applicant for.

    Any of the paper ``types`` serves; none, when no type of the catalogue is that paper.  ``form`` is how it is given:
    ``reusable`` papers need not be brought when they are held; a ``declaration`` is written anew for every dossier;
    what is only shown (``present``) and ``certified_copy`` on paper are never digitised (law L2.2).  ``elsewhere``
    names the database that may hold it.  ``aliases`` are other codes of it: the short ones that clerks write.
    ``groups`` are the cases in which the national list asks for it; ``words`` are the list's where ``name`` is ours.
    ``whose`` paper it is, by roles in the dossier: any one of them has it, or with ``each`` every one brings his own;
    with ``joint`` it is one paper that names all of them.
    ``validity`` is that of its papers as this component; without one they serve as long as they hold by themselves.
    """

    code: Code
    name: str
    aliases: tuple[Code, ...] = ()
    groups: tuple[str, ...] = ()
    words: str = ""
    types: tuple[str, ...] = ()
    form: Literal["reusable", "declaration", "present", "certified_copy"] = "reusable"
    required: bool = True
    elsewhere: str | None = Field(default=None, pattern=r"^[a-z][a-z_]*$")
    whose: tuple[PartyCode, ...] = Field(default=(APPLICANT,), min_length=1)
    each: bool = False
    joint: bool = False
    validity: UseValidity | None = None

    @property
    def is_sought(self) -> bool:
        """Whether anybody can hold it: a paper of a known type, or one that another database may have."""
        return self.form == "reusable" and bool(self.types or self.elsewhere)


class ListNote(Frozen):
    """A row of the national list that is no paper: a heading, or what is to be minded; with its code."""

    code: Code
    text: str
    groups: tuple[str, ...] = ()


class Procedure(Entry):
    """A procedure (TTHC): its components and results, and the days between which it is so.

    The same code stands several times when its components changed; the periods do not overlap.
    """

    code: str = Field(pattern=f"^{PROCEDURE}$")
    field: str
    level: AdministrativeLevel
    components: tuple[Component, ...]
    notes: tuple[ListNote, ...] = ()
    results: tuple[str, ...] = ()

    def component(self, code: str) -> Component | None:
        """The component that has a code, or is called so by clerks; None for a note, and for what is not there."""
        key = code_key(code)
        return next((item for item in self.components if key in (item.code, *item.aliases)), None)


class Procedures(Sequence[Procedure]):
    """Procedures as they were read, then those of an import.

    The latter come as JSON, an array of periods per code, and are read when they are asked for: most commands need
    none, and thousands take a quarter of a second.
    """

    def __init__(self, read: Iterable[Procedure], imported: Mapping[str, bytes] = MappingProxyType({})) -> None:
        """Know these procedures; what is imported stands in place of what was read under the same code."""
        self._read = tuple(item for item in read if item.code not in imported)
        self._periods: dict[str, tuple[Procedure, ...]] = {}
        for item in sorted(self._read, key=lambda item: item.valid_from):
            self._periods[item.code] = (*self._periods.get(item.code, ()), item)
        self._imported = imported

    def overlaid(self, imported: Mapping[str, bytes]) -> "Procedures":
        """These procedures with an import over them."""
        return Procedures(self._read, imported)

    def periods(self, code: str) -> tuple[Procedure, ...]:
        """What is known of a code, in order of time."""
        if code in self._imported and code not in self._periods:
            try:
                self._periods[code] = _PERIODS.validate_json(self._imported[code])
            except ValidationError as error:
                why = error.errors()[0]["msg"]
                raise SetupError("procedure_not_read", remedy="import_or_undo", code=code, error=why) from None
        return self._periods.get(code, ())

    def codes(self) -> tuple[str, ...]:
        """All codes."""
        return tuple(sorted({*self._periods, *self._imported}))

    def __getitem__(self, place: Any) -> Any:
        return tuple(self)[place]

    def __iter__(self) -> Iterator[Procedure]:
        yield from self._read
        for code in self._imported:
            yield from self.periods(code)

    def __len__(self) -> int:
        return sum(len(self.periods(code)) for code in self.codes())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Made of a tuple of procedures."""
        return no_info_after_validator_function(cls, handler.generate_schema(tuple[Procedure, ...]))


_PERIODS = TypeAdapter(tuple[Procedure, ...])


class AlgorithmTerm(Frozen):
    """Until when keys or digests of a family, from a size on, are thought to hold."""

    id: str
    family: Literal["rsa", "ecdsa", "sha2"]
    bits: int
    until: date
    confirmed: bool
    source: str


class Catalogues(Frozen):
    """All catalogues, checked against one another."""

    types: tuple[DocumentType, ...]
    agencies: tuple[Agency, ...]
    retention: tuple[RetentionClass, ...]
    profiles: tuple[RuleProfile, ...]
    algorithms: tuple[AlgorithmTerm, ...]
    signing: tuple[SigningProfile, ...]
    procedures: Procedures
    results: tuple[ResultCode, ...] = ()

    def type(self, code: str) -> DocumentType:
        """See ``find_type``; KeyError when there is none."""
        return self.find_type(code) or _missing("document type", code)

    def find_type(self, code: str | None) -> DocumentType | None:
        """The paper type that bears a code; of a code of the national list alone, what the list says of it.

        Such a type has no retention class and is recognised by nothing.
        """
        key = code_key(code or "")
        return self._bearing(key) or listed_type(self._result(key))

    @property
    def _index(self) -> TypeIndex:
        """Made when first asked for; a copy with other types makes its own."""
        known: TypeIndex | None = self.__dict__.get("_known")
        if known is None or known.types is not self.types or known.results is not self.results:
            known = self.__dict__["_known"] = TypeIndex(self.types, self.results)
        return known

    def _bearing(self, key: str) -> DocumentType | None:
        return self._index.bearing.get(key)

    def _result(self, key: str) -> ResultCode | None:
        return self._index.listed.get(key)

    def only_listed(self) -> list[DocumentType]:
        """The types of which only the national list knows."""
        found = (listed_type(item) for item in self.results if self._bearing(item.key) is None)
        return [item for item in found if item]

    def present_code(self, code: str) -> str:
        """A code as it is written today: a placeholder of an earlier release is the code that took its place."""
        key = code_key(code)
        type_ = self._bearing(key)
        return type_.code if type_ and key in type_.former else key

    def spellings(self, code: str) -> tuple[str, ...]:
        """A code of today and its former ones, whichever of them is given."""
        type_ = self._bearing(key := code_key(code))
        return (type_.code, *type_.former) if type_ and key in (type_.code, *type_.former) else (key,)

    def first_code(self, code: str) -> str:
        """The code by which the first release knew such papers: what they are known again by does not change."""
        type_ = self._bearing(key := code_key(code))
        return type_.former[0] if type_ and type_.former and key == type_.code else key

    def type_name(self, code: str) -> str:
        """What a paper of a code is called; the code, when nobody knows it."""
        key = code_key(code)
        if listed := self._result(key):
            return listed.name
        type_ = self._bearing(key)
        return type_.name if type_ else code

    def outward_code(self, code: str) -> str:
        """The code by which other systems know a paper (MaGiayToKetQua)."""
        present = self.present_code(code)
        if listed := self._result(present):
            return listed.code
        type_ = self._bearing(present)
        return type_.given_as if type_ and type_.given_as else present

    def serving(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Every code under which papers lie that are of the types of some codes."""
        found = [(self.find_type(code), code) for code in codes]
        return tuple(dict.fromkeys(name for type_, code in found for name in (type_.all_codes if type_ else (code,))))

    def kind_of(self, code: str) -> str:
        """The main code of the paper type that bears a code; the code, when none does."""
        type_ = self.find_type(code)
        return type_.code if type_ else code

    def agency(self, code: str) -> Agency:
        """The agency of that identifier as it is or was last; KeyError when the catalogue has none."""
        known = [item for item in self.agencies if item.code == code]
        return max(known, key=lambda item: item.valid_from) if known else _missing("agency", code)

    def procedure(self, code: str, day: date) -> Procedure:
        """The procedure of that code as it is on a day; KeyError when the catalogue has none.

        A local code (``1.004194.000.00.00.H17``) without an entry of its own is the national procedure (law table 2B).
        """
        for known in (code, code[: len("1.004194")]):
            for item in self.procedures.periods(known):
                if item.covers(day):
                    return item
        return _missing(f"procedure in force on {day}", code)

    def rules_end(self, code: str, day: date) -> date | None:
        """The last day of which the rules of a procedure are known, when that is before a day (law L9.4)."""
        known = [*self.procedures.periods(code), *self.procedures.periods(code[: len("1.004194")])]
        last = max((item.valid_until or date.max for item in known), default=date.max)
        return last if last < day else None

    def retention_class(self, id_: str) -> RetentionClass:
        """The retention class of that id; KeyError when the catalogue has none."""
        return next((r for r in self.retention if r.id == id_), None) or _missing("retention class", id_)

    def lacks_level(self, agency: Agency) -> RuleProfile | None:
        """The rules that know no such level in days of that agency; the district level ended so (law section 0)."""
        return next((p for p in self.profiles if p.overlaps(agency) and agency.level not in p.levels), None)

    def signing_profile(self, id_: str) -> SigningProfile:
        """The signing profile of that id; KeyError when the catalogue has none."""
        return next((p for p in self.signing if p.id == id_), None) or _missing("signing profile", id_)

    def algorithm_end(self, family: str, bits: int) -> date:
        """Until when an algorithm holds; KeyError when the catalogue does not know it."""
        known = [item for item in self.algorithms if item.family == family and item.bits <= bits]
        return max(known, key=lambda item: item.bits).until if known else _missing("algorithm", f"{family} {bits}")

    def profile(self, day: date) -> RuleProfile:
        """The rules in force on a day; KeyError when no profile covers it."""
        for profile in self.profiles:
            if profile.covers(day):
                return profile
        return _missing("rule profile for", day.isoformat())


def _missing(what: str, key: str) -> Never:
    raise KeyError(f"no {what} {key} in the catalogues")
