"""Whatever a page draws is unpacked to its full size: what is cut off is found, what is whole passes."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import Image

from config.settings import RecognitionSettings, load_settings
from domain.errors import Held, Refused
from domain.messages.told import Told, told
from pipeline.errors import Unsupported
from pipeline.scans.codings import Fax, check_fax, check_jpeg
from pipeline.scans.incomplete import ENDS, LACKS, Incomplete
from pipeline.scans.inspection import look_at_pages
from pipeline.scans.pdfs import check_pdf
from tests.support import coded_pages
from tests.support.coded_pages import Coded, Make, cut, page_of, picture, saved

GREY_OR_COLOUR: tuple[Make, ...] = (
    coded_pages.raw,
    coded_pages.flate,
    coded_pages.flate_in_a_list,
    coded_pages.predicted,
    coded_pages.twice_deflated,
    coded_pages.in_letters,
    coded_pages.in_digits,
    coded_pages.lzw,
    coded_pages.runs,
    coded_pages.jpeg,
    coded_pages.progressive,
    coded_pages.deflated_jpeg,
    coded_pages.jpx,
    coded_pages.codestream,
    coded_pages.jpeg_in_digits,
)
BLACK: tuple[Make, ...] = (
    coded_pages.raw,
    coded_pages.flate,
    coded_pages.lzw,
    coded_pages.fax4,
    coded_pages.fax3,
    coded_pages.deflated_fax,
    coded_pages.jbig2,
    coded_pages.fax_in_letters,
)
KINDS = [(make, mode) for make in GREY_OR_COLOUR for mode in ("L", "RGB")] + [(make, "1") for make in BLACK]
NAMES = [f"{make.__name__}-{mode}" for make, mode in KINDS]

Build = Callable[[pikepdf.Pdf], object]


@pytest.fixture(scope="module")
def limits(tmp_path_factory: pytest.TempPathFactory) -> RecognitionSettings:
    """The limits of a new store."""
    return load_settings(tmp_path_factory.mktemp("home"), {}).recognition


def good(pdf: pikepdf.Pdf) -> pikepdf.Page:
    """A page in order."""
    return page_of(pdf, coded_pages.flate(picture()))


def checked(path: Path, build: Build, limits: RecognitionSettings) -> tuple[Told, ...]:
    """The remarks on a file whose second page is built."""
    return check_pdf(saved(path / "scan.pdf", (good, build, good)), path / "plain.pdf", limits)[1]


@pytest.mark.parametrize(("make", "mode"), KINDS, ids=NAMES)
def test_a_whole_picture_passes(tmp_path: Path, limits: RecognitionSettings, make: Make, mode: str) -> None:
    """A picture that is all there passes without a word, however it is coded."""
    assert checked(tmp_path, lambda pdf: page_of(pdf, make(picture(mode))), limits) == ()


@pytest.mark.parametrize("share", [0.05, 0.6, 0.97])
@pytest.mark.parametrize(("make", "mode"), KINDS, ids=NAMES)
def test_a_cut_picture_is_a_damaged_page(
    tmp_path: Path, limits: RecognitionSettings, make: Make, mode: str, share: float
) -> None:
    """A picture that ends too early is found wherever it is cut, and its page is named."""
    with pytest.raises(Held, match="Page 2 is damaged") as caught:
        checked(tmp_path, lambda pdf: page_of(pdf, cut(make(picture(mode)), share)), limits)
    assert caught.value.reason == "damaged_page"


def short(make: Make) -> Make:
    """The coding of half of the rows, whole in itself, where the page says that there are all."""

    def half(image: Image.Image) -> Coded:
        upper = make(image.crop((0, 0, image.width, image.height // 2)))
        return upper._replace(described=upper.described | {"Height": image.height})

    return half


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("lacking", [0, 1, 40])
def test_orders_in_letters_are_read_to_their_end(
    tmp_path: Path, limits: RecognitionSettings, lacking: int, *, packed: bool
) -> None:
    """Drawing orders that lack the end mark of their spelling are whole where their packing says so, else damaged."""

    def build(pdf: pikepdf.Pdf) -> None:
        page = good(pdf)
        orders = page.Contents.read_bytes() + bytes(range(33, 120)) * 9
        text = (zlib.compress(orders) if packed else orders).hex().encode() + b">"
        page.Contents = pdf.make_stream(text[: len(text) - lacking])
        page.Contents.Filter = Array([Name.ASCIIHexDecode, *([Name.FlateDecode] if packed else [])])

    if lacking <= packed:
        assert checked(tmp_path, build, limits) == ((told("on_page", page=2, remark=ENDS),) if lacking else ())
    else:
        with pytest.raises(Held, match="Page 2 is damaged"):
            checked(tmp_path, build, limits)


@pytest.mark.parametrize(
    "make",
    [
        coded_pages.raw,
        coded_pages.flate,
        coded_pages.predicted,
        coded_pages.twice_deflated,
        coded_pages.in_letters,
        coded_pages.lzw,
        coded_pages.runs,
    ],
)
def test_too_few_data_are_a_damaged_page(tmp_path: Path, limits: RecognitionSettings, make: Make) -> None:
    """Data that are whole in themselves and fewer than the pixels need are found."""
    with pytest.raises(Held, match="Page 2 is damaged"):
        checked(tmp_path, lambda pdf: page_of(pdf, short(make)(picture())), limits)


def without_end(make: Make, last: int) -> Make:
    """The coding without its last bytes, which are its end mark."""
    return lambda image: make(image)._replace(data=make(image).data[:-last])


@pytest.mark.parametrize(
    ("make", "mode"),
    [
        (without_end(coded_pages.jpeg, 2), "RGB"),
        (without_end(coded_pages.jpeg, 1), "L"),
        (without_end(coded_pages.progressive, 2), "L"),
        (without_end(coded_pages.flate, 4), "L"),
        (without_end(coded_pages.flate, 1), "RGB"),
        (without_end(coded_pages.predicted, 4), "RGB"),
        (without_end(coded_pages.runs, 1), "L"),
        (without_end(coded_pages.in_letters, 2), "L"),
        (without_end(coded_pages.in_digits, 1), "RGB"),
        (without_end(coded_pages.jpeg_in_digits, 1), "RGB"),
        (without_end(coded_pages.fax_in_letters, 2), "1"),
    ],
)
def test_a_missing_end_mark_is_remarked(tmp_path: Path, limits: RecognitionSettings, make: Make, mode: str) -> None:
    """A picture that lacks nothing but its end mark is accepted, and it is told."""
    (remark,) = checked(tmp_path, lambda pdf: page_of(pdf, make(picture(mode))), limits)
    assert str(remark) == "page 2: the end marker of a picture is missing, all its pixels are there"


def test_grey_behind_a_cut_jpeg_is_found() -> None:
    """A JPEG that a program cut and closed with an end marker lacks pixels, as does one cut within its last row."""
    data = coded_pages.jpeg(picture("RGB")).data
    for end in (len(data) // 2, len(data) - 40):
        with pytest.raises(Incomplete):
            check_jpeg(data[:end] + b"\xff\xd9", 1e6)
    assert check_jpeg(data, 1e6)
    assert check_jpeg(data + b"\x00" * 512, 1e6)  # what scanners put behind the end to fill a block


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_progressive_jpeg_without_its_last_steps_is_found(mode: str) -> None:
    """Such a picture is whole and coarse, and ends as it should: only the steps that it tells of say what lacks."""
    data = coded_pages.progressive(picture("RGB").convert(mode)).data
    steps = [place for place in range(len(data)) if data.startswith(b"\xff\xda", place)]
    assert len(steps) > 4
    for step in steps[1:]:
        with pytest.raises(Incomplete, match="jpeg_coarse"):
            check_jpeg(data[:step] + b"\xff\xd9", 1e6)
    assert check_jpeg(data, 1e6)
    assert not check_jpeg(data[:-2], 1e6)
    with pytest.raises(Incomplete):
        check_jpeg(
            data.replace(b"\xff\xc2\x00\x0b", b"\xff\xc2\x00\x04").replace(b"\xff\xc2\x00", b"\xff\xc2\x7f"), 1e6
        )


def test_a_jpeg_with_oddities_is_whole() -> None:
    """Bytes between two segments and a scan header for progressive data change no pixel; what is cut still shows."""
    data = coded_pages.jpeg(picture("RGB")).data
    scan = data.index(b"\xff\xda")
    end = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4])
    for odd in (
        data[:scan] + b"\x00\x00abc" + data[scan:],
        data[: end - 3] + b"\x00\x00\x00" + data[end:],
    ):
        assert check_jpeg(odd, 1e6)
        assert not check_jpeg(odd[:-2], 1e6)
        for cut_off in (odd[: len(odd) // 2], odd[: len(odd) // 2] + b"\xff\xd9", odd[:-40]):
            with pytest.raises(Incomplete):
                check_jpeg(cut_off, 1e6)


@given(share=st.floats(0, 0.999))
@settings(max_examples=60)
def test_a_fax_is_whole_or_not_at_any_bit(share: float) -> None:
    """Wherever a fax is cut, it is found, also when the end mark is put behind the cut."""
    image = picture("1")
    data, _ = coded_pages.strip_of(image, "group4")
    body = data.removesuffix(bytes.fromhex("001001"))
    piece = body[: int((len(body) - 3) * share)]
    check_fax(data, image.size, Fax(-1))
    for end in (b"", bytes.fromhex("001001")):
        with pytest.raises(Incomplete):
            check_fax(piece + end, image.size, Fax(-1))


def test_a_white_fax_is_no_lost_one() -> None:
    """A white page takes few bytes; nothing at all and zeros are no page."""
    white = Image.new("1", (1654, 2339), 1)
    data, _ = coded_pages.strip_of(white, "group4")
    check_fax(data, white.size, Fax(-1))
    for spoilt in (b"", bytes(300), data[: len(data) // 2]):
        with pytest.raises(Incomplete):
            check_fax(spoilt, white.size, Fax(-1))


# Where a page draws


def in_a_form(pdf: pikepdf.Pdf, bad: pikepdf.Stream) -> pikepdf.Page:
    """A picture within a form within a form."""
    page = good(pdf)
    form: pikepdf.Stream = bad
    for level in range(2):
        form = pdf.make_stream(
            b"/In Do",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=[0, 0, 595, 842],
            Level=level,
            Resources=Dictionary(XObject=Dictionary(In=form)),
        )
    page.Resources.XObject["/Fm0"] = form
    page.Contents = pdf.make_stream(b"/Fm0 Do")
    return page


def as_mask(key: str) -> Callable[[pikepdf.Pdf, pikepdf.Stream], pikepdf.Page]:
    """The mask of a picture."""

    def build(pdf: pikepdf.Pdf, bad: pikepdf.Stream) -> pikepdf.Page:
        page = good(pdf)
        page.Resources.XObject.Im0[key] = bad
        return page

    return build


def in_a_pattern(pdf: pikepdf.Pdf, bad: pikepdf.Stream) -> pikepdf.Page:
    """A picture that a pattern repeats."""
    page = good(pdf)
    tile = pdf.make_stream(
        b"9 0 0 9 0 0 cm /In Do",
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=[0, 0, 9, 9],
        XStep=9,
        YStep=9,
        Resources=Dictionary(XObject=Dictionary(In=bad)),
    )
    page.Resources.Pattern = Dictionary(P0=tile)
    page.Contents = pdf.make_stream(b"/Pattern cs /P0 scn 0 0 99 99 re f")
    return page


def in_a_soft_mask(pdf: pikepdf.Pdf, bad: pikepdf.Stream) -> pikepdf.Page:
    """A picture by which the state of drawing hides."""
    page = good(pdf)
    group = pdf.make_stream(
        b"9 0 0 9 0 0 cm /In Do",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, 595, 842],
        Resources=Dictionary(XObject=Dictionary(In=bad)),
    )
    page.Resources.ExtGState = Dictionary(G0=Dictionary(SMask=Dictionary(S=Name.Luminosity, G=group)))
    page.Contents = pdf.make_stream(b"/G0 gs q 595 0 0 842 0 0 cm /Im0 Do Q")
    return page


def in_a_letter(pdf: pikepdf.Pdf, bad: pikepdf.Stream) -> pikepdf.Page:
    """A picture that is a letter of a font."""
    page = good(pdf)
    letter = pdf.make_stream(b"9 0 0 0 9 9 d1 9 0 0 9 0 0 cm /In Do")
    page.Resources.Font = Dictionary(
        F0=Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=[0, 0, 9, 9],
            FontMatrix=[0.1, 0, 0, 0.1, 0, 0],
            CharProcs=Dictionary(a=letter),
            Encoding=Dictionary(Differences=[97, Name.a]),
            FirstChar=97,
            LastChar=97,
            Widths=[9],
            Resources=Dictionary(XObject=Dictionary(In=bad)),
        )
    )
    page.Contents = pdf.make_stream(b"BT /F0 20 Tf 50 50 Td (a) Tj ET")
    return page


def as_a_look(subtype: str) -> Callable[[pikepdf.Pdf, pikepdf.Stream], pikepdf.Page]:
    """The look of an annotation or field."""

    def build(pdf: pikepdf.Pdf, bad: pikepdf.Stream) -> pikepdf.Page:
        page = good(pdf)
        look = pdf.make_stream(
            b"99 0 0 99 0 0 cm /In Do",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=[0, 0, 99, 99],
            Resources=Dictionary(XObject=Dictionary(In=bad)),
        )
        looks = look if subtype == "Stamp" else Dictionary(Yes=look)
        note = Dictionary(
            Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=[9, 9, 99, 99], AP=Dictionary(N=looks), AS=Name.Yes
        )
        page.Annots = Array([pdf.make_indirect(note)])
        if subtype == "Widget":
            page.Annots[0].FT, page.Annots[0].T = Name.Btn, "box"
            pdf.Root.AcroForm = Dictionary(Fields=Array([page.Annots[0]]))
        return page

    return build


PLACES = [
    in_a_form,
    as_mask("/SMask"),
    as_mask("/Mask"),
    in_a_pattern,
    in_a_soft_mask,
    in_a_letter,
    as_a_look("Stamp"),
    as_a_look("Widget"),
]
PLACE_NAMES = ["form", "soft mask", "mask", "pattern", "state", "letter", "stamp", "field"]


@pytest.mark.parametrize("place", PLACES, ids=PLACE_NAMES)
@pytest.mark.parametrize("make", [coded_pages.flate, coded_pages.jpx])
def test_a_cut_picture_is_found_wherever_it_is_drawn(
    tmp_path: Path, limits: RecognitionSettings, place: Callable[[pikepdf.Pdf, pikepdf.Stream], object], make: Make
) -> None:
    """Forms, masks, patterns, soft masks, letters, annotations and fields draw pictures too."""
    whole, bad = make(picture()), cut(make(picture()))
    assert checked(tmp_path, lambda pdf: place(pdf, coded_pages.drawn(pdf, whole)), limits) == ()
    with pytest.raises(Held, match="Page 2 is damaged"):
        checked(tmp_path, lambda pdf: place(pdf, coded_pages.drawn(pdf, bad)), limits)


def tiled(leave_out: frozenset[int] = frozenset(), cut_off: int = 0, *, boxed: bool = True) -> coded_pages.Coded:
    """A JPEG 2000 picture of twenty tiles without some of them; the last one tells a length that is too large."""
    stream = io.BytesIO()
    picture().save(stream, "JPEG2000", tile_size=(128, 128), no_jp2=not boxed)
    data = stream.getvalue()
    start = place = data.index(b"\xff\x90\x00\x0a")
    kept = []
    while data[place : place + 2] == b"\xff\x90":
        tile, length = struct.unpack_from(">HI", data, place + 4)
        if tile not in leave_out:
            kept.append(data[place : place + length])
        place += length
    if cut_off:
        kept[-1] = kept[-1][:-cut_off]
    whole = data[:start] + b"".join(kept) + data[place:]
    return coded_pages.jpx(picture())._replace(data=whole)


@pytest.mark.parametrize("boxed", [True, False])
@pytest.mark.parametrize("lacking", [0, 7, 19])
def test_a_tile_taken_out_is_found(tmp_path: Path, limits: RecognitionSettings, lacking: int, *, boxed: bool) -> None:
    """A picture that ends as it should but has not all of its tiles is damaged: readers draw a hole there."""
    assert checked(tmp_path, lambda pdf: page_of(pdf, tiled(boxed=boxed)), limits) == ()
    without, cut_short = tiled(frozenset({lacking}), boxed=boxed), tiled(cut_off=lacking + 1, boxed=boxed)
    with pytest.raises(Held, match="Page 2 is damaged"):
        checked(tmp_path, lambda pdf: page_of(pdf, without), limits)
    with pytest.raises(Held, match="Page 2 is damaged"):
        checked(tmp_path, lambda pdf: page_of(pdf, cut_short), limits)


def inline(data: bytes, spelling: bytes) -> Build:
    """A page with a picture amid its drawing orders."""

    def build(pdf: pikepdf.Pdf) -> object:
        page = pdf.add_blank_page(page_size=coded_pages.POINTS)
        page.Resources = Dictionary(ColorSpace=Dictionary(C0=Array([Name.Indexed, Name.DeviceRGB, 1, b"\0" * 6])))
        page.Contents = pdf.make_stream(b"q 500 0 0 700 9 9 cm\nBI " + spelling + b" ID " + data + b"\nEI Q")
        return page

    return build


@pytest.mark.parametrize(
    ("spelling", "packed"),
    [
        (b"/W 413 /H 585 /CS /G /BPC 8", False),
        (b"/Width 413 /Height 585 /ColorSpace /DeviceGray /BitsPerComponent 8", False),
        (b"/W 413 /H 585 /CS /C0 /BPC 8", False),
        (b"/W 413 /H 585 /CS /G /BPC 8 /F /Fl", True),
        (b"/W 413 /H 585 /CS /G /BPC 8 /F [/Fl]", True),
    ],
)
def test_a_picture_amid_the_orders_is_checked(
    tmp_path: Path, limits: RecognitionSettings, spelling: bytes, *, packed: bool
) -> None:
    """A picture within the page's contents passes when it is whole, however it is spelt, and is found when cut."""
    pixels = picture().tobytes()
    data, half = (zlib.compress(each) if packed else each for each in (pixels, pixels[: len(pixels) // 2]))
    assert checked(tmp_path, inline(data, spelling), limits) == ()
    with pytest.raises(Held, match="Page 2 is damaged"):
        checked(tmp_path, inline(half, spelling), limits)


def test_an_unknown_filter_is_named(tmp_path: Path, limits: RecognitionSettings) -> None:
    """A picture that nothing here can unpack refuses the paper, and the filter is told: it is not damaged."""
    with pytest.raises(Unsupported, match="Page 2 is packed as BrotliDecode"):
        checked(tmp_path, lambda pdf: page_of(pdf, coded_pages.unknown(picture())), limits)


def test_what_a_page_does_not_draw_harms_nobody(tmp_path: Path, limits: RecognitionSettings) -> None:
    """A spoilt picture that another page draws, or none, is no fault of this page."""

    def build(pdf: pikepdf.Pdf) -> None:
        page = good(pdf)
        page.Resources.XObject["/Im1"] = coded_pages.drawn(pdf, cut(coded_pages.jpx(picture())))

    assert checked(tmp_path, build, limits) == ()


@pytest.mark.parametrize("make", [coded_pages.jpeg, coded_pages.jpx, coded_pages.jbig2])
def test_a_picture_larger_than_it_says_is_refused(tmp_path: Path, make: Make) -> None:
    """The size in the coded data counts, not only the one that the page tells."""
    few = load_settings(tmp_path / "home", {"KHOSO_RECOGNITION__MAX_MEGAPIXELS": "1"}).recognition
    large = make(picture("1" if make is coded_pages.jbig2 else "L").resize((1500, 1500)))
    described = large.described | {"Width": 100, "Height": 100}
    with pytest.raises(Refused) as caught:
        checked(tmp_path, lambda pdf: page_of(pdf, large._replace(described=described)), few)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("kind", ["LZWDecode", "RunLengthDecode", "FlateDecode"])
def test_what_grows_a_thousandfold_is_refused(tmp_path: Path, kind: str) -> None:
    """A small stream that becomes more than any page needs is refused before it is made."""
    few = load_settings(tmp_path / "home", {"KHOSO_RECOGNITION__MAX_MEGAPIXELS": "1"}).recognition
    sea = Image.new("L", (3000, 3000))
    make = {"LZWDecode": coded_pages.lzw, "RunLengthDecode": coded_pages.runs, "FlateDecode": coded_pages.flate}[kind]
    bomb = make(sea)
    small = bomb.described | {"Width": 100, "Height": 100}
    with pytest.raises(Refused) as caught:
        checked(tmp_path, lambda pdf: page_of(pdf, bomb._replace(described=small)), few)
    assert caught.value.reason == "too_large"


def test_orders_are_read_to_their_end(tmp_path: Path, limits: RecognitionSettings) -> None:
    """Drawing orders that are cut off are found, and an empty stream is none of them."""

    def orders(data: bytes) -> Build:
        def build(pdf: pikepdf.Pdf) -> None:
            good(pdf).Contents.write(data, filter=Name.FlateDecode)

        return build

    text = b"0 0 1 rg " + b"\n".join(b"%d %d 9 9 re f" % (place % 500, place) for place in range(800))
    packed = zlib.compress(text)
    assert checked(tmp_path, orders(packed), limits) == ()
    assert checked(tmp_path, orders(b""), limits) == ()
    assert len(checked(tmp_path, orders(packed[:-4]), limits)) == 1
    for end in (len(packed) - 5, len(packed) // 2, 3):
        with pytest.raises(Held, match="Page 2 is damaged"):
            checked(tmp_path, orders(packed[:end]), limits)


# What a page names and the file lacks


def lost_picture(pdf: pikepdf.Pdf) -> None:
    """A page whose picture is an object that the file does not have."""
    page = good(pdf)
    page.Resources.XObject.Im0 = Name.LostLost


def lost_orders(pdf: pikepdf.Pdf) -> None:
    """A page whose drawing orders are an object that the file does not have."""
    good(pdf).obj.Contents = Name.LostLost


@pytest.mark.parametrize("build", [lost_picture, lost_orders])
def test_what_the_file_has_lost_is_a_damaged_page(tmp_path: Path, limits: RecognitionSettings, build: Build) -> None:
    """A picture or drawing orders that lead nowhere make no blank page, though every reader shows one."""
    path = saved(tmp_path / "scan.pdf", (good, build, good))
    path.write_bytes(path.read_bytes().replace(b"/LostLost", b"99 0 R   "))
    with pytest.raises(Held, match="Page 2 is damaged"):
        check_pdf(path, tmp_path / "plain.pdf", limits)


def test_a_page_that_names_what_nobody_has_stays(tmp_path: Path, limits: RecognitionSettings) -> None:
    """A name without any object draws nothing: the page is kept, told, and not blank, whatever it looks like."""

    def build(pdf: pikepdf.Pdf) -> None:
        good(pdf).Contents = pdf.make_stream(b"q /Fm7 Do Q")

    checked = check_pdf(saved(tmp_path / "scan.pdf", (good, build)), tmp_path / "plain.pdf", limits)
    assert checked.remarks == (told("on_page", page=2, remark=LACKS),)
    assert checked.kept == {2}
    _, second = look_at_pages(checked.pdf, checked.kept)
    assert not second.facts.is_blank
    assert list(look_at_pages(checked.pdf))[1].facts.is_blank


def _in_strips(missing: str) -> Build:
    """A page drawn in four pictures, of which a name leads nowhere."""

    def build(pdf: pikepdf.Pdf) -> None:
        strip = pdf.make_stream(bytes(64), Type=Name.XObject, Subtype=Name.Image, Width=8, Height=8, BitsPerComponent=8,
                                ColorSpace=Name.DeviceGray)  # fmt: skip
        obj = good(pdf).obj
        obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary({f"/S{n}": strip for n in (0, 1, 2)}))
        obj.Contents = pdf.make_stream(b"/S0 Do /S1 Do /S2 Do " + missing.encode() + b" Do")

    return build


def test_a_page_that_lacks_a_strip_is_damaged(tmp_path: Path, limits: RecognitionSettings) -> None:
    """Of pictures that are numbered one is not in the file: the page is half drawn; another name draws nothing."""
    with pytest.raises(Held, match="Page 2 is damaged") as caught:
        check_pdf(saved(tmp_path / "scan.pdf", (good, _in_strips("/S3"))), tmp_path / "plain.pdf", limits)
    assert caught.value.reason == "damaged_page"
    checked = check_pdf(saved(tmp_path / "other.pdf", (good, _in_strips("/Fm7"))), tmp_path / "plain.pdf", limits)
    assert checked.remarks == (told("on_page", page=2, remark=LACKS),)


def test_orders_that_were_flushed_are_whole(tmp_path: Path, limits: RecognitionSettings) -> None:
    """Adobe Reader flushes what it saves and writes no last block; cut before that they are damaged all the same."""

    def orders(data: bytes) -> Build:
        def build(pdf: pikepdf.Pdf) -> None:
            good(pdf).Contents.write(data, filter=Name.FlateDecode)

        return build

    packer = zlib.compressobj()
    flushed = packer.compress(b"0 0 1 rg 9 9 99 99 re f " * 40) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert checked(tmp_path, orders(flushed), limits) == ()
    for end in (len(flushed) - 1, len(flushed) - 6):
        with pytest.raises(Held, match="Page 2 is damaged"):
            checked(tmp_path, orders(flushed[:end]), limits)


def test_a_box_without_a_look_is_no_damage(tmp_path: Path, limits: RecognitionSettings) -> None:
    """A box that is not ticked draws nothing; pdfTeX says so with a look that is no stream."""

    def build(pdf: pikepdf.Pdf) -> None:
        note = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Square,
            Rect=[9, 9, 30, 30],
            AS=Name.Off,
            AP=Dictionary(N=Dictionary(Yes=Dictionary())),
        )
        good(pdf).Annots = Array([pdf.make_indirect(note)])

    assert checked(tmp_path, build, limits) == ()
