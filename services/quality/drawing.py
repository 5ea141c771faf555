"""How a sample is drawn: by a seed, so that anybody can draw it again from the list of the lot (docs/quality.md).

The papers are put in the order of ``sha256(seed + id)``, and the first ones are taken.  No library's random numbers,
whose results may change with its release.
"""

import secrets
from collections.abc import Iterable
from hashlib import sha256


def fresh_seed() -> str:
    """128 bits of the system's randomness, in 32 hexadecimal digits: nobody can choose them."""
    return secrets.token_hex(16)


def draw_sample(ids: Iterable[str], seed: str, number: int) -> list[str]:
    """So many papers of a lot, in the order in which they are drawn."""
    return sorted(ids, key=lambda name: sha256(f"{seed}{name}".encode()).digest())[:number]


def list_digest(ids: Iterable[str]) -> str:
    """The digest of a list of papers: their ids sorted, each with a line's end, as ``sha256sum`` gives it of a file."""
    return sha256("".join(f"{name}\n" for name in sorted(ids)).encode()).hexdigest()
