"""Counting what was found: both engines speak the same language of aggregations."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.states import ValidityState
from search.fields import number_of_day
from search.interface import Counts

_MOST_VALUES = 50


def aggregations(today: date) -> dict[str, Any]:
    """What is to be counted."""
    day = number_of_day(today)
    days = {"range": {"field": "valid_until", "ranges": [{"to": day}, {"from": day}]}}
    return {
        **{name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in ("type", "issuer", "year")},
        "standing": {"terms": {"field": "standing"}, "aggs": {"days": days}},
    }


def read_counts(answer: Mapping[str, Any]) -> Counts:
    """The counts in an engine's answer."""
    standing = {bucket["key"]: bucket for bucket in answer["standing"]["buckets"]}
    in_force = standing.get("in_force")
    # Half-open ranges in order of their limits; tantivy adds an empty one at an end.
    days = list(in_force["days"]["buckets"]) if in_force else []
    states: dict[ValidityState, int] = {
        "valid": sum(int(bucket["doc_count"]) for bucket in days if "from" in bucket and "to" not in bucket),
        "expired": sum(int(bucket["doc_count"]) for bucket in days if "to" in bucket and "from" not in bucket),
        "revoked": int(standing.get("revoked", {}).get("doc_count", 0)),
        "replaced": int(standing.get("replaced", {}).get("doc_count", 0)),
    }
    return Counts(
        total=sum(int(bucket["doc_count"]) for bucket in standing.values()),
        types=_values(answer["type"]),
        agencies=_values(answer["issuer"]),
        years=_values(answer["year"]),
        states=tuple((state, number) for state, number in states.items() if number),
    )


def estimate(some: Counts, times: int) -> Counts:
    """What all papers are like, from counts of one paper in so many; with two figures that mean something."""
    groups = {
        name: tuple((value, _rounded(number * times)) for value, number in getattr(some, name))
        for name in ("types", "agencies", "years", "states")
    }
    return Counts(total=_rounded(some.total * times), estimated=True, **groups)


def _rounded(number: int) -> int:
    step: int = 10 ** max(0, len(str(number)) - 2)
    return round(number / step) * step


def _values(answer: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    counted = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer["buckets"]]
    return tuple(sorted(counted, key=lambda item: (-item[1], item[0])))
