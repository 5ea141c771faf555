"""How often plans accept a lot, exactly and by simulation: ``python -m benchmarks.quality [LOTS [AQL]]`` (1000, 1.0).

For lots of several sizes and shares of papers with a defect: the exact probability (hypergeometric), and the share of
drawn lots that are accepted when samples are drawn as ``services.quality.drawing`` draws them.  ``critical``: the same
for defects of which none is allowed.  Ends with 1 when a simulated share is not within five standard deviations of the
exact one.
"""

import math
import random
import sys
from hashlib import sha256

from benchmarks.tables import Row, render
from config.quality import QualitySettings
from services.quality.drawing import draw_sample
from services.quality.opening import draw_lot

_SIZES = (200, 500, 1_200, 3_200, 12_000)
_RATES = (0.001, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05)


def main(lots: int, aql: float) -> int:
    """Draw lots, print the table."""
    rows, is_off = [], False
    for size in _SIZES:
        ids = [sha256(str(number).encode()).hexdigest()[:16] for number in range(size)]
        plan, _ = draw_lot("lot", 1, dict.fromkeys(ids, 1), QualitySettings(aql=aql), "benchmark")
        drawn = [frozenset(draw_sample(ids, f"{number:032x}", plan.sample)) for number in range(lots)]
        for rate in _RATES:
            wrong = round(rate * size)
            found = [len(sample.intersection(_drawn(ids, wrong, number))) for number, sample in enumerate(drawn)]
            exact = {most: accepted(size, wrong, plan.sample, most) for most in (plan.allowed, plan.critical_allowed)}
            shares = {most: sum(number <= most for number in found) / lots for most in exact}
            is_off |= any(abs(shares[most] - exact[most]) > 5 * _deviation(exact[most], lots) for most in exact)
            row: Row = {
                "lot": size,
                "sample": plan.sample,
                "allowed": plan.allowed,
                "wrong": f"{rate:.1%}",
                "accepted": f"{exact[plan.allowed]:.3f}",
                "simulated": f"{shares[plan.allowed]:.3f}",
                "critical": f"{exact[plan.critical_allowed]:.3f}",
                "its simulated": f"{shares[plan.critical_allowed]:.3f}",
            }
            rows.append(row)
    print(render(f"Probability that a lot is accepted, AQL {aql:g} %, level II, {lots} lots each", rows))
    return int(is_off)


def accepted(size: int, wrong: int, sample: int, most: int) -> float:
    """The probability that a sample of a lot has at most so many of its wrong papers (hypergeometric)."""
    ways = sum(math.comb(wrong, k) * math.comb(size - wrong, sample - k) for k in range(most + 1) if k <= sample)
    return ways / math.comb(size, sample)


def _drawn(ids: list[str], number: int, seed: int) -> list[str]:
    """Which papers of a lot are wrong."""
    return random.Random(seed).sample(ids, number)  # noqa: S311 (a drawn lot)


def _deviation(share: float, lots: int) -> float:
    return math.sqrt(share * (1 - share) / lots) + 1 / lots


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, float(sys.argv[2]) if len(sys.argv) > 2 else 1.0))
