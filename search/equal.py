"""What says the same in other words: abbreviations and what they stand for, agencies and what they were before."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from config.questions import load_abbreviations, load_renamed
from domain.fold import fold
from search.words import WORD, Token

Run = tuple[str, ...]
_COMMITTEE = "Ủy ban nhân dân "


class Equal(NamedTuple):
    """Words of a question from ``start`` on, and what papers may have in their place: folded words, or their issuer."""

    start: int
    length: int
    runs: tuple[Run, ...]
    issuers: tuple[str, ...] = ()


class _Same(NamedTuple):
    runs: tuple[Run, ...] = ()
    issuers: tuple[str, ...] = ()


def equals(words: Sequence[Token], dotted: Collection[str]) -> Iterator[Equal]:
    """What may stand for some of the words, from the first on; of several the longest.

    ``dotted``: the words that were typed with a dot behind them.
    """
    known, longest = _known()
    folded = [_in_full(word.folded, dotted) for word in words]
    place = 0
    while place < len(folded):
        for length in range(min(longest, len(folded) - place), 0, -1):
            meant = tuple(folded[place : place + length])
            if same := known.get(meant):
                typed = all(one == word.folded for one, word in zip(meant, words[place:], strict=False))
                yield Equal(place, length, same.runs if typed else (meant, *same.runs), same.issuers)
                place += length
                break
        else:
            if folded[place] != words[place].folded:
                yield Equal(place, 1, ((folded[place],),))
            place += 1


def _in_full(word: str, dotted: Collection[str]) -> str:
    """A word that stands for another only with a dot behind it, in full."""
    if word in dotted and (said := load_abbreviations().get(f"{word}.")):
        return " ".join(said.runs[0])
    return word


@cache
def _known() -> tuple[dict[Run, _Same], int]:
    """What says the same as some words, and how many these are at most."""
    known: dict[Run, _Same] = defaultdict(_Same)

    def add(words: Run, run: Run | None = None, issuer: str | None = None) -> None:
        runs, issuers = known[words]
        known[words] = _Same((*runs, run) if run else runs, (*issuers, issuer) if issuer else issuers)

    for short, said in load_abbreviations().items():
        if not short.endswith("."):
            for run in said.runs:
                add(tuple(short.split()), run)
                if said.both_ways and len(run) > 1:
                    add(run, tuple(short.split()))
    names = {_run(name) for agency in load_renamed() for name in (agency.now, *agency.was)}
    for agency in load_renamed():
        now = _run(agency.now)
        for name in agency.was:
            former = _run(name)
            add(now, **_said(name, names))
            add(former, **_said(agency.now, names))
        if agency.within:
            add(now, issuer=_COMMITTEE + agency.within)
            add(_run(agency.within), issuer=_COMMITTEE + agency.now)
    return dict(known), max(map(len, known))


def _said(name: str, names: Collection[Run]) -> dict[str, Any]:
    """How papers have a name: in their words, or as their issuer only when other names begin as it does."""
    run = _run(name)
    if any(other != run and other[: len(run)] == run for other in names):
        return {"issuer": _COMMITTEE + name}
    return {"run": run}


def _run(name: str) -> Run:
    return tuple(WORD.findall(fold(name)))
