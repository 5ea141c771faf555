"""Paragraphs and tables become proven PDF/A-2b; the same text gives the same bytes."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final, Literal, NamedTuple

import pikepdf
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, TableBordersLayout
from fpdf.fonts import FontFace

from services.printing.faces import font_folder, font_letters
from signing.pades.conformance import prove

FAMILY: Final = "Liberation Serif"
_FACES = {"": "Regular", "B": "Bold"}
_SIZE_PT, _TITLE_PT, _SMALL_PT = 13, 15, 11  # Decree 30/2020 Annex I: text 13 to 14
_LINE, _GAP_MM = 1.25, 2.0
# Decree 30/2020 Annex I: top and bottom 20 to 25 mm, left 30 to 35, right 15 to 20.
_TOP_MM, _BOTTOM_MM, _LEFT_MM, _RIGHT_MM = 20.0, 20.0, 30.0, 15.0
_MM_OF_PT = 25.4 / 72


class Paragraph(NamedTuple):
    """A text over the width of the page."""

    text: str
    style: Literal["text", "bold", "centred", "title"] = "text"


class Grid(NamedTuple):
    """Cells side by side: the shares of their columns in the width; ``ruled`` with lines and a head, else columns.

    The columns of a grid without lines are centred; the first row of either is bold.
    """

    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    look: Literal["ruled", "columns"] = "ruled"


Block = Paragraph | Grid


def print_pdfa(title: str, blocks: Sequence[Block], at: datetime, *, free_mm: float = 0.0) -> bytes:
    """A text on sheets of A4, numbered from the second one on.

    Args:
        title: what readers call the file; it stands on no page.
        blocks: the text.
        at: when it is printed.
        free_mm: how much of the first page stays empty below its upper margin, for marks of signatures.

    Raises:
        SetupError: the typeface is not installed.
        NotConforming, NotChecked: it is not PDF/A-2b.
    """
    page = _Page(title, at)
    page.add_page()
    page.ln(free_mm)
    for block in blocks:
        page.lay(block)
    return page.proven()


class Sheets(FPDF):
    """Sheets with the typeface embedded; whoever prints adds them and says what stands on them."""

    def __init__(self, title: str, at: datetime, *, unit: Literal["mm", "pt"] = "mm") -> None:
        super().__init__(format="A4", unit=unit, enforce_compliance="PDF/A-2B")
        folder = font_folder()
        files = {style: folder / f"LiberationSerif-{name}.ttf" for style, name in _FACES.items()}
        self._at = at
        self._letters = frozenset.intersection(*map(font_letters, files.values()))
        for style, file in files.items():
            self.add_font(FAMILY, style, file)
        self.set_title(self.writable(title))
        self.set_lang("vi-VN")
        self.set_creation_date(at)

    def writable(self, text: str) -> str:
        """The text with its letters composed, and those that the typeface lacks told by their numbers."""
        composed = unicodedata.normalize("NFC", text)
        return "".join(
            letter if letter == "\n" or ord(letter) in self._letters else f"[U+{ord(letter):04X}]"
            for letter in composed
        )

    def proven(self) -> bytes:
        """The sheets as PDF/A-2b.

        Raises:
            NotConforming, NotChecked: they are not.
        """
        content, at = BytesIO(), self._at
        with pikepdf.open(BytesIO(bytes(self.output()))) as pdf:
            del pdf.Root.OpenAction  # fpdf2 always writes one, of which the checker knows nothing
            with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
                for name in ("CreateDate", "ModifyDate", "MetadataDate"):  # fpdf2 writes the clock's
                    metadata[f"xmp:{name}"] = at.isoformat(timespec="seconds")
            del pdf.trailer["/ID"]  # of the clock, too
            pdf.save(content, deterministic_id=True)
        prove(content)
        return content.getvalue()


class _Page(Sheets):
    """A4 by Decree 30."""

    def __init__(self, title: str, at: datetime) -> None:
        super().__init__(title, at)
        self.set_margins(_LEFT_MM, _TOP_MM, _RIGHT_MM)
        self.set_auto_page_break(auto=True, margin=_BOTTOM_MM)
        self.set_font(FAMILY, "", _SIZE_PT)

    def header(self) -> None:
        """Number the page, in the middle of its upper margin (Decree 30/2020 Annex I, II.7)."""
        if self.page_no() > 1:
            self.set_y(_TOP_MM / 2)
            self.set_font(FAMILY, "", _SIZE_PT)
            self.cell(0, 5, str(self.page_no()), align=Align.C)
            self.set_y(_TOP_MM)

    def lay(self, block: Block) -> None:
        """Put a block below what stands there."""
        if isinstance(block, Grid):
            if block.look == "columns":  # who signs it, and what for, on one sheet
                with self.offset_rendering() as tried:
                    self._lay_grid(tried, block)
                if tried.page_break_triggered:
                    self.add_page()
            self._lay_grid(self, block)
            self.ln(_GAP_MM)
            return
        size = _TITLE_PT if block.style == "title" else _SIZE_PT
        self.set_font(FAMILY, "" if block.style == "text" else "B", size)
        align = Align.C if block.style in {"centred", "title"} else Align.L
        self.multi_cell(
            0,
            size * _MM_OF_PT * _LINE,
            self.writable(block.text),
            align=align,
            new_x="LMARGIN",
            new_y="NEXT",
            output=MethodReturnValue.PAGE_BREAK,
        )
        self.ln(_GAP_MM)

    def _lay_grid(self, sheet: Any, grid: Grid) -> None:
        """On the sheets themselves, or on a copy of them to see whether there is room."""
        is_ruled = grid.look == "ruled"
        sheet.set_font(FAMILY, "", _SMALL_PT if is_ruled else _SIZE_PT)
        with sheet.table(
            col_widths=tuple(grid.widths),
            align=Align.L,  # of the table: else it stands in the middle of the sheet, beside the text
            borders_layout=TableBordersLayout.ALL if is_ruled else TableBordersLayout.NONE,
            text_align=Align.L if is_ruled else Align.C,
            headings_style=FontFace(emphasis="BOLD"),
            line_height=sheet.font_size * _LINE,
            padding=0.7,
        ) as table:
            for cells in grid.rows:
                row = table.row()
                for cell in cells:
                    row.cell(self.writable(cell))
