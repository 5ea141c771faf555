"""How a clerk names a paper that was answered: by the number of the answer, or by the beginning of its id.

A masked code names no paper, and a whole one carries its owner's number.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from domain.clock import now
from domain.errors import NotFound, UsageError
from services.context import Services
from services.permissions import Asker
from services.secrecy.unsaid import gone

_NUMBER = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_SHORTEST = 8  # letters of an id


def short_ids(ids: Sequence[str]) -> list[str]:
    """The ids as they are shown: their beginnings, or whole where a beginning means several of them."""
    beginnings = [name[:_SHORTEST] for name in ids]
    return [
        short if len({name for name in ids if name.startswith(short)}) == 1 else name
        for name, short in zip(ids, beginnings, strict=True)
    ]


def is_short(code: str) -> bool:
    """Whether this is a number of an answer, or may be the beginning of an id: no code of a paper."""
    return _NUMBER.fullmatch(code) is not None or re.fullmatch(r"[0-9a-f]{8,16}", code, re.ASCII) is not None


def meant(ctx: Services, asker: Asker, code: str, dossier: str) -> str:
    """The id of the paper that is meant by a number or a beginning; else what was given.

    Only what was answered for the dossier, of late and at this office, is meant so.

    Raises:
        NotFound: the last lookup has no such number, or no paper was held there, or one that nobody had checked.
        UsageError: several papers begin so.
    """
    since = now() - timedelta(seconds=ctx.settings.desk.ask_before_s)
    if _NUMBER.fullmatch(code):
        answer = ctx.desk.numbered(asker.who, asker.office, dossier, int(code))
        if answer is None or answer.at < since:
            raise NotFound("no_such_answer", remedy="look_up_first", number=code, dossier=dossier)
        if answer.paper_id is None or gone(ctx, [answer.paper_id]):
            raise NotFound("answer_without_paper", remedy="owner_brings_it", number=code, dossier=dossier)
        if answer.answer == "held-unchecked":
            raise NotFound("answer_not_checked", remedy="look_up_when_checked", number=code, dossier=dossier)
        return answer.paper_id
    if not len(code) >= _SHORTEST or not is_short(code):
        return code
    found = ctx.desk.papers_answered(asker.office, dossier, code, since)
    found -= gone(ctx, found)
    if len(found) > 1 and code not in found:
        raise UsageError("several_papers_begin_so", remedy="give_number_or_more", beginning=code)
    return found.pop() if len(found) == 1 else code
