"""Rows of numbers as text, and the two that matter as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Row = Mapping[str, str | int | float | None]

_PLAIN: Final = {"CPU s/page": "{:.3f}", "CPU ms": "{:.2f}"}
_RATIO: Final = ":"  # in a column's name: ours to stock
_COLOURS: Final = ("#9aa5b1", "#5b6b7b", "#2f9e74", "#1f5fa8")
_WIDTH, _HEIGHT, _MARGIN = 1100, 360, 56


def render(title: str, rows: Sequence[Row]) -> str:
    """A table: text to the left, numbers to the right, n/a where nothing was measured.

    Real numbers are shares (percent) unless the column says that it holds seconds or ratios.
    """
    heads = list(rows[0]) if rows else []
    cells = [heads] + [[_cell(head, row[head]) for head in heads] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    is_text = [all(isinstance(row[head], str) for row in rows) for head in heads]
    lines = [
        "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join(["", title, "-" * len(title), *(lines if rows else ["n/a"])])


def _cell(head: str, value: str | float | None) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, float):
        return (_PLAIN.get(head) or ("{:.2f}" if _RATIO in head else "{:.1%}")).format(value)
    return str(value)


def plot(rows: Sequence[Row], file: Path) -> None:
    """Bars by level and engine: CPU seconds a page, and words found."""
    image = Image.new("RGB", (_WIDTH, 2 * _HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    engines = list(dict.fromkeys(str(row["engine"]) for row in rows))
    for top, column in ((0, "CPU s/page"), (_HEIGHT, "words found")):
        _bars(draw, top, column, rows, engines)
    for i, engine in enumerate(engines):
        x = _MARGIN + 210 * i
        draw.rectangle((x, 2 * _HEIGHT - 22, x + 12, 2 * _HEIGHT - 10), fill=_COLOURS[i])
        draw.text((x + 18, 2 * _HEIGHT - 24), engine, fill="black", font=ImageFont.load_default(14))
    image.save(file)


def _bars(draw: ImageDraw.ImageDraw, top: int, column: str, rows: Sequence[Row], engines: Sequence[str]) -> None:
    groups = list(dict.fromkeys(str(row["group"]) for row in rows))
    base, room = top + _HEIGHT - _MARGIN, _HEIGHT - 2 * _MARGIN
    values = [float(row[column] or 0) for row in rows]
    scale = max([*values, 1e-9])
    across = (_WIDTH - 2 * _MARGIN) / max(1, len(groups))
    width = across / (len(engines) + 1)
    draw.text((_MARGIN, top + 12), column, fill="black", font=ImageFont.load_default(18))
    draw.line((_MARGIN, base, _WIDTH - _MARGIN, base), fill="black")
    for row, value in zip(rows, values, strict=True):
        i, k = groups.index(str(row["group"])), engines.index(str(row["engine"]))
        x = _MARGIN + across * i + width * k
        y = base - room * value / scale
        draw.rectangle((x, y, x + width - 4, base), fill=_COLOURS[k % len(_COLOURS)])
        draw.text((x, y - 16), _cell(column, value), fill="black", font=ImageFont.load_default(12))
    for i, group in enumerate(groups):
        draw.text((_MARGIN + across * i, base + 6), group, fill="black", font=ImageFont.load_default(14))
