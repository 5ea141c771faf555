"""Pages laid out as the law lays them out, and what is read of them."""

from collections.abc import Sequence
from itertools import zip_longest

from config.loader import load_catalogues
from domain.readings import Description, DocumentReading, PageReading, Word
from pipeline.extraction import laid_out, read_fields

TYPES = load_catalogues().types


WIDTH, HEIGHT, SPACE = 0.0095, 0.013, 0.006


LEFT, MIDDLE, RIGHT, MARGIN = 0.27, 0.5, 0.68, 0.12


# A piece of a line: where it stands, and its text.  LEFT, MIDDLE and RIGHT centre it; MARGIN begins there.
Piece = tuple[float, str]


NATION: Piece = (RIGHT, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")


MOTTO: Piece = (RIGHT, "Độc lập - Tự do - Hạnh phúc")


DATE: Piece = (RIGHT, "Đà Nẵng, ngày 09 tháng 4 năm 2025")


def page(*lines: Sequence[Piece], number: int = 1, confidence: float = 0.95) -> PageReading:
    """A page of lines; an empty line leaves a gap."""
    words: list[Word] = []
    for row, pieces in enumerate(lines):
        top = 0.05 + 0.022 * row
        for place, text in pieces:
            length = len(text.replace(" ", "")) * WIDTH + text.count(" ") * SPACE
            x = place if place == MARGIN else place - length / 2
            for token in text.split():
                box = (x, top, x + len(token) * WIDTH, top + HEIGHT)
                words.append(Word(text=token, box=box, confidence=confidence, line=row))
                x = box[2] + SPACE
    return PageReading(number=number, words=tuple(words))


def body(*texts: str) -> list[list[Piece]]:
    """Lines of running text from the left margin."""
    return [[(MARGIN, text)] for text in texts]


def paper(*pages: PageReading) -> DocumentReading:
    """A document of pages."""
    return DocumentReading(pages=pages)


def described(*lines: Sequence[Piece]) -> Description:
    """The description of a paper of one page."""
    return read_fields(laid_out(paper(page(*lines))), TYPES)


def administrative(
    title: str,
    *rest: Sequence[Piece],
    agency: Sequence[str] = ("ỦY BAN NHÂN DÂN", "QUẬN HẢI CHÂU"),
    number: str = "12/QĐ-UBND",
) -> list[Sequence[Piece]]:
    """A paper of an agency: heading in two columns, title, and the rest."""
    left: list[Piece] = [(LEFT, text) for text in [*agency, f"Số: {number}"]]
    head = [[piece for piece in row if piece] for row in zip_longest(left, [NATION, MOTTO, DATE])]
    return [*head, [], [(MIDDLE, title)], *rest]


def certificate(title: str, *texts: str) -> list[Sequence[Piece]]:
    """A civil status certificate: the heading alone in the middle."""
    return [[(MIDDLE, NATION[1])], [(MIDDLE, MOTTO[1])], [], [(MIDDLE, title)], *body(*texts)]
