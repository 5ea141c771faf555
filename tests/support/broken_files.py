"""Files that can never become a paper."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf

_NO_PIXELS = zlib.compress(b"\0")


def written_png(path: Path, width: int, height: int, packed: bytes = _NO_PIXELS) -> Path:
    """A PNG at 600 dpi of packed rows in three colours, whatever size it claims."""
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"pHYs": struct.pack(">IIB", 23622, 23622, 1),
        b"IDAT": packed,
        b"IEND": b"",
    }
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(framed))
    return path


Break = Callable[[pikepdf.Pdf], None]


def form_of_xml(path: Path, *lines: str, needs_rendering: bool | None = None) -> Path:
    """A form of XFA whose page says something."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
        shown = " ".join(f"({line}) '" for line in lines)
        page.Contents = pdf.make_stream(f"BT /F 12 Tf 16 TL 1 0 0 1 50 700 Tm {shown} ET".encode())
        pdf.Root.AcroForm = pikepdf.Dictionary(
            XFA=pikepdf.Array([pikepdf.String("template"), pdf.make_stream(b"<template/>")]), Fields=pikepdf.Array()
        )
        if needs_rendering is not None:
            pdf.Root.NeedsRendering = needs_rendering
        pdf.save(path)
    return path


def cut_image(pdf: pikepdf.Pdf) -> None:
    """A JPEG that ends in the middle."""
    image = pdf.pages[1].get_images()["/Im0"]
    image.write(image.read_raw_bytes()[:40_000], filter=pikepdf.Name.DCTDecode)


def pageless(path: Path) -> Path:
    """A PDF without a page."""
    pikepdf.new().save(path)
    return path
