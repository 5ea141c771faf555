"""Verification tells the truth about every signature, and survives every file."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from domain import clock
from domain.errors import ExitCode, NotValid
from signing.interface import Anchors, SignatureVerdict
from signing.keys.software import software_anchors, software_keys
from signing.signer import open_signers
from signing.verification.fields import empty_fields, is_signed
from signing.verification.verify import verify_pdf
from tests.support import signing_papers
from tests.support.signing_papers import AGENCY, OFFICER, paper

AT = clock.now()


@dataclass(frozen=True)
class Desk:
    """A signed copy, the same sealed, and the anchors."""

    copy: bytes
    sealed: bytes
    anchors: Anchors


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that has signed and sealed one paper."""
    with open_signers(signing_papers.settings(tmp_path_factory.mktemp("verify"))) as signers:
        copy = signers.sign_copy(paper(), AT)
        return Desk(copy, signers.seal(copy, AT), signers.anchors())


@pytest.fixture(scope="module")
def sealed(desk: Desk) -> bytes:
    """A sealed copy."""
    return desk.sealed


@pytest.fixture(scope="module")
def anchors(desk: Desk) -> Anchors:
    """The root of the keys."""
    return desk.anchors


def test_unsigned(anchors: Anchors) -> None:
    """A paper without signatures has no verdicts."""
    assert verify_pdf(paper(), anchors) == ()


def test_sound(sealed: bytes, anchors: Anchors) -> None:
    """Both signatures of a sealed copy stand; only the seal is time-stamped and covers the whole file."""
    copy, seal = verify_pdf(sealed, anchors)
    assert (copy.problem, seal.problem) == ("", "")
    assert copy.certificate is not None
    assert copy == SignatureVerdict(
        field="SoHoa",
        role="copy",
        signer=OFFICER,
        certificate=copy.certificate,
        intact=True,
        changes=("signatures",),
        changes_allowed=True,
        time="claimed",
        signed_at=AT,
        trust="trusted",
        development_only=True,
    )
    assert (seal.role, seal.changes, seal.time) == ("seal", (), "proven")
    assert AGENCY.startswith(seal.signer.rstrip("…"))
    assert seal.timestamp is not None
    assert abs(seal.timestamp - AT) < timedelta(hours=1)  # since this module was loaded


def test_unknown_issuer(sealed: bytes, tmp_path: Path) -> None:
    """A signature from elsewhere is intact and valid, but not trusted, and the verdict says that and no more."""
    other = signing_papers.settings(tmp_path)
    software_keys(other)
    for verdict in verify_pdf(sealed, software_anchors(other)):
        assert (verdict.sound, verdict.intact, verdict.trust) == (True, True, "unknown_issuer")
        assert "unknown" in verdict.problem
        assert verdict.timestamp is None


def test_flipped_byte(sealed: bytes, anchors: Anchors) -> None:
    """One changed byte in the picture of the page breaks both signatures."""
    place = sealed.index(b"\xff\xd8\xff") + 200  # inside the JPEG data
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    for verdict in verify_pdf(changed, anchors):
        assert not verdict.intact
        assert not verdict.sound
        assert "changed" in verdict.problem


def test_page_changed_afterwards(sealed: bytes, anchors: Anchors) -> None:
    """An update that redraws the page leaves the signed bytes intact, but the verdicts tell of it."""
    writer = IncrementalPdfFileWriter(BytesIO(sealed))
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))
    target = BytesIO()
    writer.write(target)
    for verdict in verify_pdf(target.getvalue(), anchors):
        assert verdict.intact
        assert "content" in verdict.changes
        assert not verdict.sound
        assert "after signing" in verdict.problem


@pytest.mark.parametrize(("tail", "bad"), [(b"\n", False), (b"stowaway", True)])
def test_bytes_after_the_end(sealed: bytes, anchors: Anchors, tail: bytes, *, bad: bool) -> None:
    """Bytes behind the signed file that are no update of it are told; a line break there is harmless."""
    _, seal = verify_pdf(sealed + tail, anchors)
    assert ("follow" in seal.problem) is bad


def test_rewritten_file(sealed: bytes, anchors: Anchors) -> None:
    """A tool that saves the file anew destroys the signatures, and that is seen."""
    target = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as document:
        document.save(target)
    verdicts = verify_pdf(target.getvalue(), anchors)
    assert len(verdicts) == 2
    assert all(verdict.problem and not verdict.intact for verdict in verdicts)


def test_certificate_expired_since(sealed: bytes, anchors: Anchors) -> None:
    """Years later the seal still stands, for its time stamp proves when it was made; the copy signature does not."""
    copy, seal = verify_pdf(sealed, anchors, AT + timedelta(days=11 * 366))
    assert seal.problem == ""
    assert not copy.trusted
    assert "in force" in copy.problem


def test_timestamp_expired_too(sealed: bytes, anchors: Anchors) -> None:
    """When the time stamp's certificate has expired as well, nothing proves the seal any more."""
    _, seal = verify_pdf(sealed, anchors, AT + timedelta(days=21 * 366))
    assert not seal.trusted
    assert seal.timestamp is None


@pytest.mark.parametrize("file", [b"", b"%PDF-1.7\n", b"GIF89a", b"%PDF-1.7\n%%EOF"])
def test_no_pdf(file: bytes, anchors: Anchors, tmp_path: Path) -> None:
    """A file that is no PDF is told as such, by both checks."""
    path = tmp_path / "file.pdf"
    path.write_bytes(file)
    with pytest.raises(NotValid) as caught:
        verify_pdf(file, anchors)
    assert caught.value.exit_code is ExitCode.NOT_VALID
    with pytest.raises(NotValid):
        is_signed(path)


def test_encrypted(anchors: Anchors) -> None:
    """A file that needs a password cannot be checked, and the message says why."""
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(NotValid, match="needs a password"):
        verify_pdf(target.getvalue(), anchors)


@settings(max_examples=40)
@given(kind=st.sampled_from(["cut", "flip", "fill"]), where=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_hostile(kind: str, where: float, mask: int, request: pytest.FixtureRequest) -> None:
    """However a file is damaged, the answer is verdicts or NotValid, and damage to the paper never passes."""
    desk: Desk = request.getfixturevalue("desk")  # as an argument, hypothesis would print the whole PDF
    sealed = desk.sealed
    place = int(where * len(sealed))
    broken = {
        "cut": sealed[:place],
        "flip": sealed[:place] + bytes([sealed[place] ^ mask]) + sealed[place + 1 :],
        "fill": sealed[:place] + b"\0" * 40 + sealed[place + 40 :],
    }[kind]
    try:
        verdicts = verify_pdf(broken, desk.anchors)
    except NotValid as error:
        assert error.remedy  # noqa: PT017 - both outcomes are lawful
        return
    if kind != "cut" and place < sealed.index(b"%%EOF"):
        assert all(verdict.problem for verdict in verdicts)


def test_detection(desk: Desk, tmp_path: Path) -> None:
    """A paper is known as signed when a signature field is filled, not when it merely has fields."""
    for name, pdf, expected in (("paper", paper(), False), ("copy", desk.copy, True), ("sealed", desk.sealed, True)):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(pdf)
        assert is_signed(path) is expected
        assert empty_fields(path) == (("CoQuan",) if name == "copy" else ())


@pytest.mark.parametrize("filled", [True, False])
def test_detection_in_kids(tmp_path: Path, *, filled: bool) -> None:
    """Fields below other fields are found, type and value may be inherited, and a loop of kids ends."""
    path = tmp_path / "kids.pdf"
    with pikepdf.new() as document:
        kid = document.make_indirect(pikepdf.Dictionary(T="kid"))
        parent = document.make_indirect(pikepdf.Dictionary(T="parent", FT=pikepdf.Name.Sig, Kids=[kid]))
        kid.Kids = [parent]
        if filled:
            kid.V = pikepdf.Dictionary(Type=pikepdf.Name.Sig)
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[parent])
        document.save(path)
    assert is_signed(path) is filled
    assert empty_fields(path) == ()  # a loop has no end that is a field of its own
