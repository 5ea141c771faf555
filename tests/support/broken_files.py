"""Files that can never become a paper."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf


def png_header(path: Path, width: int, height: int) -> Path:
    """A PNG that claims a size and has no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    resolution = chunk(b"pHYs", struct.pack(">IIB", 7874, 7874, 1))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + head + resolution + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )
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
