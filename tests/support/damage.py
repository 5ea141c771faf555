"""A printed number of which one digit was damaged before it was scanned."""

from PIL import Image, ImageDraw

from samples.layout import Sheet


def digit_box(sheet: Sheet, number: str, place: int) -> tuple[int, int, int, int]:
    """Where a digit of a number stands that the sheet has in its running text: left, top, right, bottom in pixels."""
    word, (x, base), font = next(item for item in sheet.words if number in item[0])
    before = word[: word.index(number) + place]
    left, top, right, bottom = font.getbbox(number[place], anchor="ls")
    start = x + font.getlength(before)
    return round(start + left), round(base + top), round(start + right), round(base + bottom)


def damaged(sheet: Sheet, number: str, place: int, how: str) -> Image.Image:
    """The sheet's picture with a digit of which a part was lost, or on which something was written."""
    left, top, right, bottom = digit_box(sheet, number, place)
    wide, high = right - left, bottom - top
    shown = sheet.image.copy()
    draw = ImageDraw.Draw(shown)
    box, ink = {
        "left": ((left - 2, top - 2, left + 0.36 * wide, bottom + 2), "white"),
        "bows": ((left - 2, top + 0.15 * high, left + 0.4 * wide, bottom - 0.1 * high), "white"),
        "right": ((right - 0.42 * wide, top - 2, right + 2, bottom + 2), "white"),
        "top": ((left - 2, top - 2, right + 2, top + 0.4 * high), "white"),
        "bottom": ((left - 2, bottom - 0.4 * high, right + 2, bottom + 2), "white"),
        "hole": ((left - 0.4 * wide, top + 0.45 * high, left + 0.5 * wide, top + 0.95 * high), "white"),
        "blot": ((left + 0.2 * wide, top + 0.1 * high, right - 0.2 * wide, top + 0.55 * high), "black"),
        "fold": ((left - 2, top + 0.4 * high, right + 2, top + 0.58 * high), "white"),
    }[how]
    (draw.ellipse if how in {"hole", "blot"} else draw.rectangle)(box, fill=ink)
    return shown
