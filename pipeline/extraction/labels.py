"""Labels of a form before the names of persons, and whose the lines behind each are."""

import re
from collections.abc import Iterator

from domain.fold import fold
from pipeline.extraction.layout import Passage

# Labels before a name, in folded letters; `họ` is often misread, `chữ đệm, tên` is enough.
PERSON = re.compile(r"(?:\bho\W{1,3}(?:va\s+)?|chu\s*dem\W{1,3})ten(?=\W|vo\b|$)")
# What follows `họ tên` of persons who are not the owner, and in the head of a table.
OTHER = re.compile(r"\W*(?:cua\s*)?(?:nguoi\s*)?(?:me|cha|bo|chong|di khai|duoc|than nhan|ngay sinh|nam sinh)\b")
# From the label to the name: the rest of the label up to its colon, then the courtesy.
LEAD = re.compile(r"(?:[^:]{0,40}:)?\s*(?:(?:ong\s*/\s*ba|ong|ba)\b\s*:?)?\s*")
_ANOTHER = r"(?:nguoi\s+)?(?:me|cha|bo|chong|di khai|yeu cau|dai dien|giam ho|lam chung)\b"
# A line that begins what is said of another person without such a label: `Mẹ: …`, `II. PHẦN KHAI VỀ NGƯỜI CHA`.
_PART = re.compile(
    r"^\W*(?:(?:\d{1,2}|[ivx]{1,4})[.)]\s*)?(?:(?:phan|muc|khai|thong tin|ve|cua)\s+){0,4}" + _ANOTHER + r"[^:\n]{0,30}"
    r"(?::|$)",
    re.MULTILINE,
)
# A label of a number that says whose it is: `Số định danh cá nhân của người mẹ: `.
_OF_ANOTHER = re.compile(r"\W(?:cua\s+|(?=nguoi\b))" + _ANOTHER + r"[^:\n]{0,20}:?\s*$")


def stands_by_another(text: Passage, start: int, owner: str, *, own_first: bool) -> bool:
    """Whether what stands at a place of a form is said of another person than the one sought.

    ``own_first``: the text begins with the label of whom is sought; else only a label with that name is.
    """
    labels = sorted(_labels(text.folded, start))
    if own_first:
        labels = labels[1:]
    if labels and not _is_named(text.folded, labels[-1][1], owner):
        return True
    return _OF_ANOTHER.search(text.folded, max(0, start - 60), start) is not None


def _labels(folded: str, before: int) -> Iterator[tuple[int, int]]:
    """Where labels of persons begin and end before a place; one that two patterns find is one."""
    ends = set[int]()
    for found in PERSON.finditer(folded, 0, before):
        ends.add(found.end())
        yield found.span()
    for found in _PART.finditer(folded, 0, before):
        if not any(found.start() <= end <= found.end() for end in ends):
            yield found.start(), found.end()


def _is_named(folded: str, end: int, owner: str) -> bool:
    """Whether a label, at its end, is of the person sought."""
    if OTHER.match(folded, end) or not owner:
        return False
    lead = LEAD.match(folded, end)
    name = " ".join(folded[lead.end() if lead else end :].split())
    return re.match(rf"{re.escape(fold(owner))}\b", name) is not None
