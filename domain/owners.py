"""Identifiers of persons and organisations (law section 8B): their form, and how they are shown."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from domain.fold import fold

NO_NUMBER: Final = "none"
"""What is stored where a person said that an owner has no number: nothing finds the paper by one."""
OwnerKind = Literal["personal", "old_identity", "tax"]

_NO_NUMBER = frozenset({NO_NUMBER, "khong co", "khong co so", "chua co", "chua co so"})
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_LAST_PROVINCE = 96
_TAX, _PERSONAL = 10, 12  # digits; a branch has three more than its company
_LONGEST = _TAX + 3
_LONGEST_LABEL = 40  # characters
_OLD_GROUPS = ([3, 3, 3], [1] * 9)  # as old identity numbers are written; forms have a box for each digit
# Of a document's id, a name made up by chance, SHA-256 or SHA-512; in the vault's folders `%3a` stands before an id.
# An id is no file's name: what stands before an extension may be a number between some letters.
_DIGEST = (
    r"(?:(?<![0-9A-Za-z])|(?<=%3a))(?=[0-9]*[a-f])"
    r"(?:[0-9a-f]{16}(?!(?:-[0-9]+)?\.[0-9A-Za-z])|[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})(?![0-9A-Za-z])"
)
_NUMBER_OR_DIGEST = re.compile(rf"{_DIGEST}|\d{{9,}}")  # a longer run may be a number with a day behind it
_DIGITS_OR_DIGEST = re.compile(rf"{_DIGEST}|[0-9]+")
_DOCUMENT = re.compile(r"[0-9a-f]{16}(-[0-9]+)?")
_CALLED = re.compile(
    r"^(?:(?:(?:thẻ|số)*(?:cccd|cmnd|cmtnd|cmt|căncước(?:côngdân)?|địnhdanh(?:cánhân)?|mst|m[ãa]s[ốo](?:thuế|doanhnghiệp|chinhánh|hộkinhdoanh)?)|số):?)+(?=[0-9])",
    re.IGNORECASE,
)
_DASHES = re.compile("[‐‑‒–—−]")
_DIGITS = str.maketrans("oil", "011")
_LOOKS_LIKE_DIGITS = re.compile(r"(?<![a-z0-9])(?=[oil]*[0-9])[0-9oil]+(?![a-z0-9])")
_ENOUGH_DIGITS = re.compile(r"(?:[0-9oil][^0-9a-z]{0,3}){6}[0-9oil]")
_GROUP = re.compile(r"(?<![0-9a-z])[0-9]+(?![0-9a-z])")
_BETWEEN_GROUPS = re.compile(r"[\W_]{1,3}|[^\S\f]{0,8}[\W_]?[^\S\f]{0,8}")  # columns stand far apart
_MAY_BE_IN_GROUPS = re.compile(r"[\doilOIL](?<![^\W_].)(?:[\W_]{0,17}[\doilOIL]){6,}", re.DOTALL)
_BEFORE, _BEHIND = 60, 20  # characters around it by which it is known what it is
_DAY = re.compile(
    r"(?<![0-9])(?:[0-9]{1,2}\s?([/.-])\s?[0-9]{1,2}\s?\1\s?(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9])"
)
# All of the following is looked for in folded text.
_PERSON_LABEL = r"(?:cccd|cmnd|cmtnd|cmt|can cuoc(?: cong dan)?|dinh danh(?: ca nhan)?|chung minh(?: nhan dan| thu)?)"
_TAX_LABEL = r"(?:mst|msdn|ma so(?: thue| doanh nghiep)?)"
_PERSON_CALLED = re.compile(rf"(?<![a-z]){_PERSON_LABEL}(?: so)?[\W_]*$")
_TAX_CALLED = re.compile(rf"(?<![a-z]){_TAX_LABEL}(?: so)?[\W_]*$")
_PASSPORT = re.compile(r"(?<![\w])[a-z][ .-]{0,2}(?:[0-9] ?){6}[0-9](?![0-9])")
_PASSPORT_CALLED = re.compile(
    r"(?:ho chieu|passport|hc)(?: so| no| number)?[\W_]{0,4}([a-z][ .-]{0,2}(?:[0-9][ .-]?){6}[0-9])(?![0-9])"
)
# Mobile or fixed.
_TELEPHONE = (
    r"(?<![0-9])(?:(?:\+|00)?84[ .()-]{0,2}0?|\(?0)[ .]?"
    r"(?:(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])(?:[ .()-]{0,2}[0-9]){7}|2[0-9](?:[ .()-]{0,2}[0-9]){8})(?![0-9])"
)
_TELEPHONES = re.compile(_TELEPHONE)
_ABROAD = re.compile(r"^(?:00)?840?(?=[0-9]{9})")
# A telephone; thousands with what they are thousands of, or round; the day and serial of a dossier.
_OTHERS = re.compile(
    rf"{_TELEPHONE}"
    r"|(?<![0-9.,])[0-9]{1,3}([., ])[0-9]{3}(?:\1[0-9]{3})*"
    r"(?:(?<=000)(?![.,]?[0-9])|\s?(?:đồng|dong|đ|d|vnđ|vnd)(?![a-z]))"
    r"|(?<![0-9])[0-9]{4,11}\s?(?:đồng|dong|vnđ|vnd)(?![a-z])"
    r"|(?<![0-9])[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ ./_‐‑‒–—−-]{1,3}[0-9]{4,5}(?![0-9])"
)
# Behind words that say which other number it is, in one run; and a number of a paper with its symbol.
_CALLED_OTHERWISE = re.compile(
    r"(?<![a-z])(?:bien lai|seri|serie|series|serial|se ri|tai khoan|so tk|stk|hoa don|van don|dien thoai|sdt|dt|phoi)"
    rf"(?:[ .:]{{1,2}}(?!{_PERSON_LABEL}|{_TAX_LABEL})[a-z]{{1,8}}){{0,3}}[ .:]{{0,2}}[0-9]+(?![0-9])"
    rf"|(?<![0-9a-z])[0-9]+\s?/\s?(?:[0-9]{{4}}\s?/\s?)?(?!{_PERSON_LABEL}|{_TAX_LABEL}|[oil]+(?![a-z]))[a-z]{{2,}}"
)


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


def says_no_number(text: str) -> bool:
    """Whether somebody writes that an owner has no number, as of an old birth certificate: `none`, `không có`."""
    return " ".join(fold(text).split()) in _NO_NUMBER


def company_of(owner_id: str) -> str:
    """The number of the company of a branch; empty for whatever is none."""
    company, sign, _ = owner_id.partition("-")
    return company if sign and identifier_kind(owner_id) == "tax" else ""


def _tax_check_digit(number: str) -> int:
    """``10 - (weighted sum mod 11)``; 10 never equals a digit, so such numbers are rejected (law 8B)."""
    return 10 - sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, number, strict=False)) % 11


def mask(owner_id: str) -> str:
    """The identifier as lists and logs show it: three digits in front, two behind (design law 7)."""
    if owner_id == NO_NUMBER:
        return owner_id
    if len(owner_id) <= 5:
        return "*" * len(owner_id)
    return owner_id[:3] + "*" * (len(owner_id) - 5) + owner_id[-2:]


class Group(NamedTuple):
    """Digits at their place in a text that may be a part of an identifier; without digits it parts those beside it."""

    start: int
    end: int
    digits: str


class Written(NamedTuple):
    """An identifier and where it is written."""

    start: int
    end: int
    owner_id: str


def identifiers_among(text: str, groups: Sequence[Group], *, anyhow: bool) -> Iterator[Written]:
    """The whole identifiers that digits in a text are or make up side by side.

    A personal number is one in whatever groups it is written.  Others are none where they are called something else, or
    have the form of a sum, a telephone number or the end of a dossier's code.

    Args:
        text: folded, with digits for the letters that are meant for them.
        groups: the digits in order.
        anyhow: an old identity number, too, is one in any groups, and numbers are one without the zeros in front that
            spreadsheets lose; otherwise only as people write them, or where they are called so.
    """
    others = [
        found.span() for form in (_OTHERS, *((_CALLED_OTHERWISE,) if anyhow else ())) for found in form.finditer(text)
    ]
    place = 0
    while place < len(groups):
        made, found, after = "", None, place + 1
        for end in range(place, len(groups)):
            if not groups[end].digits or len(made) >= _LONGEST:
                break
            made += groups[end].digits
            span = groups[place].start, groups[end].end
            parts = groups[place : end + 1]
            is_apart = not any(
                group.digits for group in (*groups[max(0, place - 1) : place], *groups[end + 1 : end + 2])
            )
            for owner_id in _forms(made, is_one=anyhow and end == place):
                if _counts(owner_id, text, span, others, parts=parts, is_apart=is_apart, anyhow=anyhow):
                    found, after = Written(*span, owner_id), end + 1
                    break
        if found:
            yield found
        place = after


def _forms(digits: str, *, is_one: bool) -> Iterator[str]:
    """The identifiers that digits may be.  ``is_one``: they stand as one number, and may lack zeros in front.

    A spreadsheet takes all of them: two of a personal number, one of a tax number.  Engines compare numbers without.
    """
    bare = digits.lstrip("0")
    whole = [digits, f"{digits[:_TAX]}-{digits[_TAX:]}"]
    if is_one and (len(digits) == len(bare) or len(digits) > _PERSONAL):
        whole += [bare.zfill(_PERSONAL)] if len(bare) in {_PERSONAL - 2, _PERSONAL - 1} else []
        branch = bare.zfill(_TAX + 3)
        whole += [f"{branch[:_TAX]}-{branch[_TAX:]}"] if len(bare) >= _PERSONAL else []
    return (form for form in whole if identifier_kind(form))


def _counts(
    owner_id: str,
    text: str,
    span: tuple[int, int],
    others: Sequence[tuple[int, int]],
    *,
    parts: Sequence[Group],
    is_apart: bool,
    anyhow: bool,
) -> bool:
    """Whether digits that have the form of an identifier are meant for one."""
    start, end = span
    kind = identifier_kind(owner_id)
    if kind == "personal" and "".join(part.digits for part in parts) == owner_id:
        return anyhow or not _begins_with_telephone(text, parts)
    if any(first < end and start < last for first, last in others):
        return False
    before = text[max(0, start - _LONGEST_LABEL) : start]
    is_run = text[start:end].isdecimal()
    if kind == "tax":  # an organisation's number is public: only where it is written as one
        is_alone = not any(sign.isalnum() for sign in text[:start] + text[end:])
        is_branch = re.fullmatch(r"[0-9]{10}-[0-9]{3}", text[start:end])
        return bool(is_run or is_branch or (anyhow and is_alone) or _TAX_CALLED.search(before))
    lengths = [len(part.digits) for part in parts]
    return anyhow or is_run or (is_apart and lengths in _OLD_GROUPS) or bool(_PERSON_CALLED.search(before))


def _begins_with_telephone(text: str, parts: Sequence[Group]) -> bool:
    """Whether groups are a telephone and something else behind it, with another sign between: `0905 123 456, 12`."""
    found = _TELEPHONES.match(text, parts[0].start)
    ends = [place for place, part in enumerate(parts[:-1]) if found and found.end() == part.end]
    if not ends:
        return False
    signs = [text[one.end : other.start] for one, other in pairwise(parts)]
    return signs[ends[0]] not in signs[: ends[0]]


def digits_in(text: str) -> Iterator[Group]:
    """The runs of digits in a text, but for those in a digest."""
    for run in _DIGITS_OR_DIGEST.finditer(text):
        if run[0].isdecimal():
            yield Group(run.start(), run.end(), run[0])


def passports_in(text: str) -> Iterator[str]:
    """The numbers of passports in a folded text: a letter and seven digits."""
    for found in _PASSPORT.finditer(text):
        yield re.sub(r"[\W_]", "", found[0]).upper()


def mask_text(text: str) -> str:
    """A text in which every run of digits that may hold an identifier is masked, for lists (design law 7).

    So is one that is written in groups, digit by digit, or with letters for digits; and a passport's number where it is
    called so.  The text keeps its length.  Digits within a digest, or its half of 16 letters by which a document goes,
    identify nobody and stay; so does a text that is an id of digits alone.
    """
    if _DOCUMENT.fullmatch(text):
        return text
    folded = fold(text)
    if len(folded) == len(text) and _ENOUGH_DIGITS.search(folded):
        folded = _LOOKS_LIKE_DIGITS.sub(lambda run: run[0].translate(_DIGITS), folded)
        spans = [
            *((found.start, found.end) for found in identifiers_among(folded, _groups_in(folded), anyhow=False)),
            *(found.span(1) for found in _PASSPORT_CALLED.finditer(folded)),
        ]
        for start, end in spans:
            if not text[start:end].isdecimal():
                text = text[:start] + _stars(text[start:end]) + text[end:]
    others = [found.span() for found in _OTHERS.finditer(text)]
    return _NUMBER_OR_DIGEST.sub(lambda found: _masked_run(found, others), text)


def in_one_piece(text: str) -> str:
    """The NFC text, as long as it was, in which a number that is written in groups is one word with blanks behind it.

    It is one of a person or organisation, as masks know them, of a passport, or of a telephone (from abroad as at
    home).  Engines know words: so nobody finds a paper by pieces of somebody's number, and however it is typed it is
    the same word.
    """
    place, made = 0, ""
    for run in _MAY_BE_IN_GROUPS.finditer(text):
        if _DAY.fullmatch(run[0]):
            continue  # what most of them are
        first = max(place, run.start() - _BEFORE)
        folded = fold(text[first : run.end() + _BEHIND])
        for start, end, word in _words_in_groups(folded):
            if place <= first + start and len(word) <= end - start:
                made += text[place : first + start] + word.ljust(end - start)
                place = first + end
    return made + text[place:]


def _words_in_groups(folded: str) -> list[Written]:
    """The numbers in a stretch of folded text, each as the one word that it is."""
    text = _LOOKS_LIKE_DIGITS.sub(lambda run: run[0].translate(_DIGITS), folded)
    found = [*identifiers_among(text, _groups_in(text), anyhow=False)]
    found += [
        Written(*match.span(1), re.sub(r"[\W_]", "", match[1]).upper()) for match in _PASSPORT_CALLED.finditer(text)
    ]
    taken = {place for item in found for place in range(item.start, item.end)}
    for match in _TELEPHONES.finditer(text):
        if match.start() not in taken and match.end() - 1 not in taken:
            found.append(Written(*match.span(), _ABROAD.sub("0", re.sub(r"\D", "", match[0]))))
    return sorted(found)


def _groups_in(text: str) -> list[Group]:
    """The digits of a folded text that may make up numbers: with a sign or two between them, and no day among them."""
    days = {place for day in _DAY.finditer(text) for place in range(*day.span())}
    groups: list[Group] = []
    for found in _GROUP.finditer(text):
        start, end = found.span()
        if groups and not _BETWEEN_GROUPS.fullmatch(text[groups[-1].end : start]):
            groups.append(Group(start, start, ""))
        groups.append(Group(start, end, "" if start in days else found[0]))
    return groups


def _masked_run(found: re.Match[str], others: Sequence[tuple[int, int]]) -> str:
    start, end = found.span()
    is_other = end - start < _PERSONAL and any(first <= start and end <= last for first, last in others)
    return found[0] if is_other or not found[0].isdigit() else mask(found[0])


def _stars(written: str) -> str:
    return written[:3] + re.sub(r"\w", "*", written[3:-2]) + written[-2:]
