"""Judges that share no code with khoso agree on officer, agency and archive time stamp over every sample."""

import dataclasses
import io
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

from config.loader import load_catalogues
from config.models import DESK_COPY, SigningProfile
from config.signing import SigningSettings, TimeStampAuthority
from signing.interface import NamePlace
from signing.keys.credentials import Algorithm
from signing.longterm.extend import LongTerm, open_long_term
from signing.signer import CredentialSigners, read_pictures
from tests.conftest import program
from tests.judges import Answer, Question, dss, verapdf
from tests.support.ades_engine import OK, judged
from tests.support.inked_pages import pdf_of, scan
from tests.support.issuers import Issuer
from tests.support.office_results import result, write_pictures
from tests.support.pki import SIGNED_AT, Pki, serve

SOON = SIGNED_AT + timedelta(hours=1)
RENEWED_AT = SIGNED_AT.replace(year=2030, month=6)
Questions = dict[str, Question]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The services of the test authority, on the day of signing."""
    with serve(tmp_path_factory.mktemp("pki")) as running, running.on(SIGNED_AT):
        yield running


def opened(pki: Pki, authority: TimeStampAuthority) -> AbstractContextManager[LongTerm]:
    """The client of one authority."""
    got = SigningSettings(keys=pki.roots / "none", time_stamps=(authority,))
    return open_long_term(got, ((pki.roots / "root.der").read_bytes(),))


@pytest.fixture(scope="module")
def archived(store: tuple[Path, list[dict[str, Any]]]) -> list[Path]:
    """The samples as the pipeline archived them, read and signed with development keys."""
    return [Path(line["pdf"]) for line in store[1]]


@pytest.fixture(scope="module")
def samples(archived: list[Path], pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The samples as the pipeline made them before signing, signed, sealed and stamped by the test authority's keys."""
    folder = tmp_path_factory.mktemp("samples-b-lta")
    files = []
    with opened(pki, pki.authority("tsa")) as long_term:
        hands = signers(pki, long_term)
        for number, path in enumerate(archived):
            whole = path.read_bytes()
            pdf = whole[: whole.index(b"%%EOF") + len(b"%%EOF\n")]
            sealed = hands.seal(hands.sign_copy(pdf, SIGNED_AT), SIGNED_AT)
            files.append(folder / f"{number}.pdf")
            files[-1].write_bytes(hands.extend(sealed, "B-LTA").pdf)
    return files


def signers(pki: Pki, long_term: LongTerm, algorithm: Algorithm = Algorithm.PSS) -> CredentialSigners:
    """Signers with keys that the test authority has certified."""
    officer, agency = (dataclasses.replace(pki.credential(name), algorithm=algorithm) for name in ("officer", "agency"))
    return CredentialSigners(officer, agency, long_term.time_stamps, long_term, development_only=True)


def signed_by(profile: SigningProfile, folder: Path, pki: Pki, long_term: LongTerm) -> bytes:
    """A result of two pages, signed by a profile on its second page where that has pictures."""
    signature, seal = write_pictures(folder)
    pictures = read_pictures(SigningSettings(keys=folder, officer_picture=signature, agency_picture=seal))
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(result())) as document:
        document.pages.append(document.pages[0])
        pdfa.save(document, target, "2b")
    pdf = target.getvalue()
    officer, agency = pki.credential("officer"), pki.credential("agency")
    hands = CredentialSigners(officer, agency, long_term.time_stamps, long_term, pictures, development_only=True)
    places = hands.place_marks(pdf, None, profile, NamePlace(2, 0.3, 0.66, 0.57))
    copy = hands.sign_copy(pdf, SIGNED_AT, places, profile)
    return hands.extend(hands.seal(copy, SIGNED_AT, profile=profile), "B-LTA").pdf


@pytest.fixture(scope="module")
def others(samples: list[Path], pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Questions:
    """One sample with other levels, later, changed, renewed, and judged by somebody who trusts another root."""
    folder = tmp_path_factory.mktemp("others")
    stranger = folder / "stranger.der"
    stranger.write_bytes(Issuer("Người khác").anchors[0])
    whole = min(samples, key=lambda path: path.stat().st_size).read_bytes()
    place = whole.index(b"stream", whole.index(b"/Image")) + 200
    ends = [end + len(b"%%EOF\n") for end in range(len(whole)) if whole.startswith(b"%%EOF", end)]
    pdf = whole[: ends[0]]
    with opened(pki, pki.authority("tsa")) as long_term:
        by_profile = {
            profile.id: signed_by(profile, folder, pki, long_term)
            for profile in load_catalogues().signing
            if profile.id != DESK_COPY
        }
        hands = signers(pki, long_term)
        b_lt = hands.extend(whole[: ends[2]], "B-LT").pdf
        hands = signers(pki, long_term, Algorithm.PKCS1)
        pkcs1 = hands.extend(hands.seal(hands.sign_copy(pdf, SIGNED_AT), SIGNED_AT), "B-LTA").pdf
        lying = pdf_of(scan(), turn=90, crop=60, unit=2)
        turned = hands.extend(hands.seal(hands.sign_copy(lying, SIGNED_AT), SIGNED_AT), "B-LTA").pdf
    pki.moment = RENEWED_AT
    with opened(pki, pki.authority("tsa-2")) as long_term:
        renewed = long_term.renew(whole).pdf
    pki.moment = SIGNED_AT
    found: dict[str, tuple[bytes, datetime, Path]] = {
        **{name: (content, SOON, pki.roots / "root.der") for name, content in by_profile.items()},
        "B-LT": (b_lt, SOON, pki.roots / "root.der"),
        "turned": (turned, SOON, pki.roots / "root.der"),
        "PKCS1": (pkcs1, SOON, pki.roots / "root.der"),
        "2030": (whole, RENEWED_AT, pki.roots / "root.der"),
        "2032": (whole, RENEWED_AT.replace(year=2032), pki.roots / "root.der"),
        "renewed, 2032": (renewed, RENEWED_AT.replace(year=2032), pki.roots / "root.der"),
        "renewed, 2040": (renewed, RENEWED_AT.replace(year=2040), pki.roots / "root.der"),
        "flipped": (whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], SOON, pki.roots / "root.der"),
        "stranger": (whole, SOON, stranger),
    }
    questions = {}
    for name, (content, moment, root) in found.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(content)
        questions[name] = Question(path, root, moment)
    return questions


@pytest.fixture(scope="module")
def answers(samples: list[Path], others: Questions, pki: Pki) -> dict[str, list[Answer]]:
    """What EU DSS says, asked once: of each sample by its path, of the others by their names."""
    asked = {str(path): Question(path, pki.roots / "root.der", SOON) for path in samples} | others
    return dict(zip(asked, dss(list(asked.values())), strict=True))


def test_dss_passes_every_sample(answers: dict[str, list[Answer]], samples: list[Path]) -> None:
    """EU DSS calls both signatures of every sample PAdES-BASELINE-LTA and valid, and finds no odd change after them."""
    for path in samples:
        assert answers[str(path)] == [
            Answer(field, "PAdES-BASELINE-LTA", "TOTAL_PASSED", "", 0) for field in ("SoHoa", "CoQuan")
        ]


@pytest.mark.parametrize(
    ("name", "level", "indication"),
    [
        ("certified-copy", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("born-digital-result", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("B-LT", "PAdES-BASELINE-LT", "TOTAL_PASSED"),
        ("turned", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("PKCS1", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("2030", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("2032", "PAdES-BASELINE-LTA", "INDETERMINATE"),
        ("renewed, 2032", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("renewed, 2040", "PAdES-BASELINE-LTA", "TOTAL_PASSED"),
        ("flipped", "PAdES-BASELINE-LTA", "TOTAL_FAILED"),
        ("stranger", "PAdES-BASELINE-LTA", "INDETERMINATE"),
    ],
)
def test_dss_tells_them_apart(answers: dict[str, list[Answer]], name: str, level: str, indication: str) -> None:
    """EU DSS knows the level, and passes a file for as long as it is renewed; no changed one, and no unknown root."""
    assert (answers[name][-1].field, answers[name][-1].level) == ("CoQuan", level)
    assert {(answer.indication, answer.unexplained) for answer in answers[name]} == {(indication, 0)}


def test_verapdf_passes_every_file(samples: list[Path], archived: list[Path], others: Questions) -> None:
    """The official veraPDF finds everything that is signed here PDF/A-2b, whatever keys and levels."""
    files = [*samples, *archived, *(question.file for name, question in others.items() if name != "flipped")]
    assert verapdf(files) == sorted(f"PASS {path} 2b" for path in files)


def test_pikepdf_finds_nothing_wrong(samples: list[Path]) -> None:
    """The checker of pikepdf does not know forms and says so; in what it knows it finds no violation (decision 10)."""
    for path in samples:
        report = pdfa.validate_written(io.BytesIO(path.read_bytes()), "2b")
        assert (report.verdict, report.violations) == ("not_checked", ())
        assert {finding.rule for finding in report.findings} == {"pikepdf:schema-Catalog"}


def test_openssl_agrees(samples: list[Path], pki: Pki, tmp_path: Path) -> None:
    """OpenSSL finds both signatures (as CAdES) and the document time stamp over the bytes that their ranges name."""
    openssl = program("openssl")
    root = ["x509", "-inform", "DER", "-in", str(pki.roots / "root.der"), "-out", "root.pem"]
    subprocess.run([openssl, *root], cwd=tmp_path, check=True)
    trust = ["-CAfile", "root.pem", "-attime", str(int(SOON.timestamp()))]
    for path in samples:
        whole = path.read_bytes()
        with pikepdf.open(path) as document:
            values = [field.V for field in document.Root.AcroForm.Fields]
            assert [str(value.SubFilter) for value in values] == ["/ETSI.CAdES.detached"] * 2 + ["/ETSI.RFC3161"]
            for value in values:
                _, start, end, length = map(int, value.ByteRange)
                (tmp_path / "signature").write_bytes(bytes(value.Contents))
                (tmp_path / "data").write_bytes(whole[:start] + whole[end : end + length])
                got = ["cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any", "-content", "data"]
                if value.SubFilter == "/ETSI.RFC3161":
                    got = ["ts", "-verify", "-token_in", "-data", "data"]
                command = [openssl, *got, "-in", "signature", *trust]
                done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
                assert done.returncode == 0, done.stderr


def test_pdfsig_and_pyhanko_agree(samples: list[Path], pki: Pki) -> None:
    """Poppler finds both signatures valid, and pyHanko's AdES engine has the agency's one proven."""
    for path in samples:
        command = [program("pdfsig"), "-nocert", str(path)]
        got = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert got.count("Signature is Valid.") == 2, got
        assert judged(path.read_bytes(), pki.certificate("root"), SOON) is OK
