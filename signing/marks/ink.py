"""What marks must not cover."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.bool_]
"""What is inked of a page as a reader shows it, whatever its resolution: ``(height, width)``, the top row first."""


class HeadingPart(NamedTuple):
    """A part of a page: shares of its width and height as a reader shows it, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


Heading = Sequence[HeadingPart]
"""Where the heading stands (national heading, issuer: law 4B zones 1 and 2), which no mark may ever cover."""
