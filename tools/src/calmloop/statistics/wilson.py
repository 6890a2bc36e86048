"""The score interval of a share (Wilson, 1927)."""

import numpy as np
import numpy.typing as npt

Z_95 = 1.959964
"""Standard errors of a two-sided 95 % interval."""

Floats = npt.NDArray[np.float64]


def wilson(share: npt.ArrayLike, of: npt.ArrayLike, z: float = Z_95) -> tuple[Floats, Floats]:
    """The ends of the interval, each 0 to 1, elementwise.

    Args:
        share: Of so many, the share that was counted, 0 to 1.
        of: How many; of none, nothing is known: 0 to 1.
        z: How many standard errors on either side.
    """
    p, n = np.asarray(share, float), np.asarray(of, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        widening = 1 + z * z / n
        middle = (p + z * z / (2 * n)) / widening
        half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / widening
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)
