"""Generated papers for the search benchmark: as many as wanted, always the same.

Words follow those of the sample papers: half of a text are sentences that many papers share, as forms and decisions do
(drawn by how common they are); the rest are syllables drawn by Zipf's law, names, numbers and days.  Every fiftieth
word has one wrong letter, as recognition leaves them.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate, pairwise
from random import Random

from domain.fold import fold
from samples.generate import all_papers
from samples.papers import Paper, Row
from search.interface import IndexEntry

_TYPES = [
    (f"KQ.G15.{990001 + number}", name)
    for number, name in enumerate(
        (
            "Giấy khai sinh",
            "Trích lục kết hôn",
            "Trích lục khai tử",
            "Giấy phép xây dựng",
            "Quyết định hành chính",
            "Giấy chứng nhận đăng ký hộ kinh doanh",
            "Xác nhận tình trạng hôn nhân",
            "Thông báo",
            "Công văn",
            "Kế hoạch",
        )
    )
]
_PLACES = ("Hải Châu", "Thanh Khê", "Liên Chiểu", "Ngũ Hành Sơn", "Sơn Trà", "Cẩm Lệ", "Hòa Vang", "Điện Bàn", "Hội An")
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
_ONSETS = tuple("b c ch d đ g gh gi h k kh l m n ng ngh nh ph qu r s t th tr v x".split())  # noqa: SIM905
_RIMES = tuple(
    (  # noqa: SIM905 (a list of that length reads worse)
        "a á à ả ạ an án ang áng anh ánh ao áo ay ây ầu ăn ăng e ê em ên êu i inh ích in iên iến iêm o ó ông ồng "
        "ôi ội ơ ơn ươn ường ước u uân uyên uyết uy ua ưa ưu y yên yêu"
    ).split()
)
_SENTENCES = 4_000


class Papers:
    """The generator, with the statistics it draws from."""

    def __init__(self, seed: int = 20261124) -> None:
        """Learn from the sample papers which words follow which."""
        self._random = Random(seed)  # noqa: S311 (drawing papers, no secrets)
        words = [word for paper in all_papers() for word in _words(paper)]
        self._next: dict[str, list[str]] = {}
        for first, second in pairwise(words):
            self._next.setdefault(first, []).append(second)
        self._starts = sorted(self._next)
        syllables = sorted({onset + rime for onset in _ONSETS for rime in _RIMES})
        self._random.shuffle(syllables)
        self._syllables = syllables
        self._zipf = list(accumulate(1 / (rank + 10) for rank in range(len(syllables))))
        self._sentences = [self._sentence() for _ in range(_SENTENCES)]
        self._common = list(accumulate(1 / (rank + 20) for rank in range(_SENTENCES)))

    def entries(self, number: int) -> Iterator[IndexEntry]:
        """So many papers."""
        draw = self._random
        for serial in range(number):
            code, name = draw.choice(_TYPES)
            issued = date(2000, 1, 1) + timedelta(days=draw.randrange(9_800))
            symbol = f"{draw.randrange(1, 9_999)}/{draw.choice(('QĐ', 'TB', 'GP', 'TL'))}-UBND"
            person = " ".join((draw.choice(_FAMILY), *self._rare(2))).title()
            shared = draw.choices(self._sentences, cum_weights=self._common, k=4)
            body = f"Số: {symbol} ngày {issued:%d/%m/%Y} {person} " + " ".join((*shared, *self._rare(60)))
            yield IndexEntry(
                id=f"{serial:016x}",
                title=f"{name} {person}",
                body=body,
                number_symbol=symbol,
                codes=(f"{serial:012d}.{code}.{symbol}.01",),
                type_code=code,
                type_name=name,
                dossier=f"H17.{serial % 97}-{issued:%y%m%d}-{serial % 9973:04d}",
                issuer=f"Ủy ban nhân dân phường {draw.choice(_PLACES)}",
                issued=issued,
            )

    def _sentence(self) -> str:
        word = self._random.choice(self._starts)
        words = [word]
        for _ in range(self._random.randrange(10, 22)):
            word = self._random.choice(self._next.get(word) or self._starts)
            words.append(word)
        return " ".join(words)

    def _rare(self, number: int) -> list[str]:
        words = self._random.choices(self._syllables, cum_weights=self._zipf, k=number)
        for place in range(0, number, 50):
            word = words[place]
            words[place] = word[:-1] + self._random.choice("aeioutnm")
        return words


def _words(paper: Paper) -> list[str]:
    """The printed words of a sample."""
    printed = [paper.title or "", paper.abstract or ""]
    for item in paper.body:
        printed += item.cells if isinstance(item, Row) else (item.lead, item.text)
    return re.findall(r"[^\W\d_]+", " ".join(printed).lower())


def questions(entries: list[IndexEntry], number: int, seed: int = 7) -> dict[str, list[str]]:
    """Questions that people could ask about some papers: one word, three words, phrases of four, and ``loose`` ones."""
    draw = Random(seed)  # noqa: S311 (drawing papers, no secrets)
    asked: dict[str, list[str]] = {"1 word": [], "3 words": [], "phrase": []}
    for entry in draw.choices(entries, k=number):
        words = [word for word in re.findall(r"[^\W\d_]+", entry.body) if len(word) > 1]
        asked["1 word"].append(fold(draw.choice(words)))
        asked["3 words"].append(fold(" ".join(draw.sample(words, 3))))
        start = draw.randrange(len(words) - 4)
        asked["phrase"].append('"' + fold(" ".join(words[start : start + 4])) + '"')
    return asked | loose(entries, number, draw)


def loose(entries: list[IndexEntry], number: int, draw: Random) -> dict[str, list[str]]:
    """Questions that no paper answers as they are typed, or that are read in several ways."""
    asked: dict[str, list[str]] = {
        "loose: slip": [],
        "loose: missing": [],
        "loose: asking": [],
        "loose: keys": [],
        "day": [],
        "number": [],
    }
    for entry in draw.choices(entries, k=number):
        kind, name = entry.type_name, entry.title.removeprefix(entry.type_name).strip()
        day = entry.issued or date(2000, 1, 1)
        place = draw.randrange(1, len(name) - 1)
        slipped = name[:place] + draw.choice("aeinotgh") + name[place + 1 :]
        asked["loose: slip"].append(f"{kind} {slipped}")
        asked["loose: missing"].append(f"{kind} {name} {draw.choice(_MISSING)}")
        asked["loose: asking"].append(f"tìm giúp em {kind.lower()} của cháu {name} với ạ")
        asked["loose: keys"].append(f"{kind} {_telex(name)}")
        asked["day"].append(f"{name} {day.day}-{day.month}-{day.year}")
        asked["number"].append(f"số {entry.number_symbol.replace('/', ' / ').replace('-', ' - ')}")
    return asked


_MISSING = ("thửa 128", "Quảng Nam", "bản sao", "năm 1957", "xe máy", "Kon Tum")
_TONES = dict(zip("\u0300\u0301\u0303\u0309\u0323", "fsxrj", strict=True))
_LETTERS = {"\u0302": None, "\u0306": "w", "\u031b": "w"}  # a circumflex doubles its letter


def _telex(text: str) -> str:
    """The keys of Telex for a text, tones at the end of the word."""
    return " ".join(map(_keys, text.split()))


def _keys(word: str) -> str:
    keys, tone = "", ""
    for sign in unicodedata.normalize("NFD", word):
        if sign in _TONES:
            tone = _TONES[sign]
        elif sign in _LETTERS:
            keys += _LETTERS[sign] or keys[-1]
        else:
            keys += {"đ": "dd", "Đ": "DD"}.get(sign, sign)
    return keys + tone
