"""Judged queries: what people type, and the sample paper that must come first.

The collection is the sample papers and, around each, variants of it with other names, numbers and days, as an archive
has them.  `python -m benchmarks.judged` puts the same kinds of questions to scans.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple
from unicodedata import normalize

from samples.generate import all_papers
from samples.papers import Paper, Row, day_in_words
from search.interface import IndexEntry

_VARIANTS = 12
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Bùi", "Đặng", "Dương", "Hồ")
_MIDDLE = ("Văn", "Thị", "Hữu", "Đức", "Ngọc", "Quốc", "Bảo", "Thu")
_GIVEN = ("An", "Bình", "Cường", "Dung", "Giang", "Hạnh", "Lâm", "Mai", "Nga", "Phúc", "Sơn", "Trang", "Vinh", "Yến")


class Judged(NamedTuple):
    """A question, what it tries, and the kind of the sample that answers it."""

    trial: str
    text: str
    wanted: str


def collection() -> Iterator[IndexEntry]:
    """The samples by their kind, and their variants."""
    chance = Random(20261124)  # noqa: S311 (drawing papers, no secrets)
    for paper in all_papers():
        yield _entry(paper, paper.kind, _text(paper))
        for number in range(_VARIANTS):
            yield _variant(paper, f"{paper.kind}-{number}", chance)


def _variant(paper: Paper, name: str, chance: Random) -> IndexEntry:
    """The same form for somebody else."""
    other = " ".join((chance.choice(_FAMILY), chance.choice(_MIDDLE), chance.choice(_GIVEN)))
    number = f"{chance.randrange(300, 9_999)}"
    text = _text(paper)
    for old, new in ((paper.owner_name, other), (paper.owner_id, f"0481{chance.randrange(10**7, 10**8)}")):
        if old:
            text = text.replace(old, new).replace(old.upper(), new.upper())
    for row in paper.signatures:
        for signer in row:
            if signer:
                text = text.replace(signer.name, " ".join((chance.choice(_FAMILY), chance.choice(_GIVEN))))
    made = _entry(paper, name, text.replace(paper.number or "\0", number))
    symbol = number + (paper.number or "")[(paper.number or "").find("/") :] if "/" in (paper.number or "") else number
    return made.model_copy(
        update={
            "title": made.title.replace(paper.owner_name or "\0", other),
            "number_symbol": symbol,
            "codes": (f"{name}.01",),
            "issued": made.issued.replace(year=made.issued.year - 1 - chance.randrange(9), day=1)
            if made.issued
            else None,
        }
    )


def _entry(paper: Paper, name: str, body: str) -> IndexEntry:
    return IndexEntry(
        id=name,
        title=" ".join(part for part in (paper.title, paper.abstract, paper.owner_name) if part),
        body=body,
        number_symbol=paper.number,
        codes=(f"{paper.owner_id or 'H17.12'}.{paper.type_code}.{paper.number or 'KS'}.01",),
        type_code=paper.type_code,
        type_name=paper.title or "",
        dossier=paper.dossier_code,
        issuer=paper.issuer,
        issued=paper.issued,
    )


def _text(paper: Paper) -> str:
    """What is printed on the paper, line by line."""
    lines = [*paper.parent, *paper.agency, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    lines += [f"Số: {paper.number}" if paper.number else "", day_in_words(paper.issued)]
    lines += [paper.title or "", paper.abstract or ""]
    for item in paper.body:
        lines.append(" ".join(item.cells) if isinstance(item, Row) else f"{item.lead} {item.text}")
    lines += [" ".join((*signer.position, signer.name)) for row in paper.signatures for signer in row if signer]
    return "\n".join(line for line in (*lines, *paper.recipients) if line)


_ASKED = {
    "accents": {
        "giấy khai sinh Trần Minh Khôi": "birth_certificate",
        "trích lục khai sinh Phạm Thị Bảo Ngọc": "birth_extract",
        "Nguyễn Thị Thu Hà kết hôn": "marriage_certificate",
        "khai tử Hồ Văn Thành": "death_extract",
        "tình trạng hôn nhân Nguyễn Văn An": "marital_status_certificate",
        "hộ kinh doanh Hoàng Thị Mai Phương": "household_business_certificate",
        "giấy phép xây dựng Đoàn Ngọc Quý": "construction_permit",
        "lý lịch tư pháp Võ Ngọc Yến": "judicial_record",
        "Trần Thị Thanh Hoa chuyển mục đích sử dụng đất": "land_use_decision",
        "tờ khai cấp bản sao Đặng Thị Hà": "application_form",
        "hẹn trả kết quả Huỳnh Phương Dung": "dossier_receipt",
    },
    "no accents": {
        "tran minh khoi khai sinh": "birth_certificate",
        "pham thi bao ngoc": "birth_extract",
        "nguyen thi thu ha": "marriage_certificate",
        "trich luc khai tu ho van thanh": "death_extract",
        "xac nhan nguyen van an": "marital_status_certificate",
        "hoang thi mai phuong": "household_business_certificate",
        "doan ngoc quy giay phep": "construction_permit",
        "vo ngoc yen phieu ly lich": "judicial_record",
        "tran thi thanh hoa dat": "land_use_decision",
        "dang thi ha yeu cau": "application_form",
        "huynh phuong dung tiep nhan ho so": "dossier_receipt",
    },
    "wrong tone": {
        "Trần Minh Khồi khai sịnh": "birth_certificate",
        "Phạm Thi Bảo Ngóc": "birth_extract",
        "Nguyển Thi Thu Hà": "marriage_certificate",
        "Hộ Văn Thánh khai tứ": "death_extract",
        "Đoan Ngọc Quy": "construction_permit",
        "Võ Ngóc Yến lý lịch": "judicial_record",
        "Huỳnh Phượng Dưng": "dossier_receipt",
        "chuyễn mục đích Trần Thi Thanh Hóa": "land_use_decision",
    },
    "slip": {
        "Trần Minh Khôi kkhai sinh giấy": "birth_certificate",
        "Phạm Thị Bảo Ngọc trich luc khaj sinh": "birth_extract",
        "Nguyênn Thị Thu Hà": "marriage_certificate",
        "Hồ Văn Thành tríchh lục": "death_extract",
        "Hoàng Thị Mai Phươnng": "household_business_certificate",
        "Huynnh Phương Dung": "dossier_receipt",
        "Đoàn Ngọc Quý xây dụngg nhà ở": "construction_permit",
        "Trần Thị Thanhh Hoa": "land_use_decision",
        "Đặng Thị Hà bản sao trichs lục": "application_form",
    },
    "numbers": {
        "215/2019": "birth_certificate",
        "76/TLKS-BS": "birth_extract",
        "62/2021": "marriage_certificate",
        "57/tlkt": "death_extract",
        "118/UBND-XNTTHN": "marital_status_certificate",
        "4512/HKD": "household_business_certificate",
        "số: 288/GPXD": "construction_permit",
        "1187/LLTP": "judicial_record",
        "12/QĐ-UBND": "administrative_decision",
        "012/qd-ubnd": "administrative_decision",
        "214 / QÐ–UBND": "land_use_decision",
        "45/TB-UBND": "notice",
        "318/UBND-VP": "official_letter",
        "9/KH-UBND": "plan",
        "000.00.31.H17-250409-0228": "dossier_receipt",
        "KQ.G15.000031 Trần Minh Khôi": "birth_certificate",
        "15/7/2025 kiện toàn": "administrative_decision",
        "048079009143": "construction_permit",
    },
    "phrase": {
        '"Trần Minh Khôi"': "birth_certificate",
        '"pham thi bao ngoc" "khai sinh"': "birth_extract",
        '"Nguyễn Thị Thu Hà" kết hôn': "marriage_certificate",
        '"ho van thanh"': "death_extract",
        '"Nguyễn Văn An" xác nhận': "marital_status_certificate",
        "“Hoàng Thị Mai Phương”": "household_business_certificate",
        '"bà Trần Thị Thanh Hoa chuyển mục đích"': "land_use_decision",
    },
    "old tone": {
        "Hoà Xuân Đoàn Ngọc Quý": "construction_permit",
        "Hoà Minh Nguyễn Thị Thu Hà": "marriage_certificate",
        "Hoà Khánh Hoàng Thị Mai Phương": "household_business_certificate",
        "uỷ ban nhân dân Hồ Văn Thành": "death_extract",
    },
    "filters": {
        "kiện toàn từ:7/2025": "administrative_decision",
        "loại:KQ.G15.000031 từ:2019 đến:2019": "birth_certificate",
        'cq:"Sở Tư pháp" từ:2021': "judicial_record",
        "hs:000.00.31.H17-250409-0228 từ:4/2025": "dossier_receipt",
    },
}


def judged() -> list[Judged]:
    """All questions; those with accents once more in decomposed form, as some systems send them."""
    asked = [Judged(trial, text, wanted) for trial, texts in _ASKED.items() for text, wanted in texts.items()]
    return asked + [
        Judged("NFD", normalize("NFD", item.text), item.wanted) for item in asked if item.trial == "accents"
    ]
