"""A desk scanner in good order: slight skew, tint, blur and noise, and the file formats such scanners write."""

import io
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import img2pdf
import numpy as np
from PIL import Image

Format = Literal["jpeg", "png", "tiff-lzw", "tiff-g4", "pdf"]


@dataclass(frozen=True)
class Scanner:
    """How a paper is scanned.

    ``clean_background`` lifts the paper to pure white, as scanners do before they write a lossless format.
    """

    format: Format = "jpeg"
    dpi: int = 200
    grey: bool = False
    clean_background: bool = False
    tint: tuple[int, int, int] = (252, 251, 246)
    noise: float = 2.0
    max_skew: float = 0.6

    def scan(self, sheet: Image.Image, random: Random) -> Image.Image:
        """One sheet as the scanner sees it."""
        colourless = self.grey or self.format == "tiff-g4"
        source = sheet.convert("L") if colourless else sheet
        paper = (min(self.tint),) if colourless else self.tint
        tinted = source.point([value * level // 255 for level in paper for value in range(256)])
        skew = random.uniform(-self.max_skew, self.max_skew)
        # Bilinear turning softens the edges by about half a pixel, which is all the blur of a good scanner.
        turned = tinted.rotate(skew, Image.Resampling.BILINEAR, fillcolor=paper if len(paper) > 1 else paper[0])
        if self.format == "tiff-g4":
            return turned.point([255 * (value > 150) for value in range(256)], "1")
        pixels = np.asarray(turned, dtype=np.float32)
        grain = np.random.default_rng(random.getrandbits(32)).standard_normal(pixels.shape[:2], dtype=np.float32)
        grain *= self.noise
        noisy = pixels + (grain if self.grey else grain[..., None])
        if self.clean_background:
            noisy *= 255 / (min(paper) - 2.5 * self.noise)
        return Image.fromarray(noisy.clip(0, 255, out=noisy).astype(np.uint8))

    def write(self, pages: list[Image.Image], path: Path) -> None:
        """Write the scanned pages as one file; nothing in it depends on the time or the machine."""
        resolution = (self.dpi, self.dpi)
        match self.format:
            case "jpeg":
                path.write_bytes(self._jpeg(pages[0]))
            case "png":
                pages[0].save(path, "PNG", dpi=resolution)
            case "tiff-lzw" | "tiff-g4":
                compression = {"tiff-lzw": "tiff_lzw", "tiff-g4": "group4"}[self.format]
                pages[0].save(
                    path, "TIFF", dpi=resolution, compression=compression, save_all=True, append_images=pages[1:]
                )
            case "pdf":
                jpegs = [self._jpeg(page) for page in pages]
                path.write_bytes(img2pdf.convert(jpegs, nodate=True, engine=img2pdf.Engine.internal))

    def _jpeg(self, page: Image.Image) -> bytes:
        stream = io.BytesIO()
        page.save(stream, "JPEG", quality=82, dpi=(self.dpi, self.dpi))
        return stream.getvalue()
