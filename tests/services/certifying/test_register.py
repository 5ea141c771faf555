"""The book of certified copies as it is listed and written out, and what is told of a paper that was withdrawn."""

import csv
import io
from pathlib import Path

import pytest

from archive.package import PDF
from config.settings import load_settings
from domain.errors import NotFound, UsageError
from services.certifying.certifying import certify_paper
from services.certifying.entries import certified_as
from services.certifying.register import certified_book, certified_books, write_certified_book
from services.context import Services, open_services
from services.permissions import Asker
from services.secrecy.withdrawing import withdraw
from services.verify import verify
from signing.errors import CannotSign
from signing.verification.verify import open_anchors, verify_pdf
from tests.support.certifying import DOSSIER, TABLES, TITLE, clerk
from tests.support.desk import WHY
from tests.support.held_papers import OWNER

ARCHIVIST = Asker(who="bình", office="H17.12", role="archivist")
AUDITOR = Asker(who="kiểm", office="H17", role="auditor")


def only_id(ctx: Services) -> str:
    """The id of the paper of the store."""
    return next(iter(ctx.catalogue.all())).id


def rows(path: Path) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_the_book_is_written_with_the_names_of_the_law(desk: Services, tmp_path: Path) -> None:
    """Columns of L1.12; codes whole for who may see the paper's numbers, and no formula for a spreadsheet."""
    made = certify_paper(
        desk, clerk(), only_id(desk), dossier=DOSSIER, target=tmp_path / "a.pdf", component="=1+1", reason=WHY
    )
    assert write_certified_book(desk, ARCHIVIST, tmp_path / "own.csv") == 1
    assert write_certified_book(desk, clerk("hoa"), tmp_path / "desk.csv") == 1
    head, row = rows(tmp_path / "own.csv")
    found = dict(zip(head, row, strict=True))
    assert {"DonVi", "TenSo", "MaHoSo", "MaThanhPhan", "MaGiayTo", "ThoiGian", "TepSHA256"} < set(found)
    assert (found["SoChungThuc"], found["MaHoSo"], found["TepSHA256"]) == ("1", DOSSIER, made.sha256)
    assert found["MaThanhPhan"] == "'=1+1"
    assert found["MaGiayTo"].startswith(OWNER)
    assert OWNER not in (tmp_path / "desk.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(UsageError):
        write_certified_book(desk, ARCHIVIST, tmp_path / "own.csv")


def test_a_desk_sees_the_book_of_its_own_office(desk: Services, tmp_path: Path) -> None:
    """Another office's entries are not there for it; an auditor sees all."""
    certify_paper(desk, clerk(), only_id(desk), dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    assert certified_book(desk, clerk("lan", "H17.13")) == []
    assert certified_books(desk, clerk("lan", "H17.13")) == []
    assert [item.number for item in certified_book(desk, AUDITOR)] == [1]
    (book,) = certified_books(desk, AUDITOR)
    assert (book.office, book.first, book.last, book.closed) == ("H17.12", 1, 1, None)


def test_of_a_withdrawn_paper_the_number_alone_is_told(desk: Services, tmp_path: Path) -> None:
    """It is not certified any more, its copies go with it, and no file is known as one of them."""
    paper = only_id(desk)
    made = certify_paper(desk, clerk(), paper, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    withdraw(desk, ARCHIVIST, paper, "có dấu mật")
    with pytest.raises(NotFound):
        certify_paper(desk, clerk(), paper, dossier=DOSSIER, target=tmp_path / "b.pdf", reason=WHY)
    assert not (tmp_path / "b.pdf").exists()
    (entry,) = certified_book(desk, ARCHIVIST)
    assert (entry.number, entry.paper, entry.code, entry.dossier, entry.sha256) == (1, "", "", "", "")
    assert certified_as(desk, made.sha256) is None
    assert verify(desk, clerk(), str(tmp_path / "a.pdf")).certified is None


def test_the_seal_is_that_of_the_office_whoever_keeps_it(home: Path, tmp_path: Path) -> None:
    """Of two clerks the one whose key is there seals; a key that is gone stops nothing else."""
    gone = '\n[[signing.seals]]\nwho = "an"\nagency = "H17.12"\nname = "UBND phường Hải Châu"\nkind = "file"\n'
    (home / "khoso.toml").write_text(f'{TABLES}{gone}file = {{ path = "/none/seal.p12" }}\n', encoding="utf-8")
    with open_services(load_settings(home, {})) as ctx:
        certify_paper(ctx, clerk(), only_id(ctx), dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
        verdicts = verify_pdf((tmp_path / "a.pdf").read_bytes(), open_anchors(ctx.settings.signing))
    assert [item.signer for item in verdicts][1:] == ["UBND phường Hải Châu"]


def test_a_statement_that_goes_onto_no_page_gets_no_number(home: Path, tmp_path: Path) -> None:
    """It is told before the book has an entry."""
    (home / "khoso.toml").write_text(TABLES.replace(TITLE, "Phó Chủ tịch " * 40), encoding="utf-8")
    with open_services(load_settings(home, {})) as ctx:
        with pytest.raises(CannotSign):
            certify_paper(ctx, clerk(), only_id(ctx), dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
        assert ctx.desk.books.entries("certified_copy") == []


def test_the_papers_own_copy_stays_what_was_archived(desk: Services, tmp_path: Path) -> None:
    """Both of them begin with the same unsigned file, and neither is the other."""
    paper = only_id(desk)
    certify_paper(desk, clerk(), paper, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    own = desk.vault.get(f"urn:khoso:{paper}").files[PDF].read_bytes()
    certified = (tmp_path / "a.pdf").read_bytes()
    same = next(place for place, (one, other) in enumerate(zip(own, certified, strict=False)) if one != other)
    assert own[:same].count(b"%%EOF") == 1
    assert verify(desk, ARCHIVIST, paper).valid
