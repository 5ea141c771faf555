"""Identifiers of persons and organisations (law section 8B): their form, and how they are shown."""

import re
from collections.abc import Iterator
from typing import Literal

OwnerKind = Literal["personal", "old_identity", "tax"]

_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_LAST_PROVINCE = 96
_TAX = 10  # digits; a branch has three more
# Of a document's id, a name made up by chance, SHA-256 or SHA-512; in the vault's folders `%3a` stands before an id.
# An id is no file's name: what stands before an extension may be a number between some letters.
_DIGEST = (
    r"(?:(?<![0-9A-Za-z])|(?<=%3a))(?=[0-9]*[a-f])"
    r"(?:[0-9a-f]{16}(?!(?:-[0-9]+)?\.[0-9A-Za-z])|[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})(?![0-9A-Za-z])"
)
_NUMBER_OR_DIGEST = re.compile(rf"{_DIGEST}|\d{{9,}}")  # a longer run may be a number with a day behind it
_DOCUMENT = re.compile(r"[0-9a-f]{16}(-[0-9]+)?")
_DIGITS_OR_DIGEST = re.compile(rf"{_DIGEST}|[0-9]+")
# A personal number as people write it in groups; with other signs between the digits it may be a day and a time.
_GROUPED = re.compile(
    r"(?<![0-9])0[0-9]{2}([ .\u00a0‐‑–-])[0-9]{3}(?:\1[0-9]{3}){2}(?![0-9])"
    r"|(?<![0-9])0[0-9]{3}([ .\u00a0‐‑–-])[0-9]{4}\2[0-9]{4}(?![0-9])"
)
_CALLED = re.compile(
    r"^(?:(?:(?:thẻ|số)*(?:cccd|cmnd|cmtnd|cmt|căncước(?:côngdân)?|địnhdanh(?:cánhân)?|mst|mãsốthuế)|số):?)+(?=[0-9])",
    re.IGNORECASE,
)
_DASHES = re.compile("[‐‑‒–—−]")


def normal_owner(text: str) -> str:
    """The identifier as it is compared: plain digits, without what it is called and the signs that people write in it.

    Only the dash of a branch stays; where a company's number has its three digits right behind it, it is put there.
    """
    text = _DASHES.sub("-", re.sub(r"[\s.]", "", text))
    text = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
    bare = _CALLED.sub("", text.replace("-", ""))
    branch = f"{bare[:_TAX]}-{bare[_TAX:]}"
    if re.fullmatch(r"[0-9]{13}", bare) and (text.endswith(branch) or identifier_kind(branch)):
        return branch
    return bare


def identifier_kind(owner_id: str) -> OwnerKind | None:
    """Which identifier this is by its form and, for tax numbers, its check digit; None when it is none."""
    if re.fullmatch(r"0[0-9]{11}", owner_id):
        return "personal" if 1 <= int(owner_id[:3]) <= _LAST_PROVINCE else None
    if re.fullmatch(r"[0-9]{9}", owner_id):
        return "old_identity"
    if re.fullmatch(r"[0-9]{10}(-(?!000)[0-9]{3})?", owner_id):
        return "tax" if _tax_check_digit(owner_id) == int(owner_id[9]) else None
    return None


def company_of(owner_id: str) -> str:
    """The number of the company of a branch; empty for whatever is none."""
    company, sign, _ = owner_id.partition("-")
    return company if sign and identifier_kind(owner_id) == "tax" else ""


def identifiers_in(text: str) -> Iterator[str]:
    """The identifiers that the runs of digits in a text are, with or without leading zeros; none is in a digest."""
    for run in _DIGITS_OR_DIGEST.findall(text):
        bare = run.lstrip("0")
        branch = bare.zfill(_TAX + 3)
        forms = (run, bare.zfill(12), bare, f"{branch[:_TAX]}-{branch[_TAX:]}")
        if found := next((form for form in forms if identifier_kind(form)), None):
            yield found


def _tax_check_digit(number: str) -> int:
    """``10 - (weighted sum mod 11)``; 10 never equals a digit, so such numbers are rejected (law 8B)."""
    return 10 - sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, number, strict=False)) % 11


def mask(owner_id: str) -> str:
    """The identifier as lists and logs show it: three digits in front, two behind (design law 7)."""
    if len(owner_id) <= 5:
        return "*" * len(owner_id)
    return owner_id[:3] + "*" * (len(owner_id) - 5) + owner_id[-2:]


def mask_text(text: str) -> str:
    """A text in which every run of digits that may hold an identifier is masked, for lists (design law 7).

    So is a personal number that is written in groups.  The text keeps its length.  Digits within a digest, or its half
    of 16 letters by which a document goes, identify nobody and stay; so does a text that is an id of digits alone.
    """
    if _DOCUMENT.fullmatch(text):
        return text
    text = _NUMBER_OR_DIGEST.sub(lambda found: mask(found[0]) if found[0].isdigit() else found[0], text)
    return _GROUPED.sub(lambda found: _stars(found[0]) if identifier_kind(normal_owner(found[0])) else found[0], text)


def _stars(written: str) -> str:
    return written[:3] + re.sub(r"[0-9]", "*", written[3:-2]) + written[-2:]
