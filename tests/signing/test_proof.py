"""What a signature adds is proven PDF/A-2b, at little cost, and nothing else passes for one."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from domain import clock
from signing.errors import NotConforming
from signing.interface import Signers
from signing.pades import conformance as proof
from signing.pades.conformance import prove, prove_signature
from signing.signer import open_signers
from tests.support.signing_papers import paper, settings

AT = clock.now()
Change = Callable[[IncrementalPdfFileWriter], None]


class Bare(IncrementalPdfFileWriter):
    """An update with what the test puts into it and nothing else."""

    def _update_meta(self) -> None:
        pass


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    """Development keys."""
    with open_signers(settings(tmp_path_factory.mktemp("proof"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def before() -> bytes:
    """A paper, proven PDF/A-2b."""
    return paper()


@pytest.fixture(scope="module")
def copy(signers: Signers, before: bytes) -> bytes:
    """The paper signed; its shape is proven."""
    signed = signers.sign_copy(before, AT)
    prove_signature(before, signed)
    return signed


def updated(signed: bytes, change: Change) -> bytes:
    """A signed file with one thing changed, as if signing had written it so."""
    writer: IncrementalPdfFileWriter = Bare(BytesIO(signed))
    change(writer)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def mark(writer: IncrementalPdfFileWriter) -> generic.StreamObject:
    """The drawing of the digitiser's mark."""
    form: generic.StreamObject = writer.root["/AcroForm"]["/Fields"][0]["/AP"]["/N"]
    return form


def test_whole_file(signers: Signers, copy: bytes) -> None:
    """The whole check agrees with the quick one on a sealed copy."""
    sealed = signers.seal(copy, AT)
    prove_signature(copy, sealed)
    prove(BytesIO(sealed))


def test_proven_once(signers: Signers, copy: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another paper at another time, with another place for the mark, needs no second check of the whole."""
    del copy
    monkeypatch.setattr(proof, "prove", None)
    before = paper(MediaBox=[0, 0, 612, 792])
    prove_signature(before, signers.sign_copy(before, AT + timedelta(hours=13, minutes=37, seconds=19)))


def test_another_shape_is_proven_anew(signers: Signers, copy: bytes) -> None:
    """On a turned page the mark is drawn otherwise, which is checked before it passes."""
    del copy
    known = len(proof._proven)
    before = paper(Rotate=90)
    prove_signature(before, signers.sign_copy(before, AT))
    assert len(proof._proven) == known + 1


def test_numbers_as_objects(signers: Signers) -> None:
    """A paper in which numbers stand as objects of their own is signed and proven like any other."""
    with pikepdf.open(BytesIO(paper())) as pdf:
        pdf.pages[0].obj.Rotate = pdf.make_indirect(pikepdf.Object.parse(b"[ 0 ]"))
        content = BytesIO()
        pdf.save(content, static_id=True)
    before = content.getvalue().replace(b"[ 0 ]", b"  0  ")
    with pikepdf.open(BytesIO(before)) as pdf:
        assert "int" in {type(item).__name__ for item in pdf.objects}
    prove_signature(before, signers.sign_copy(before, AT))


@pytest.mark.parametrize(
    "spelt",
    [
        b"<feff005600690020>", b"<efbbbf5669e1bb8774>", b"<56 69>", b"(\\126i\\040)", b"(V\\\ni)", b"<c0c1c2>",
        b"<feff1ec71ec7>", b"<feff001b007600690056004e001b00560069>", b"(\\(V\\)i\\r\\n)", b"<>", b"<9f7f00>",
    ],
)  # fmt: skip
def test_texts_are_compared_by_their_letters(signers: Signers, spelt: bytes) -> None:
    """A paper whose catalogue and page hold texts is signed, whichever way they are written."""
    with pikepdf.open(BytesIO(paper())) as pdf:
        pdf.Root.Lang = pikepdf.Object.parse(spelt)
        pdf.Root.PageLabels = pikepdf.Object.parse(b"<< /Nums [ 0 << /P " + spelt + b" /S /D >> ] >>")
        pdf.pages[0].obj.LastModified = pikepdf.Object.parse(spelt)
        content = BytesIO()
        pdf.save(content, static_id=True)
    before = content.getvalue()
    prove_signature(before, signers.sign_copy(before, AT))


def other_language(writer: IncrementalPdfFileWriter) -> None:
    """A text of the catalogue becomes another one."""
    writer.root[pdf_name("/Lang")] = generic.pdf_string("en")
    writer.update_root()


def font_not_embedded(writer: IncrementalPdfFileWriter) -> None:
    """The mark's font loses its font program."""
    described = mark(writer)["/Resources"]["/Font"]["/F"]["/DescendantFonts"][0]["/FontDescriptor"]
    described[pdf_name("/Elsewhere")] = described.raw_get("/FontFile2")
    del described["/FontFile2"]
    writer.update_container(described)


def standard_font(writer: IncrementalPdfFileWriter) -> None:
    """The mark is set in Helvetica, which every reader has and PDF/A forbids."""
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    form = mark(writer)
    form["/Resources"]["/Font"][pdf_name("/G")] = form["/Resources"]["/Font"].raw_get("/F")
    form["/Resources"]["/Font"][pdf_name("/F")] = generic.DictionaryObject(
        {pdf_name(key): pdf_name(value) for key, value in names.items()}
    )
    writer.update_container(form)


def letter_without_shape(writer: IncrementalPdfFileWriter) -> None:
    """The mark draws a letter that its font does not have."""
    form = mark(writer)
    form._data = form.data.replace(b"> Tj", b"0fff> Tj", 1)
    form._encoded_data = None
    writer.update_container(form)


def wrong_widths(writer: IncrementalPdfFileWriter) -> None:
    """The font states widths that are not those of its program (PDF/A-2, 6.2.11.5)."""
    font = mark(writer)["/Resources"]["/Font"]["/F"]["/DescendantFonts"][0]
    font["/W"][1][0] = generic.NumberObject(999)
    writer.update_container(font)


def script_in_field(writer: IncrementalPdfFileWriter) -> None:
    """The field runs JavaScript when it is shown."""
    script = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")}
    )
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/A")] = script
    writer.update_container(field)


def script_on_opening(writer: IncrementalPdfFileWriter) -> None:
    """The document runs JavaScript when it is opened."""
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")}
    )
    writer.update_root()


def hidden_field(writer: IncrementalPdfFileWriter) -> None:
    """The field is hidden (PDF/A-2, 6.3.2)."""
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/F")] = generic.NumberObject(2)
    writer.update_container(field)


def appearances_to_make(writer: IncrementalPdfFileWriter) -> None:
    """The form asks readers to draw the fields themselves (PDF/A-2, 6.4.1)."""
    form = writer.root["/AcroForm"]
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(value=True)
    writer.update_container(form)


def page_redrawn(writer: IncrementalPdfFileWriter) -> None:
    """The page shows something else."""
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))


def picture_replaced(writer: IncrementalPdfFileWriter) -> None:
    """The picture of the page keeps its description and gets other bytes."""
    page = writer.root["/Pages"]["/Kids"][0]
    (image,) = page["/Resources"]["/XObject"].values()
    image = image.get_object()
    image._encoded_data = image.encoded_data[:-3] + b"\0" + image.encoded_data[-2:]
    writer.update_container(image)


def stowaway(writer: IncrementalPdfFileWriter) -> None:
    """An object is added to which nothing refers."""
    writer.add_object(generic.StreamObject(stream_data=b"hello"))


def metadata(writer: IncrementalPdfFileWriter) -> None:
    """The XMP metadata claims another flavour."""
    stream = writer.root["/Metadata"]
    stream._data = stream.data.replace(b"<pdfaid:part>2", b"<pdfaid:part>3")
    stream._encoded_data = None
    writer.update_container(stream)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (font_not_embedded, "6.2.11.4"),
        (standard_font, "6.2.11.4"),
        (letter_without_shape, "6.2.11"),
        (wrong_widths, "6.2.11.5"),
        (script_in_field, "/A,"),
        (script_on_opening, "changed the object"),
        (hidden_field, "6.3.2"),
        (appearances_to_make, "/NeedAppearances"),
        (page_redrawn, "changed the object"),
        (picture_replaced, "changed the object"),
        (stowaway, "nothing refers"),
        (metadata, "changed the object"),
        (other_language, "changed the object"),
    ],
)
def test_fault(before: bytes, copy: bytes, fault: Change, found: str) -> None:
    """Whatever an update does beside a proven signature, or does wrong in it, is caught for what it is."""
    with pytest.raises(NotConforming, match=re.escape(found)):
        prove_signature(before, updated(copy, fault))


def test_update_without_a_fault(before: bytes, copy: bytes) -> None:
    """An update made like those with the faults, but without one, passes."""
    prove_signature(before, updated(copy, lambda writer: writer.update_container(mark(writer))))


def test_not_a_prefix(before: bytes, copy: bytes) -> None:
    """A signed file that does not begin with the file that was signed is refused, however good it is."""
    with pytest.raises(NotConforming, match="begin"):
        prove_signature(copy, before)


def test_field_removed(signers: Signers, copy: bytes) -> None:
    """An update that takes the digitiser's field off the page is no signature."""

    def drop(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Annots"].pop(0)
        writer.update_container(page["/Annots"])

    with pytest.raises(NotConforming, match="removed"):
        prove_signature(copy, updated(signers.seal(copy, AT), drop))
