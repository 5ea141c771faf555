"""Written pages over which somebody draws, types or puts notes."""

import io

import pikepdf

from tests.support.written_pdfs import LEADING, TOP


def line_of(place: int) -> float:
    """The baseline of a line of ``written_pdfs.page``, in points from below."""
    return TOP - place * LEADING


def drawn_over(
    content: bytes, strokes: bytes, *, under: bool = False, typed: tuple[tuple[float, float, float, str], ...] = ()
) -> bytes:
    """The page with something drawn over it, or under it; ``typed``: across, up, size and digits of a later text."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        sheet = document.pages[0]
        if typed:
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            name = sheet.add_resource(font, pikepdf.Name.Font)
            strokes += b" ".join(
                f"BT {name} {size} Tf {x} {y} Td ({text}) Tj ET".encode() for x, y, size, text in typed
            )
        sheet.contents_add(b"q " + strokes + b" Q", prepend=under)
        document.save(stream)
    return stream.getvalue()


def noted(content: bytes, kind: str, box: tuple[float, float, float, float]) -> bytes:
    """The page with a note of this kind over the text in the box."""
    left, bottom, right, top = box
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name(kind),
            Rect=pikepdf.Array(box),
            QuadPoints=pikepdf.Array([left, top, right, top, left, bottom, right, bottom]),
            C=pikepdf.Array([1, 1, 0] if kind == "/Highlight" else [1, 0, 0]),
            F=4,
        )
        document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(note)])
        document.save(stream)
    return stream.getvalue()
