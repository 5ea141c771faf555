"""What marks must not cover."""

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.bool_]
"""What is inked of a page as a reader shows it, whatever its resolution: ``(height, width)``, the top row first."""
