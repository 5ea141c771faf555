"""Papers that arrive digitally signed are kept bit for bit, and what is known of their signatures is told."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import io
import re
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from archive.package import PDF
from config.settings import Settings, load_settings
from domain.clock import now
from domain.readings import DocumentReading
from pipeline.records import Recognized
from services.context import Services, open_services
from services.document import document_view
from services.rebuild import rebuild_catalogue
from tests.support import desk
from tests.support.desk import STATED
from tests.support.strangers import Issuer
from tests.support.written_pdfs import page, picture


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """An issuer that khoso does not know."""
    return Issuer()


def bring(ctx: Services, content: bytes, folder: Path) -> str:
    """Put a file in, take it as far as it goes, and give its document's id."""
    path = folder / "Thông báo 45.pdf"
    path.write_bytes(content)
    return desk.bring(ctx, path, STATED)


def kept(ctx: Services, document_id: str) -> dict[str, bytes]:
    """The files of the document's object."""
    paper = ctx.catalogue.paper(document_id)
    assert paper is not None
    ctx.vault.check(paper.object_id)
    return {name: path.read_bytes() for name, path in ctx.vault.get(paper.object_id).files.items()}


def run_json(settings: Settings, *arguments: str) -> tuple[int, dict[str, object]]:
    """Exit code and first line of a command."""
    code, lines = desk.run_json(settings, *arguments)
    return code, lines[0]


def test_a_trusted_paper_is_kept_as_it_came(ctx: Services, tmp_path: Path) -> None:
    """A paper signed with keys that are trusted here is archived bit for bit, without signatures of ours, and valid."""
    content = ctx.signers.seal(ctx.signers.sign_copy(page(), now()), now())
    document_id = bring(ctx, content, tmp_path)
    files = kept(ctx, document_id)
    assert files[PDF] == files["original/scan.pdf"] == content
    assert "thực hiện theo thông báo này" in files["text.txt"].decode()
    paper = ctx.catalogue.paper(document_id)
    assert paper is not None
    assert paper.arrived_signed == "trusted"
    view = document_view(ctx, document_id).line()
    assert (view["copy_signature"], view["agency_seal"], view["arrived_signed"]) == (None, None, "trusted")
    assert [item["field"] for item in view["signatures"]] == ["SoHoa", "CoQuan"]
    code, got = run_json(ctx.settings, "verify", paper.digitisation_code)
    assert (code, got["valid"], got["arrived_signed"]) == (0, True, True)


def test_a_field_that_nobody_filled_is_told(ctx: Services, tmp_path: Path) -> None:
    """A copy without its seal, or cut back to before that, is kept with a remark; `verify` calls it doubtful."""
    document_id = bring(ctx, ctx.signers.sign_copy(page(), now()), tmp_path)
    remarks = document_view(ctx, document_id).remarks_told
    assert [item.params["places"] for item in remarks if item.code == "signature_fields_empty"] == [("CoQuan",)]
    got = run_json(ctx.settings, "verify", document_id)[1]
    assert (got["outcome"], got["empty_fields"], got["valid"]) == ("doubtful", ["CoQuan"], False)


def test_an_unknown_issuer_is_for_a_person(ctx: Services, issuer: Issuer, tmp_path: Path) -> None:
    """A signature that stands, by an issuer nobody knows here, is held; released, the paper is kept as untrusted."""
    content = issuer.sign(page())
    document_id = bring(ctx, content, tmp_path)
    held = document_view(ctx, document_id).line()
    assert held["state"] == "held"
    assert "signature: Signature1 of Trần Văn Bình: the issuer of the certificate is unknown here" in held["reason"]
    assert run_json(ctx.settings, "review", document_id, "--release")[0] == 0
    assert kept(ctx, document_id)[PDF] == content
    paper = ctx.catalogue.paper(document_id)
    assert paper is not None
    assert paper.arrived_signed == "untrusted"
    code, got = run_json(ctx.settings, "verify", document_id)
    assert (code, got["valid"], got["fixity"]) == (7, False, ["ok"])


def test_a_damaged_certificate_is_for_a_person(ctx: Services, issuer: Issuer, tmp_path: Path) -> None:
    """A signature that cannot be checked is held, and not to be scanned anew; released, the file is kept as it came."""
    signed = issuer.sign(page())
    value = re.search(rb"/Contents <[0-9A-Fa-f]+>", signed)
    assert value is not None
    assert issuer.signer.signing_cert is not None
    certificate = issuer.signer.signing_cert.dump().hex().encode()
    place = signed.lower().index(certificate, value.start())
    content = signed[:place] + b"7" + signed[place + 1 :]
    document_id = bring(ctx, content, tmp_path)
    held = document_view(ctx, document_id).line()
    assert held["state"] == "held"
    assert "the signature cannot be checked" in held["reason"]
    assert run_json(ctx.settings, "review", document_id, "--release")[0] == 0
    assert kept(ctx, document_id)[PDF] == content


def test_a_configured_root_is_trusted(issuer: Issuer, tmp_path: Path) -> None:
    """The roots in the folder that the settings name are trusted, and no other ones."""
    roots = tmp_path / "roots"
    roots.mkdir()
    (roots / "root.pem").write_bytes(issuer.pem)
    settings = load_settings(tmp_path / "home", {"KHOSO_SIGNING__ROOTS": str(roots)})
    with open_services(settings) as ctx:
        paper = ctx.catalogue.paper(bring(ctx, issuer.sign(page()), tmp_path))
    assert paper is not None
    assert paper.arrived_signed == "trusted"


def test_a_broken_signature_is_held(ctx: Services, issuer: Issuer, tmp_path: Path) -> None:
    """A paper that was changed after it was signed is held with that reason, and letting it go on holds it again."""
    content = issuer.sign(page())
    place = content.index(b"endstream") - 40
    flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))
    redrawn = io.BytesIO()
    writer.write(redrawn)
    for number, changed in enumerate((flipped, redrawn.getvalue())):
        folder = tmp_path / str(number)
        folder.mkdir()
        view = document_view(ctx, bring(ctx, changed, folder)).line()
        assert (view["state"], view["stage"]) == ("held", "receive")
        assert view["reason"].startswith("signature_broken:")
        assert run_json(ctx.settings, "review", view["id"], "--release")[0] == 3


def test_bytes_behind_an_untrusted_signature_are_seen(ctx: Services, issuer: Issuer, tmp_path: Path) -> None:
    """That the issuer is unknown does not hide that something was put behind the signed file."""
    view = document_view(ctx, bring(ctx, issuer.sign(page()) + b"stowaway", tmp_path)).line()
    assert view["reason"].startswith("signature_broken:")


def test_a_signed_scan_is_read_beside_the_file(ctx: Services, issuer: Issuer, tmp_path: Path) -> None:
    """A signed PDF without text is recognised from a rendering: its words are found, its bytes are untouched."""
    content = issuer.sign(page((), behind=picture()))
    document_id = bring(ctx, content, tmp_path)
    entry = ctx.ledger.entry(document_id)
    assert entry is not None
    record = Recognized.model_validate_json(entry.record, extra="ignore")
    assert record.searchable == record.pdf
    assert ctx.file(record, record.pdf).read_bytes() == content
    reading = DocumentReading.model_validate_json(ctx.file(record, record.words).read_bytes())
    assert [item.number for item in reading.pages] == [1]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in reading.text


def test_an_unfilled_field_is_no_signature(ctx: Services, tmp_path: Path) -> None:
    """A PDF with an empty signature field is a paper like any other: it gets our signatures."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(page())) as document:
        field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="empty")
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[document.make_indirect(field)])
        document.save(stream)
    view = document_view(ctx, bring(ctx, stream.getvalue(), tmp_path)).line()
    assert view["arrived_signed"] is None
    assert "signature" not in view["reason"]


def test_the_vault_tells_it_again(ctx: Services, issuer: Issuer, tmp_path: Path) -> None:
    """A rebuilt catalogue knows which papers arrived signed, and whether they were trusted."""
    document_id = bring(ctx, issuer.sign(page()), tmp_path)
    run_json(ctx.settings, "review", document_id, "--release")
    before = ctx.catalogue.paper(document_id)
    assert before is not None
    assert rebuild_catalogue(ctx).papers == 1
    assert ctx.catalogue.paper(document_id) == before
