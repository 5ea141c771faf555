"""The standard codes of dossiers, results and digitised papers (law table 2B)."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import quote, unquote

from domain.errors import UsageError
from domain.owners import mask
from domain.record import Frozen

AGENCY = r"[A-Y][0-9]{2}(\.[0-9A-Z]+)*"  # agency identifiers (law L3.1)
NO_NUMBER = "KS"  # "không số": our convention for papers without a number; the circular's text is not confirmed

# 2025: TT 03/2025 Art 13, also the central form of TT 04/2025; 2018: TT 01/2018 Art 19.  Some systems of ministries
# write the year in full: G09.20-20260609-0092637.
# A serial of more digits is none: no office counts so far, and Python reads no number of thousands of digits.
_MINTING = r"(?:[A-Y]\d{2}(?:\.\d{1,3}){0,2}|\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2})"
_DOSSIER = re.compile(rf"(?P<agency>{_MINTING})-(?P<day>(?:20)?\d{{6}})-(?P<serial>\d{{4,15}})", re.ASCII)
# Behind it a local procedure has its agency, a service or a case of one two digits: 2.000815.000.00.00.H55.02.
PROCEDURE = r"[0-9]\.[0-9]{6}(?:\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2})?(?:\.[0-9]{2})?"
# Letters before the number: the archive's own file numbers (160, 01.TH) and dossier codes never look so.
_FILE = re.compile(
    rf"(?P<agency>{_MINTING}|{AGENCY})\.(?P<year>\d{{4}})\.(?P<notation>(?P<letters>[A-Z]{{2,}})(?P<serial>\d{{4,15}}))",
    re.ASCII,
)
_LONGEST_NOTATION = 20  # FileNotation (law L4.2C)
_RESULT = re.compile(r"(?P<dossier>.+)-KQ(?P<n>(?:[1-9]\d{0,14})?)", re.ASCII)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
KEY_LENGTH = 50  # of a paper type or component in the portal's interface (law table 2B, L2.12)
_ICELANDIC_D = {ord("Ð"): "Đ", ord("ð"): "đ"}  # what OCR and old encodings write for the Vietnamese letter


class DossierCode(Frozen):
    """The parts of a dossier code."""

    agency: str
    day: date
    serial: int


class FileCode(Frozen):
    """The parts of an archive file code of ours; ``series`` is what its serial counts within."""

    agency: str
    year: int
    series: str
    serial: int


def parse_dossier(code: str) -> DossierCode:
    """The parts of a dossier code of 2018, of 2025 or of a central system.

    Raises:
        UsageError: the text is no dossier code.
    """
    match = _DOSSIER.fullmatch(code)
    if match:
        try:
            form = "%y%m%d" if len(match["day"]) == 6 else "%Y%m%d"
            day = datetime.strptime(match["day"], form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            match = None
        else:
            return DossierCode(agency=match["agency"], day=day, serial=int(match["serial"]))
    raise UsageError("not_dossier_code", remedy="write_dossier", code=code[:60])


def dossier_key(text: str) -> str:
    """A dossier code as it is kept, however it was typed: ``h17.12 – 261124 – 0001`` is ``H17.12-261124-0001``."""
    return "".join(_letters_meant(text))


def is_agency(code: str) -> bool:
    """Whether a text has the form of an agency identifier."""
    return re.fullmatch(AGENCY, code, re.ASCII) is not None


def agency_of(received: str | None, keeper: str) -> str:
    """The agency that a paper belongs to: the one that received its dossier, or put it in where it has none yet.

    A dossier that was numbered elsewhere, as by a ministry's system, is one of the agency that keeps the paper.

    Args:
        received: code of the dossier, or the agency that put the paper in; None: nobody knows.
        keeper: the agency that keeps the paper.
    """
    try:
        agency = received if received and is_agency(received) else parse_dossier(received or "").agency
    except UsageError:
        return keeper
    if not is_agency(agency):  # of 2018, from the lowest level up (law L3.2): 000.34.12.H17 is H17.12.34
        agency = ".".join(part for part in reversed(agency.split(".")) if part.strip("0"))
    return agency if agency.partition(".")[0] == keeper.partition(".")[0] else keeper


def is_within(agency: str, office: str) -> bool:
    """Whether an agency is that office, or one below it."""
    return agency == office or agency.startswith(f"{office}.")


def agency_over(office: str) -> str:
    """The agency that an office is of: `H17.12.34` is a unit of `H17.12` (TT 03/2025 Art 13: MX1X2.Y1Y2Y3.Z1Z2)."""
    return ".".join(office.split(".")[:2])


def mints(agency: str) -> bool:
    """Whether dossier codes that begin with an agency identifier can be read back (law table 2B)."""
    return re.fullmatch(_MINTING, agency, re.ASCII) is not None


def is_procedure(code: str) -> bool:
    """Whether a text is a procedure code, in the national form or in the local one with an agency behind it."""
    return re.fullmatch(PROCEDURE, code) is not None


def parse_result(code: str) -> tuple[str, int]:
    """Dossier code and ordinal of a result code; a bare ``-KQ`` counts as 1 (law L1.1).

    Raises:
        UsageError: the text is no result code.
    """
    match = _RESULT.fullmatch(code)
    if not match:
        raise UsageError("not_result_code", remedy="write_result", code=code[:80])
    parse_dossier(match["dossier"])
    return match["dossier"], int(match["n"] or 1)


def code_key(text: str) -> str:
    """A paper type's or component's code as it is kept here and compared.

    Ministries and provinces write them as they like, with blanks, ``/``, ``_`` and ``Đ`` (law table 2B): nothing is
    refused.  One code of the portal's 288 is longer than its own interface takes, and is known by its beginning.
    """
    text = unicodedata.normalize("NFC", text).translate(_ICELANDIC_D)
    return " ".join(text.split())[:KEY_LENGTH].rstrip()


def write_file_code(template: str, agency: str, year: int, serial: int) -> str:
    """An archive file code from the rule profile's template, as ``{agency}.{year}.SH{serial:06d}`` (law L2.13)."""
    return template.format(agency=agency, year=year, serial=serial)


def parse_file_code(code: str) -> FileCode:
    """The parts of an archive file code that this system gave.

    Raises:
        UsageError: the text is no such code.
    """
    match = _FILE.fullmatch(code)
    if not match or len(match["notation"]) > _LONGEST_NOTATION:
        raise UsageError("not_file_code", remedy="write_file_number", code=code[:60])
    series = code.removesuffix(match["serial"])
    return FileCode(agency=match["agency"], year=int(match["year"]), series=series, serial=int(match["serial"]))


def digitisation_prefix(owner_id: str, type_code: str, number_symbol: str | None) -> str:
    """Owner, paper type and number/symbol: what the counter of a digitisation code counts within."""
    number = written_number(number_symbol or "") or NO_NUMBER
    return f"{owner_id}.{type_code}.{number}"


def digitisation_code(prefix: str, n: int) -> str:
    """The digitisation-result code (law table 2B; that it is TT 01/2023 Art 10 is not confirmed)."""
    return f"{prefix}.{n:02d}"


def normal_number(text: str) -> str:
    """A number/symbol as it is compared: ``05 / qđ–UBND`` and ``5/QĐ-UBND`` are the same number.

    NFC, upper case, no spaces or invisible characters (PDF text has soft hyphens), one kind of dash, the Vietnamese Đ,
    and no leading zeros on the running number.  Nothing that is shown or given is made of it.
    """
    return re.sub(r"^0+(?=\d)", "", written_number(text))


def written_number(text: str) -> str:
    """A number/symbol as it stands in codes: as it is compared, with the zeros that are printed.

    Numbers below ten are printed with one (NĐ 30/2020, Annex I), and a company's ten digits begin with one.
    """
    return unicodedata.normalize("NFC", "".join(_letters_meant(text)))


def _letters_meant(text: str) -> Iterator[str]:
    text = unicodedata.normalize("NFC", text).translate(_ICELANDIC_D).translate(_DASHES).upper()
    return (c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")


def file_name(code: str) -> str:
    """The code as an ASCII file name; :func:`from_file_name` gives the code back."""
    return quote(code, safe=".-_", errors="surrogateescape").replace("%", "=")


def from_file_name(name: str) -> str:
    """The code that :func:`file_name` wrote."""
    return unquote(name.replace("=", "%"), errors="surrogateescape")


def mask_code(code: str) -> str:
    """The code with the owner's identifier masked, for lists and logs (design law 7)."""
    owner, dot, rest = code.partition(".")
    return f"{mask(owner)}.{rest}" if dot and re.fullmatch(r"[\d-]{9,14}", owner) else code
