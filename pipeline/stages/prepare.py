"""prepare: a scan becomes documents whose pages are a PDF with the pixels as they came."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from config.models import RuleProfile
from domain.errors import Held, Refused
from domain.messages.told import Told, told
from domain.readings import FieldName, FieldReading
from pipeline.arrived import keep_as_it_came, sound_signatures
from pipeline.context import Context
from pipeline.errors import Unreadable
from pipeline.hands.officers import officer_for
from pipeline.records import Decision, PageFacts, Prepared, Received, Stack
from pipeline.scans.images import pdf_of_images, stated_dpi
from pipeline.scans.inspection import look_at_pages
from pipeline.scans.opening import DAMAGED, DONE, UNLOCKED
from pipeline.scans.pdfs import check_alone, check_pdf, extract_pages
from pipeline.scans.sheets import Part, receipt_of, split_stack
from pipeline.scans.sizes import check_sheet, size_pages
from pipeline.secrecy.stop import stop_if_stated
from signing.verification.fields import is_signed


def prepare(received: Received, ctx: Context) -> tuple[Prepared, ...]:
    """Opened within limits, split at separator sheets, blank pages left out; dpi accepted by the day's rules (L4.2)."""
    stop_if_stated(received)
    rules = ctx.catalogues.profile(received.received_at.date())
    with TemporaryDirectory(prefix="prepare-") as folder:
        opened = _open(received, ctx, Path(folder))
        others = ctx.settings.recognition.separators
        looks = tuple(look_at_pages(opened.pdf, opened.kept, others=others.is_on))
        if received.media == "pdf" and is_signed(opened.pdf):
            if received.unlocked is not None:
                raise _signed_and_locked()
            return (keep_as_it_came(received, (look.facts for look in looks), ctx),)
        received = received.model_copy(update={"officer": officer_for(received, ctx)})
        parts, sheets = split_stack(looks, others)
        if not parts:
            raise Refused(
                "only_blank_and_sheets" if sheets else "only_blank",
                reason="blank",
                remedy="check_side",
            )
        for part in parts:
            _accept(part, rules, received)
            if coarse := _stated_too_coarse(part, opened, rules, ctx):
                _accept_size(coarse, rules, received)
        # A part that begins anew after its work folder was lost must not bring the other parts again.
        is_known = len(ctx.ledger.parts(received.scan.sha256)) > 1
        return tuple(
            _document(received, number, parts, sheets, opened, _remarks(part, opened, received, rules, ctx), ctx)
            for number, part in enumerate(parts, 1)
            if not is_known or number == received.part
        )


_SAME = 0.95  # of a resolution: scans are cut a little


class _Opened(NamedTuple):
    """The scan as a PDF, a folder for what is made of it, what had to be changed, and pages that are never blank.

    Where somebody told the size of the sheets, ``stated`` is the resolution that the file of a picture states, and
    ``scale`` by how much the pages of a PDF became larger; 0 and 1 else.
    """

    pdf: Path
    folder: Path
    remarks: tuple[Told, ...]
    kept: frozenset[int] = frozenset()
    scale: float = 1.0
    stated: int = 0

    def stated_for(self, dpi: int) -> int:
        """The resolution by the file itself of a page that has ``dpi`` now."""
        return self.stated or round(dpi * self.scale)


def _open(received: Received, ctx: Context, folder: Path) -> _Opened:
    scan, limits, paper = ctx.unlocked(received), ctx.settings.recognition, received.decided("paper")
    key = received.decided("password")
    if key is not None and key.value.startswith(DAMAGED):
        raise Unreadable("damaged_behind_lock", why=key.told or key.value.removeprefix(DAMAGED))
    if received.media == "pdf":
        check_alone(ctx.scan(received), is_open=received.unlocked is not None)
        try:
            checked = check_pdf(scan, folder / "plain.pdf", limits)
        except Held:
            if received.unlocked is None and is_signed(scan):
                sound_signatures(
                    received, ctx
                )  # that somebody changed a signed paper says more than where it is spoilt
            raise
        locked = (UNLOCKED,) if received.unlocked else ()
        if key is not None:
            locked = (*locked, *DONE[key.value])
        remarks = (*locked, *checked.remarks)
        if paper is None or is_signed(checked.pdf):
            return _Opened(checked.pdf, folder, remarks, checked.kept)
        sized = told("pages_sized", paper=paper.value)
        pdf = folder / "sized.pdf"
        scale = size_pages(checked.pdf, paper.value, pdf)
        return _Opened(pdf, folder, (*remarks, sized), checked.kept, scale)
    pdf = folder / "pictures.pdf"
    remarks = pdf_of_images(scan, received.media, pdf, limits, paper.value if paper else None)
    return _Opened(pdf, folder, remarks, stated=stated_dpi(scan) if paper else 0)


def _signed_and_locked() -> Refused:
    return Refused("signed_needs_password", reason="signed_and_locked", remedy="ask_without_password")


def _document(
    received: Received,
    number: int,
    parts: Sequence[Part],
    sheets: tuple[int, ...],
    opened: _Opened,
    remarks: tuple[Told, ...],
    ctx: Context,
) -> Prepared:
    """One document: its pages, and when it is one of a stack, the pages as they came, which the vault will keep."""
    part = parts[number - 1]
    # Of a stack that is a new scan of one paper, the first paper takes its place.
    others: dict[str, object] = {} if number == 1 else {"rescan_of": "", "rescan_guessed": False}
    named = {"document_id": part_id(received.scan.sha256, number), "part": number}
    own = received.model_copy(update={**named, **others})
    stack, is_stack = None, bool(sheets) or len(parts) > 1
    if is_stack:
        original = extract_pages(opened.pdf, [look.facts.number for look in part.looks], opened.folder / "original.pdf")
        stack = Stack(parts=len(parts), sheets=sheets, original=ctx.take(own, "original.pdf", original))
    facts = tuple(look.facts for look in part.looks)
    pages = opened.pdf
    if is_stack or len(part.content) < len(facts):
        pages = extract_pages(opened.pdf, [look.facts.number for look in part.content], opened.folder / "pages.pdf")
    barcodes, doubtful = _barcodes(part)
    return Prepared.after(
        own,
        pdf=ctx.take(own, "pages.pdf", pages),
        pages=len(part.content),
        dpi=_lowest_dpi(part),
        remarks=(*opened.remarks, *remarks, *doubtful),
        facts=facts,
        barcodes=barcodes,
        stack=stack,
    )


def part_id(sha256: str, number: int) -> str:
    """The document id of a scan's part; the first one has the scan's own."""
    return sha256[:16] if number == 1 else f"{sha256[:16]}-{number}"


def _barcodes(part: Part) -> tuple[dict[FieldName, FieldReading], tuple[Told, ...]]:
    """The fields that codes state, and remarks: a separator sheet outranks a receipt, the first receipt the others."""
    fields: dict[FieldName, FieldReading] = {}
    remarks = []
    if part.dossier:
        fields["dossier_code"] = FieldReading(value=part.dossier, confidence=1.0, source="sheet")
    for page, look in enumerate(part.content, 1):
        for code in look.codes:
            if not code.is_qr:
                continue
            receipt = receipt_of(code.text)
            if receipt is None:
                remarks.append(told("qr_no_receipt", page=look.facts.number))
                continue
            for name, value in receipt.items():
                reading = FieldReading(value=value, confidence=1.0, page=page, box=code.box, source="qr")
                if fields.setdefault(name, reading).value != value:
                    remarks.append(told("qr_contradicts", page=look.facts.number, name=name))
    return fields, tuple(remarks)


# Acceptance


def _accept(part: Part, rules: RuleProfile, received: Received) -> None:
    """The acceptance of law L4.2 and L5.8; dpi 0 (a page that is not mostly an image) is not measured.

    Papers that exist only as they are (scans of former years) are taken when a person decided so, with the reason.
    """
    for look in part.content:
        if look.lacks_letters:
            number = look.facts.number
            raise Held("letters_not_drawn", reason="text_not_shown", remedy="print_from_program", page=number)
        if look.facts.dpi and look.facts.width:
            check_sheet((look.facts.width, look.facts.height), look.facts.dpi, look.facts.number)
    if received.decided("resolution"):
        return
    for look in part.content:
        if 0 < look.facts.dpi < rules.min_dpi:
            raise Refused(
                "page_few_dots",
                reason=f"dpi_below_{rules.min_dpi}",
                remedy="scan_at_300",
                page=look.facts.number,
                dpi=look.facts.dpi,
                least=rules.min_dpi,
            )


def _stated_too_coarse(part: Part, opened: _Opened, rules: RuleProfile, ctx: Context) -> int:
    """The resolution that the file states for a page, when it is too low and the told size of the sheets hides that.

    0 where it does not, and where the sheets would be larger by it than any: nobody believes it then.
    """
    most_inches = ctx.settings.recognition.max_page_inches
    facts = [look.facts for look in part.content if look.facts.dpi >= rules.min_dpi]
    stated = {item.number: opened.stated_for(item.dpi) for item in facts}
    return min(
        (
            stated[item.number]
            for item in facts
            if 0 < stated[item.number] < min(rules.min_dpi, _SAME * item.dpi)
            and max(item.width, item.height) <= most_inches * stated[item.number]
        ),
        default=0,
    )


def _accept_size(stated: int, rules: RuleProfile, received: Received) -> None:
    """A size of the sheets that gives a scan more dots than its file states needs a reason, as too few dots do."""
    paper = received.decided("paper")
    if paper and not paper.reason:
        raise Refused(
            "size_without_reason",
            reason=f"dpi_below_{rules.min_dpi}",
            remedy="say_why_size",
            dpi=stated,
            least=rules.min_dpi,
            paper=paper.value,
        )


def _remarks(part: Part, opened: _Opened, received: Received, rules: RuleProfile, ctx: Context) -> tuple[Told, ...]:
    """What a person should know of the scan, though it is accepted."""
    facts = [look.facts for look in part.content]
    dpi = _lowest_dpi(part)
    remarks = []
    accepted = received.decided("resolution")
    if 0 < dpi < rules.min_dpi and accepted:
        remarks.append(told("few_dots_accepted", dpi=dpi, least=rules.min_dpi, **_decided(accepted)))
    elif (stated := _stated_too_coarse(part, opened, rules, ctx)) and (sized := received.decided("paper")):
        how = _decided(sized)
        remarks.append(told("few_dots_sized", dpi=stated, least=rules.min_dpi, paper=sized.value, **how))
    elif 0 < dpi < rules.warn_dpi:
        remarks.append(told("fewer_dots_than_guide", dpi=dpi, least=rules.warn_dpi))
    if rules.ask_colour and (colourless := [item for item in facts if item.colour in {"bitonal", "grey"}]):
        remarks.append(told("colourless", **_pages(colourless)))
    if blurred := [item for item in facts if item.dpi and item.sharpness < rules.warn_sharpness]:
        remarks.append(told("blurred", **_pages(blurred)))
    if blank := [look.facts for look in part.looks if look.facts.is_blank]:
        remarks.append(told("blank_left_out", **_pages(blank)))
    if received.statement.dossier and part.dossier not in {None, received.statement.dossier}:
        remarks.append(told("sheet_contradicts"))
    return tuple(remarks)


def _lowest_dpi(part: Part) -> int:
    return min((look.facts.dpi for look in part.content if look.facts.dpi), default=0)


def _decided(decision: Decision) -> dict[str, str]:
    return {"who": decision.who, "day": f"{decision.at:%Y-%m-%d}", "why": decision.reason}


def _pages(facts: Sequence[PageFacts]) -> dict[str, object]:
    """Page numbers as people write them, ``1-3, 7``, and how many they are."""
    runs: list[list[int]] = []
    for item in facts:
        if runs and runs[-1][-1] == item.number - 1:
            runs[-1].append(item.number)
        else:
            runs.append([item.number])
    listed = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return {"count": len(facts), "pages": listed}
