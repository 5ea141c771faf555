"""By what a held paper is known again whose object an early release wrote, which noted nothing of that."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from archive.interface import Identity, StoredObject
from archive.package import PDF, TEXT, Package
from domain.errors import KhosoError
from domain.readings import FieldName
from pipeline.context import Context
from pipeline.duplicates import identity_from, key_of
from pipeline.recognition.page_key import page_key


def identity_of_held(package: Package, stored: StoredObject, ctx: Context) -> Identity:
    """As its object says; where that says nothing of the looks, from its files, for a tenth of a second.

    A page with hardly any ink has no looks, and a file that cannot be drawn tells none: such a paper is known by what
    its object says.
    """
    known = package.identity
    if known.image_key is not None:
        return known
    try:
        image = _look(stored.files[PDF])
        text = stored.files[TEXT].read_text(encoding="utf-8")
    except (OSError, LookupError, ValueError, pikepdf.PdfError, KhosoError):
        return known
    fields = package.record.description.fields

    def said(name: FieldName) -> str | None:
        return fields[name].value if name in fields else None

    business = known.business_key or key_of(said, package.record.description.type_code, ctx)
    return identity_from(text, package.paper.pages, business, image)


def _look(pdf: Path) -> str | None:
    """The key of page one as it was before it was signed: without the marks of its signatures."""
    with TemporaryDirectory(prefix="looks-") as folder, pikepdf.open(pdf) as opened:
        page, bare = opened.pages[0].obj, Path(folder) / "bare.pdf"
        others = [item for item in page.get("/Annots", ()) if item.get("/FT") != "/Sig"]
        page["/Annots"] = pikepdf.Array(others)
        opened.save(bare)
        return page_key(bare)
