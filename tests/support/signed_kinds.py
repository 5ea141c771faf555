"""Every kind of signed file that other programs write or people change, each made here, by its name."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import hashlib
import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle

from signing.pades.sync import run
from tests.support.inked_pages import pdf_of, scan
from tests.support.issuers import START
from tests.support.signed_elsewhere import Maker, appended, filled, hybrid, updated, with_room
from tests.support.signing_papers import paper

Made = Callable[[Maker], bytes]
_VALUE = re.compile(rb"/Contents <([0-9a-fA-F]+)>")


def dangling(document: pikepdf.Pdf) -> None:
    """Refer to an object that is not there: null, by ISO 32000-1, 7.3.10."""
    document.Root.Threads = document.make_indirect(pikepdf.Array())
    document.Root.Lost = document.make_indirect(pikepdf.Dictionary())


def _without(pdf: bytes, key: bytes) -> bytes:
    """The file whose entry points to a number that no object has."""
    return re.sub(rb"/%s \d+ 0 R" % key, b"/%s 99 0 R" % key, pdf, count=1)


def _linear(maker: Maker) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, linearize=True)
    return maker.update(target.getvalue())


def _rooted_twice(pdf: bytes) -> bytes:
    """A linearised file whose second trailer names the catalogue, too, as Acrobat writes it."""
    root = re.search(rb"/Root \d+ 0 R ", pdf)
    assert root is not None
    place = pdf.rindex(b"trailer << ") + len(b"trailer << ")
    longer = pdf[:place] + root[0] + pdf[place:]
    return longer.replace(b"/L %d " % len(pdf), b"/L %d " % len(longer), 1)


def _locked(maker: Maker) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="chỉ đọc", user=""))
    return maker.update(target.getvalue())


def _gone(maker: Maker) -> bytes:
    plain = with_room(dangling)
    changed = _without(plain, b"Lost")
    assert changed != plain
    return filled(maker, changed.ljust(len(plain)))


SOUND: dict[str, Callable[[Maker], bytes]] = {
    "in an update": lambda maker: maker.update(paper()),
    "written once": lambda maker: filled(maker, with_room()),
    "hybrid, in an update": lambda maker: maker.update(hybrid(_classic())),
    "hybrid, written once": lambda maker: filled(maker, hybrid(with_room())),
    "linearised, in an update": _linear,
    "linearised, written once": lambda maker: filled(maker, with_room(linearize=True)),
    "linearised, both trailers whole": lambda maker: filled(maker, _rooted_twice(with_room(linearize=True))),
    "linearised, signed once more": lambda maker: maker.update(filled(maker, with_room(linearize=True)), "Signature2"),
    "a reference to nothing": _gone,
    "protected against changes": _locked,
}


def _classic() -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()


def form(document: pikepdf.Pdf) -> None:
    """A box to tick, and a field with a text in a font that the form names."""
    faces = {
        name: document.make_stream(drawn, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 20, 20])
        for name, drawn in (("/Yes", b"0 0 20 20 re f"), ("/Off", b""))
    }
    box = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Btn, T="agree", V=pikepdf.Name.Off,
        AS=pikepdf.Name.Off, Rect=[50, 50, 70, 70], AP=pikepdf.Dictionary(N=pikepdf.Dictionary(faces)),
    )  # fmt: skip
    look = document.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 90, 20])
    text = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="amount", V="100", DA="/Helv 9 Tf",
        Rect=[50, 90, 140, 110], AP=pikepdf.Dictionary(N=look),
    )  # fmt: skip
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    fields = [document.make_indirect(item) for item in (box, text)]
    document.pages[0].obj.Annots.extend(fields)
    document.Root.AcroForm.Fields.extend(fields)
    document.Root.AcroForm.DR = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))


def box(colour: bytes) -> StaticStampStyle:
    """A picture of one colour."""
    return StaticStampStyle(
        background=RawContent(colour + b" rg 0 0 400 600 re f", box=BoxConstraints(400, 600)), border_width=0
    )


def emptied(document: pikepdf.Pdf) -> None:
    """Leave the field of a signature empty."""
    del document.Root.AcroForm.Fields[0].V


def tick(writer: IncrementalPdfFileWriter) -> None:
    """Tick the box."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(1)
    reference.get_object()["/AS"] = pdf_name("/Yes")
    writer.mark_update(reference)


def swap_font(writer: IncrementalPdfFileWriter) -> None:
    """Put another font in the place of the one that the form names."""
    form = writer.root["/AcroForm"]
    other = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/ZapfDingbats"}
    entries = {pdf_name(key): pdf_name(value) for key, value in other.items()}
    form["/DR"]["/Font"][pdf_name("/Helv")] = writer.add_object(generic.DictionaryObject(entries))
    writer.update_container(form)


def draw_anew(writer: IncrementalPdfFileWriter) -> None:
    """Have every reader draw the fields by itself."""
    form = writer.root["/AcroForm"]
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(value=True)
    writer.update_container(form)


def recolour(writer: IncrementalPdfFileWriter) -> None:
    """Write a field's text in white."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(2)
    reference.get_object()["/DA"] = generic.TextStringObject("/Helv 9 Tf 1 g")
    writer.mark_update(reference)


def act_on_opening(writer: IncrementalPdfFileWriter) -> None:
    """Do something whenever the file is opened."""
    action = {"/S": pdf_name("/JavaScript"), "/JS": generic.TextStringObject("1")}
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject({pdf_name(key): it for key, it in action.items()})
    writer.update_root()


def write_anew(writer: IncrementalPdfFileWriter) -> None:
    """Write the page's resources anew as they are, as programs do that know no update of a part."""
    page = writer.root["/Pages"]["/Kids"][0]
    copy = generic.DictionaryObject(page["/Resources"])
    page[pdf_name("/Resources")] = writer.add_object(copy)
    writer.update_container(page)


def realign(writer: IncrementalPdfFileWriter) -> None:
    """Set a field's text to the right."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(2)
    reference.get_object()[pdf_name("/Q")] = generic.NumberObject(2)
    writer.mark_update(reference)


def put_on_layer(writer: IncrementalPdfFileWriter) -> None:
    """Put a field on a layer, which may be hidden."""
    layer = {pdf_name("/Type"): pdf_name("/OCG"), pdf_name("/Name"): generic.TextStringObject("later")}
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(2)
    reference.get_object()[pdf_name("/OC")] = writer.add_object(generic.DictionaryObject(layer))
    writer.mark_update(reference)


def redraw(writer: IncrementalPdfFileWriter) -> None:
    """Draw over the page."""
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))


def empty_store(writer: IncrementalPdfFileWriter) -> None:
    """Take all out of the document security store."""
    writer.root[pdf_name("/DSS")] = generic.DictionaryObject()
    writer.update_root()


def drop_store(writer: IncrementalPdfFileWriter) -> None:
    """Take the document security store itself out."""
    del writer.root["/DSS"]
    writer.update_root()


def with_store(maker: Maker, pdf: bytes) -> bytes:
    """The file with the issuer's certificate in a document security store."""

    def store(writer: IncrementalPdfFileWriter) -> None:
        held = writer.add_object(generic.StreamObject(stream_data=maker.issuer.anchors[0]))
        entries = generic.DictionaryObject({pdf_name("/Certs"): generic.ArrayObject([held])})
        writer.root[pdf_name("/DSS")] = writer.add_object(entries)
        writer.update_root()

    return updated(pdf, store)


def revalued(pdf: bytes, change: Callable[[cms.SignedData], None]) -> bytes:
    """The file whose last signature has an unsigned part changed: nothing that was signed."""
    found = list(_VALUE.finditer(pdf))[-1]
    value = cms.ContentInfo.load(bytes.fromhex(found[1].decode()))
    change(value["content"])
    text = value.dump(force=True).hex().encode()
    assert len(text) <= len(found[1])
    return bytes(pdf[: found.start(1)] + text.ljust(len(found[1]), b"0") + pdf[found.end(1) :])


def stamped(maker: Maker) -> bytes:
    """A signature with a time stamp, and evidence for both in the store."""
    pdf = maker.issuer.sign(paper(), maker.key, maker.certificate, stamper=maker.issuer.stamper(START))
    target = BytesIO(pdf)
    DocumentSecurityStore.add_dss(target, None, certs=[maker.issuer.stamper(START).tsa_cert])
    return target.getvalue()


def without_token(pdf: bytes) -> bytes:
    """The file whose signature lost its time stamp: an attribute that nothing signs."""

    def take_out(signed: cms.SignedData) -> None:
        del signed["signer_infos"][0]["unsigned_attrs"]

    return revalued(pdf, take_out)


def _weakly_stamped(maker: Maker) -> bytes:
    def stamp(signed: cms.SignedData) -> None:
        (info,) = signed["signer_infos"]
        imprint = hashlib.sha1(info["signature"].native, usedforsecurity=False).digest()
        token = run(maker.issuer.stamper(START).async_timestamp, imprint, "sha1")
        info["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]

    return revalued(stamped(maker), stamp)


def two_fields(maker: Maker) -> bytes:
    """A copy that a person signed, with the agency's field still to be sealed."""
    waiting = updated(paper(), lambda writer: append_signature_field(writer, SigFieldSpec("CoQuan")))
    return maker.update(waiting, "SoHoa")


def cut_back(maker: Maker) -> bytes:
    """A file with two signatures, cut back to where it had the first alone: byte for byte what was there once."""
    first = two_fields(maker)
    whole = maker.update(first, "CoQuan")
    assert whole.startswith(first)
    return whole[: len(first)]


def padded(pdf: bytes) -> bytes:
    """The file with something in the room behind the signature's value."""
    spare = re.search(rb"0{200}>", pdf)
    assert spare is not None
    put = b"<script>".hex().encode()
    return pdf[: spare.start() + 60] + put + pdf[spare.start() + 60 + len(put) :]


def inked() -> bytes:
    """A page with print on it."""
    target = BytesIO()
    with pikepdf.open(BytesIO(pdf_of(scan((200, 300, 1400, 1600))))) as document:
        document.save(target)
    return target.getvalue()


def covered(maker: Maker, place: tuple[int, int, int, int]) -> bytes:
    """A page that was signed, and signed again with a white picture."""
    return maker.update(maker.update(inked()), "Signature2", box=place, look=box(b"1 1 1"), on_page=0)


def _odd(found: bytes, put: bytes) -> Made:
    def make(maker: Maker) -> bytes:
        pdf = maker.update(paper())
        odd = re.sub(found, lambda match: put.ljust(len(match[0])), pdf, count=1)
        assert odd != pdf
        return odd

    return make


def _updated(change: Callable[[IncrementalPdfFileWriter], None]) -> Made:
    return lambda maker: updated(filled(maker, with_room(form)), change)


def flipped(pdf: bytes) -> bytes:
    """The file with one bit of the page's picture changed."""
    place = pdf.index(b"stream", pdf.index(b"/DCTDecode")) + 120
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def _secret(maker: Maker) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(maker.update(paper()))) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="chủ", user="mật khẩu"))
    return target.getvalue()


def time_stamped(maker: Maker, pdf: bytes) -> bytes:
    """The file with a time stamp over all of it."""
    made = PdfTimeStamper(maker.issuer.stamper(START)).timestamp_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), "sha256")
    return bytes(made.getvalue())


def with_damaged_certificate(maker: Maker, pdf: bytes) -> bytes:
    """The file with one bit of the head of the signer's certificate changed."""
    value = list(_VALUE.finditer(pdf))[-1]
    place = pdf.lower().index(maker.certificate.public_bytes(Encoding.DER).hex().encode(), value.start())
    return pdf[:place] + b"7" + pdf[place + 1 :]  # a sequence (30) becomes what no certificate begins with (70)


def before_signing(pdf: bytes) -> bytes:
    """The end of the file as it was before its last update."""
    start = re.findall(rb"startxref\s+(\d+)", pdf)[-2]
    return b"startxref\n%s\n%%%%EOF\n" % start


_KIND = rb"/SubFilter /adbe\.pkcs7\.detached"
UNCHECKABLE: dict[str, Made] = {
    "encoded as adbe.pkcs7.sha1": _odd(_KIND, b"/SubFilter /adbe.pkcs7.sha1"),
    "encoded as a time stamp": _odd(_KIND, b"/SubFilter /ETSI.RFC3161"),
    "encoded as nobody knows": _odd(_KIND, b"/SubFilter /made.up"),
    "an empty value": _odd(rb"/Contents <[0-9a-fA-F]+>", b"/Contents <>"),
    "a certificate damaged": lambda maker: with_damaged_certificate(maker, maker.update(paper())),
}
HIDDEN: dict[str, Made] = {
    "the paper before signing appended": lambda maker: maker.update(paper()) + paper(),
    "the end cut off": lambda maker: maker.update(paper())[:-300],
    "the end cut off in the value": lambda maker: maker.update(paper())[:-3000],
    "an end before signing appended": lambda maker: (signed := maker.update(paper())) + before_signing(signed),
    "an end that leads nowhere appended": lambda maker: maker.update(paper()) + b"startxref\n0\n%%EOF\n",
}
UNSIGNED: dict[str, Made] = {
    "an empty field": lambda _: with_room(emptied),
    "a time stamp alone": lambda maker: time_stamped(maker, paper()),
}
CHANGED: dict[str, Made] = {
    "a box ticked (/AS)": _updated(tick),
    "another font (/DR)": _updated(swap_font),
    "drawn anew (/NeedAppearances)": _updated(draw_anew),
    "another colour (/DA)": _updated(recolour),
    "set otherwise (/Q)": _updated(realign),
    "put on a layer (/OC)": _updated(put_on_layer),
    "an action on opening": _updated(act_on_opening),
    "page redrawn": _updated(redraw),
    "a byte flipped": lambda maker: flipped(maker.update(paper())),
    "an end appended": lambda maker: appended(maker.update(paper())),
    "an object and an end appended": lambda maker: appended(maker.update(paper()), b"9 0 obj\n<< >>\nendobj\n"),
    "much and an end appended": lambda maker: appended(maker.update(paper()), b"x" * 2000 + b"\n"),
    "a picture over the page": lambda maker: covered(maker, (20, 20, 560, 800)),
}
TAKEN_OUT: dict[str, Made] = {
    "evidence taken out": lambda maker: updated(with_store(maker, maker.update(paper())), empty_store),
    "cut back before the seal": cut_back,
    "time stamp taken out": lambda maker: without_token(stamped(maker)),
    "time stamp over SHA-1": _weakly_stamped,
    "bytes behind the value": lambda maker: padded(maker.update(paper())),
    "a person in the seal's field": lambda maker: maker.update(paper(), "CoQuan"),
}
HARMLESS: dict[str, Made] = {
    "a form": lambda maker: filled(maker, with_room(form)),
    "resources written anew": _updated(write_anew),
    "a time stamp within": stamped,
    "a picture beside the print": lambda maker: covered(maker, (2, 2, 30, 30)),
}
CLOSED: dict[str, Made] = {"a password to open it": _secret}
ALL: dict[str, Made] = SOUND | HARMLESS | CHANGED | TAKEN_OUT | UNCHECKABLE | HIDDEN | UNSIGNED | CLOSED
