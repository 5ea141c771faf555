"""What khoso, pdfsig (Poppler), pyHanko's own validator and EU DSS say of the same files, side by side."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple

from asn1crypto import x509
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from domain.errors import NotValid
from signing.interface import Anchors, lacks_seal, outcome_of
from signing.verification.fields import empty_fields
from signing.verification.verify import verify_pdf
from tests.conftest import program
from tests.judges import Answer, Question, dss
from tests.support.issuers import START

Says = Literal["sound", "in part", "changed", "broken", "not known", "unsigned", "not read"]
"""Every signature fits, and no change speaks against one; something follows the newest, whatever that is; something was
changed that none allows; a digest or a signature does not fit; it cannot be told; there is none; it is not opened."""

_GRAVITY: Sequence[Says] = ("not read", "broken", "changed", "in part", "not known", "sound", "unsigned")


class Row(NamedTuple):
    """What each says of a file; khoso's own outcome, and what it tells."""

    kind: str
    khoso: str
    told: tuple[str, ...]
    pdfsig: Says
    pyhanko: Says
    dss: Says

    @property
    def is_sound_to_all(self) -> bool:
        """Whether all others call it sound and unchanged."""
        return {self.pdfsig, self.pyhanko, self.dss} == {"sound"}


def compared(files: Mapping[str, bytes], anchors: Anchors, folder: Path) -> list[Row]:
    """A row for each file, by its name."""
    root = folder / "root.der"
    root.write_bytes(anchors[0])
    questions = []
    for number, pdf in enumerate(files.values()):
        path = folder / f"{number}.pdf"
        path.write_bytes(pdf)
        questions.append(Question(path, root, START))
    return [
        Row(kind, *_khoso(question.file, anchors), _pdfsig(question.file), _pyhanko(pdf, anchors), _dss(answers))
        for (kind, pdf), question, answers in zip(files.items(), questions, dss(questions), strict=True)
    ]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as lines of one table in Markdown."""
    yield "| file | khoso | khoso tells | pdfsig | pyHanko | EU DSS |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        yield f"| {row.kind} | {row.khoso} | {', '.join(row.told)} | {row.pdfsig} | {row.pyhanko} | {row.dss} |"


def _khoso(path: Path, anchors: Anchors) -> tuple[str, tuple[str, ...]]:
    try:
        found, empty = verify_pdf(path.read_bytes(), anchors, START), empty_fields(path)
    except NotValid as error:
        return "not read", (error.told.what,)
    tells = [
        *(problem.code for item in found for problem in item.all_told),
        *(word for item in found for word in item.changes),
    ]
    if lacks_seal(found, empty):
        tells.append("seal_field_empty")
    return outcome_of(found, empty), tuple(dict.fromkeys(tells))


def _pdfsig(path: Path) -> Says:
    done = subprocess.run([program("pdfsig"), "-nocert", path], capture_output=True, text=True, check=False)
    fields = re.split(r"^Signature #\d+:", done.stdout, flags=re.MULTILINE)[1:]
    if not fields and "does not contain any signatures" not in done.stdout + done.stderr:
        return "not read"
    found = [said for said in fields if "is not signed" not in said]
    return _gravest([_pdfsig_one(part, is_newest=part is found[-1]) for part in found])


def _pdfsig_one(said: str, *, is_newest: bool) -> Says:
    if "Signature is Valid" in said:  # it compares no states, but sees that something follows
        return "in part" if is_newest and "Not total document signed" in said else "sound"
    is_fault = "Digest Mismatch" in said or "Signature is Invalid" in said
    return "broken" if is_fault else "not known"


def _pyhanko(pdf: bytes, anchors: Anchors) -> Says:
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        if reader.encrypted and reader.decrypt("").status is AuthStatus.FAILED:
            return "not read"
        found = [_pyhanko_one(signature, anchors) for signature in reader.embedded_signatures]
    except Exception:  # noqa: BLE001 - whatever it does not bear
        return "not read"
    return _gravest(found)


def _pyhanko_one(signature: EmbeddedPdfSignature, anchors: Anchors) -> Says:
    trust = ValidationContext(trust_roots=[x509.Certificate.load(item) for item in anchors], moment=START)
    try:
        if signature.sig_object_type == "/DocTimeStamp":
            status: PdfSignatureStatus = validate_pdf_timestamp(signature, trust)  # type: ignore[assignment]
        else:
            status = validate_pdf_signature(signature, trust)
    except Exception:  # noqa: BLE001 - whatever it does not bear
        return "not known"
    if not (status.intact and status.valid):
        return "broken"
    is_covered = status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
    explained = status.diff_result is None or isinstance(status.diff_result, DiffResult)
    return "sound" if is_covered and explained and status.docmdp_ok is not False else "changed"


def _dss(answers: Sequence[Answer]) -> Says:
    return _gravest([_dss_one(item) for item in answers])


def _dss_one(answer: Answer) -> Says:
    if answer.indication == "UNREAD":
        return "not read"
    if answer.sub_indication in {"HASH_FAILURE", "SIG_CRYPTO_FAILURE", "FORMAT_FAILURE"}:
        return "broken" if answer.sub_indication != "FORMAT_FAILURE" else "not known"
    return "changed" if answer.unexplained or answer.notes else "sound"


def _gravest(found: Sequence[Says]) -> Says:
    return min(found, key=_GRAVITY.index, default="unsigned")
