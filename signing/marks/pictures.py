"""Pictures of handwritten signatures and of seals, shown at their real size (law L4.5)."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.errors import KeysUnusable

_POINTS = 72
_SIDE_MM = (10.0, 90.0)  # seals measure 20 to 42 mm; a larger side tells of a wrong resolution
_MOST_PIXELS = 4_000_000
_OPAQUE = 128

# The colours of sRGB (IEC 61966-2-1) told by numbers of their own, so that no file needs a profile for them; its
# tone curve comes close to a power of 2.2.
_CAL_RGB = {
    "/WhitePoint": (0.9505, 1.0, 1.089),
    "/Gamma": (2.2, 2.2, 2.2),
    "/Matrix": (0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, its size on paper in points, the colour of its ink, and its pixels as a PDF holds them."""

    path: Path
    width: float
    height: float
    colour: Literal["blue", "red", "other"]
    pixels: tuple[int, int]
    colours: bytes
    opacity: bytes


def read_picture(path: Path) -> Picture:
    """Read a picture.

    Raises:
        KeysUnusable: it is no PNG with transparency and a resolution, or not of a size that a signature has.
    """
    try:
        with Image.open(path, formats=("PNG",)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise _unusable(path, f"has {image.width} x {image.height} pixels")
            dpi, is_clear = image.info.get("dpi"), image.has_transparency_data
            pixels = np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError) as error:
        raise _unusable(path, f"cannot be read as PNG ({error})") from error
    opacity = pixels[:, :, 3]
    if not is_clear or opacity.min() >= _OPAQUE:
        raise _unusable(path, "has no transparent ground")
    if not dpi or min(dpi) <= 1:
        raise _unusable(path, "states no resolution, so its real size is unknown")
    if opacity.max() < _OPAQUE:
        raise _unusable(path, "shows nothing")
    width, height = pixels.shape[1] / dpi[0], pixels.shape[0] / dpi[1]
    if not _SIDE_MM[0] <= max(width, height) * 25.4 <= _SIDE_MM[1]:
        raise _unusable(path, f"measures {width * 25.4:.0f} x {height * 25.4:.0f} mm")
    red, _, blue = pixels[opacity >= _OPAQUE][:, :3].astype(float).mean(axis=0)
    return Picture(
        path,
        width * _POINTS,
        height * _POINTS,
        "blue" if blue > red * 1.2 else "red" if red > blue * 1.2 else "other",
        (pixels.shape[1], pixels.shape[0]),
        zlib.compress(pixels[:, :, :3].tobytes()),
        zlib.compress(opacity.tobytes()),
    )


def embed_picture(writer: BasePdfFileWriter, picture: Picture) -> generic.PdfObject:
    """Add the picture to the file; gives the reference to it."""
    mask = _image(picture, picture.opacity, pdf_name("/DeviceGray"))
    numbers = {
        pdf_name(key): generic.ArrayObject(generic.FloatObject(value) for value in values)
        for key, values in _CAL_RGB.items()
    }
    space = generic.ArrayObject([pdf_name("/CalRGB"), generic.DictionaryObject(numbers)])
    image = _image(picture, picture.colours, space)
    image[pdf_name("/SMask")] = writer.add_object(mask)
    reference: generic.PdfObject = writer.add_object(image)
    return reference


def _image(picture: Picture, data: bytes, space: generic.PdfObject) -> generic.StreamObject:
    width, height = picture.pixels
    entries = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Image"),
        pdf_name("/Width"): generic.NumberObject(width),
        pdf_name("/Height"): generic.NumberObject(height),
        pdf_name("/ColorSpace"): space,
        pdf_name("/BitsPerComponent"): generic.NumberObject(8),
        pdf_name("/Filter"): pdf_name("/FlateDecode"),
    }
    return generic.StreamObject(entries, encoded_data=data)


def _unusable(path: Path, what: str) -> KeysUnusable:
    return KeysUnusable("picture_odd", remedy="give_png", path=path, what=what)
