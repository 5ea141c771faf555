"""The second rung: what PDF/A does not know, or forbids, and nobody sees, is taken off; fields are drawn as seen.

Which keys are unknown is asked of the checker itself, so that no second list of PDF's keys is kept here.  What is
taken off too much is found by the comparison of the pages' looks, which follows.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import pdfa

from domain.messages.told import Told, told
from pipeline.ladder.layers import resolve_layers

_VERSION = "1.7"
_LINKS = frozenset({"/GoTo", "/URI", "/Named"})  # what PDF/A-2 allows (ISO 19005-2, 6.5.1), and what runs nothing
_OF_CATALOGUE = (
    "/AA /OpenAction /NeedsRendering /PageMode /Requirements /Collection /AF /PieceInfo /Perms /Legal /Threads"
)
_OF_PAGES = "/ArtBox /BleedBox /TrimBox /AA /PieceInfo /PresSteps /Trans /Dur /Thumb /AF /Metadata /B"
_OF_STREAMS = "/PieceInfo /OPI /Alternates /Metadata /ImageName /AF /Measure /PtData /LastModified"
_OF_TRAILER = "/Root /Info /ID /Size /Prev /Type /W /Index /Filter /DecodeParms /Length /Encrypt"
_WAYS = frozenset(
    f"pikepdf:{rule}"
    for rule in ("schema-OutlineItem", "schema-Destination", "schema-Action", "schema-PageLabelsNode", "depth")
)
_DEPTH = 8  # of dictionaries within dictionaries; deeper ones are left alone
_MOST_ROUNDS = 12
_MOST_NAMES = 10
_UNKNOWN = re.compile(r"unrecognized key\(s\) (/.+) are not checked")
_STEP = re.compile(r"/[^\s/\[()]+|\[\d+\]")


def clean(original: Path, output: Path) -> tuple[Told, ...]:
    """Write ``output``, the cleaned file; returns what was taken off.

    Raises:
        pikepdf.PdfError: the file cannot be opened or written.
    """
    with pikepdf.open(original) as pdf:
        remarks = [*resolve_layers(pdf), *_opening(pdf), *_active(pdf), *_attached(pdf), *_flattened(pdf)]
        if tuple(map(int, pdf.pdf_version.split("."))) > (1, 7):
            remarks.append(told("version_lowered", before=pdf.pdf_version, after=_VERSION))
        if "/Version" in pdf.Root:
            del pdf.Root["/Version"]
        _without(pdf.Root, _OF_CATALOGUE)
        for page in pdf.pages:
            _without(page.obj, _OF_PAGES)
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") in {"/Image", "/Form"}:
                _without(item, _OF_STREAMS)
        for key in set(pdf.trailer.keys()) - set(_OF_TRAILER.split()):
            del pdf.trailer[key]
        pdf.remove_unreferenced_resources()
        _spell(pdf)
        _without_unknown(pdf)
        remarks.extend(_without_broken_ways(pdf))
        pdf.save(output, force_version=_VERSION, encryption=False)
    return (told("entries_taken_off"), *remarks)


def _without(owner: Any, keys: str) -> None:
    for key in keys.split():
        if key in owner:
            del owner[key]


def _opening(pdf: pikepdf.Pdf) -> list[Told]:
    action = pdf.Root.get("/OpenAction")
    is_place = action is not None and not _does_harm(action)
    return [told("opening_taken_off")] if is_place else []


def _active(pdf: pikepdf.Pdf) -> list[Told]:
    """Take off scripts and actions; a link that only leads somewhere stays."""
    found = "/AA" in pdf.Root or _does_harm(pdf.Root.get("/OpenAction"))
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        found |= "/JavaScript" in names
        for key in set(names.keys()) - {"/Dests", "/EmbeddedFiles"}:
            del names[key]
    for page in pdf.pages:
        found |= "/AA" in page.obj
        for note in _notes(page):
            found |= "/AA" in note or _does_harm(note.get("/A"))
            if "/AA" in note:
                del note["/AA"]
            if _does_harm(note.get("/A")):
                del note["/A"]
    return [told("scripts_taken_off")] if found else []


def _does_harm(action: Any) -> bool:
    """A destination (an array or a name) leads somewhere; of the actions only some are as harmless."""
    if not isinstance(action, pikepdf.Dictionary) or not len(action):
        return False
    return str(action.get("/S")) not in _LINKS or "/Next" in action


def _notes(page: pikepdf.Page) -> list[Any]:
    notes = page.obj.get("/Annots")
    listed = list(notes) if isinstance(notes, pikepdf.Array) else []
    return [note for note in listed if isinstance(note, pikepdf.Dictionary)]


def _attached(pdf: pikepdf.Pdf) -> list[Told]:
    names = sorted({*(str(name) for name in pdf.attachments), *_attached_to_pages(pdf)})
    tree = pdf.Root.get("/Names")
    if isinstance(tree, pikepdf.Dictionary) and "/EmbeddedFiles" in tree:
        del tree["/EmbeddedFiles"]
    if not names:
        return []
    if len(names) > _MOST_NAMES:
        names, more = names[:_MOST_NAMES], len(names) - _MOST_NAMES
        return [told("many_files_taken_off", names=names, more=more)]
    return [told("files_taken_off", names=names)]


def _attached_to_pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    """The names of files that hang on notes of pages."""
    for page in pdf.pages:
        notes = page.obj.get("/Annots")
        for note in notes if isinstance(notes, pikepdf.Array) else ():
            file = note.get("/FS") if isinstance(note, pikepdf.Dictionary) else None
            if isinstance(file, pikepdf.Dictionary) and note.get("/Subtype") == "/FileAttachment":
                yield str(file.get("/UF", file.get("/F", "?")))


def _flattened(pdf: pikepdf.Pdf) -> list[Told]:
    """Draw fields and notes into the pages as readers show them; links stay."""
    remarks = []
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        fields = form.get("/Fields")
        has_signature = isinstance(fields, pikepdf.Array) and any(
            isinstance(field, pikepdf.Dictionary) and field.get("/FT") == "/Sig" for field in fields
        )
        remarks.append(told("signature_field_taken_off") if has_signature else told("fields_drawn"))
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")
    _without(pdf.Root, "/AcroForm")
    for page in pdf.pages:
        if "/Annots" in page.obj:
            links = [note for note in _notes(page) if note.get("/Subtype") == "/Link"]
            if links:
                page.obj["/Annots"] = pikepdf.Array(links)
            else:
                del page.obj["/Annots"]
    return remarks


def _spell(pdf: pikepdf.Pdf) -> None:
    """Spell what is sound in the one way that the checker knows."""
    for item in pdf.objects:
        _with_own_strings(item, _DEPTH)
        if isinstance(item, pikepdf.Dictionary):
            if item.get("/Type") == "/FontDescriptor":
                _without(item, "/CIDSet /CharSet")  # may be left out, and are often wrong (ISO 19005-2, 6.2.11.4.2)
            is_bare = item.get("/Subtype") == "/CIDFontType2" and "/CIDToGIDMap" not in item
            if is_bare and "/FontFile2" in item.get("/FontDescriptor", {}):
                item["/CIDToGIDMap"] = pikepdf.Name.Identity  # what its lack means


def _with_own_strings(item: Any, depth: int) -> None:
    """Put strings that are objects of their own where they are named."""
    if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
        keys: list[Any] = list(item.keys())
    elif isinstance(item, pikepdf.Array):
        keys = list(range(len(item)))
    else:
        return
    for key in keys:
        value = item[key]
        if isinstance(value, pikepdf.String) and value.is_indirect:
            item[key] = pikepdf.String(bytes(value))
        elif isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect and depth:
            _with_own_strings(value, depth - 1)


def _without_broken_ways(pdf: pikepdf.Pdf) -> list[Told]:
    """Take off the outline, page labels and links when one of them is broken: on paper nobody sees them."""
    if not any(finding.rule in _WAYS for finding in pdfa.check(pdf, "2b").findings):
        return []
    _without(pdf.Root, "/Outlines /Dests /Names /PageLabels")
    for page in pdf.pages:
        _without(page.obj, "/Annots")
    return [told("ways_taken_off")]


def _without_unknown(pdf: pikepdf.Pdf) -> None:
    """Take off what the checker calls unrecognised; deeper objects are looked at once those above them are known."""
    for _ in range(_MOST_ROUNDS):
        taken = False
        for finding in pdfa.check(pdf, "2b").findings:
            found = _UNKNOWN.fullmatch(finding.message)
            owner: Any = _place(pdf, finding.where) if found else None
            for key in found[1].split(", ") if found and owner is not None else ():
                if key in owner:
                    del owner[key]
                    taken = True
        if not taken:
            return


def _place(pdf: pikepdf.Pdf, where: str) -> Any:
    """The object that the checker means by ``obj 12 0 (Page) /Resources``; None where it is not understood."""
    start = re.match(r"obj (\d+) (\d+)|trailer", where)
    if start is None:
        return None
    item: Any = pdf.get_object(int(start[1]), int(start[2])) if start[1] else pdf.trailer
    for step in _STEP.findall(where[start.end() :]):
        try:
            item = item[int(step[1:-1])] if step[0] == "[" else item[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return item if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)) else None
