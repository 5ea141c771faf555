"""Faces that a file names and does not hold, put in: the very ones that PDFium shows in their place.

PDFium brings faces of its own (BSD licence) for the fourteen that every reader has and for Arial, Times New Roman and
Courier New under their many spellings; each holds the 229 letters of the Latin encodings.  Other faces, letters that
these lack, and the two faces of symbols, whose codes the face itself does not know, are found by the checker
afterwards.
"""

from collections.abc import Iterator
from contextlib import closing
from ctypes import c_size_t, c_uint8
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from fontTools.agl import UV2AGL
from fontTools.cffLib import CFFFontSet
from fontTools.encodings.MacRoman import MacRoman
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.pens.basePen import NullPen
from pypdfium2 import raw

_CFF = b"\x01\x00"  # version 1.0; PDFium's own faces have it, those that a machine has installed mostly not
_LIKE_TEXT = 32  # of a font's flags (ISO 32000-1, table 123): no symbols
_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_WINDOWS = tuple(UV2AGL.get(ord(bytes([code]).decode("cp1252", "replace")), ".notdef") for code in range(256))
_ENCODINGS = {"/WinAnsiEncoding": _WINDOWS, "/MacRomanEncoding": MacRoman}


def put_in_fonts(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    """Embed what can be embedded; returns the names of the faces.

    Raises:
        pypdfium2.PdfiumError: a font cannot be shown.
    """
    found = set()
    for font in _fonts(pdf):
        face = _shown(font) if _is_wanting(font) else b""
        if face.startswith(_CFF):
            _put_in(pdf, font, face)
            found.add(str(font.BaseFont)[1:])
    return tuple(sorted(found))


def _fonts(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The fonts of every page and form, each made an object of its own."""
    forms: list[Any] = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and "/Resources" in item]
    for resources in (*(page.resources for page in pdf.pages), *(form.Resources for form in forms)):
        fonts = resources.get("/Font", pikepdf.Dictionary())
        for name in sorted(fonts.keys()):
            if not fonts[name].is_indirect:
                fonts[name] = pdf.make_indirect(fonts[name])
            yield fonts[name]


def _is_wanting(font: Any) -> bool:
    is_simple = font.get("/Subtype") in {"/Type1", "/TrueType"} and "/BaseFont" in font
    return is_simple and not any(key in font.get("/FontDescriptor", {}) for key in _FILES)


def _shown(font: Any) -> bytes:
    """The face that PDFium shows in place of one that the file lacks: asked with a page of one letter."""
    sheet = BytesIO()
    with pikepdf.new() as asking:
        page = asking.add_blank_page()
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=asking.copy_foreign(font)))
        page.Contents = asking.make_stream(b"BT /F 9 Tf (A) Tj ET")
        asking.save(sheet)
    with closing(pypdfium2.PdfDocument(sheet.getvalue())) as document:
        letters = list(document[0].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]))
        return _program(letters[0].get_font()) if letters else b""


def _program(font: Any) -> bytes:
    size = c_size_t()
    if not raw.FPDFFont_GetFontData(font, None, 0, size):
        return b""
    program = (c_uint8 * size.value)()
    raw.FPDFFont_GetFontData(font, program, size.value, size)
    return bytes(program)


def _put_in(pdf: pikepdf.Pdf, font: Any, program: bytes) -> None:
    faces = CFFFontSet()
    faces.decompile(BytesIO(program), None)
    face = faces[0]
    font.Subtype = pikepdf.Name.Type1
    if not all(key in font for key in ("/FirstChar", "/LastChar", "/Widths")):
        font.FirstChar, font.LastChar = 0, 255
        font.Widths = pikepdf.Array([_width(face, name) for name in _names(font.get("/Encoding"))])
    left, bottom, right, top = (round(side) for side in face.FontBBox)
    file = pdf.make_stream(program, Subtype=pikepdf.Name.Type1C)
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=font.BaseFont,
        Flags=_LIKE_TEXT,
        FontBBox=pikepdf.Array([left, bottom, right, top]),
        ItalicAngle=round(face.ItalicAngle),
        Ascent=top,
        Descent=bottom,
        CapHeight=top,
        StemV=round(getattr(face.Private, "StdVW", 80)),
        FontFile3=file,
    )
    font.FontDescriptor = pdf.make_indirect(descriptor)


def _names(encoding: Any) -> list[str]:
    """The glyph of each code, as the font's encoding says, else the face's own, which is the standard one."""
    base = encoding.get("/BaseEncoding") if isinstance(encoding, pikepdf.Dictionary) else encoding
    names = list(_ENCODINGS.get(str(base), StandardEncoding))
    if isinstance(encoding, pikepdf.Dictionary):
        code = 0
        for item in encoding.get("/Differences", ()):
            if isinstance(item, pikepdf.Name):
                names[code] = str(item)[1:]
                code += 1
            else:
                code = int(item)
    return names


def _width(face: Any, name: str) -> int:
    if name not in face.CharStrings:
        return 0
    glyph = face.CharStrings[name]
    glyph.draw(NullPen())
    return round(float(glyph.width))
