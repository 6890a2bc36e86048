"""Wind in leaves, and plain brown noise."""

import numpy as np

from calmloop.soundscapes.weaving import Array, Loom, band


def leaves(loom: Loom) -> Array:
    """Gusts through leaves: a gust is brighter than what is between two."""
    gust = np.exp(loom.drift(0.3))
    flutter = np.exp(loom.drift(0.25, (1.0, 5.0)))
    low = loom.noise(band(60, 380, tilt=1.5), width=0.5) * loom.upsampled(gust)
    rustle = loom.noise(band(420, 2600, tilt=0.8, order=1.5), width=0.9)
    tips = loom.noise(band(1800, 4200, tilt=1.0, order=1.5), width=1.0)
    return (
        low
        + 0.5 * rustle * loom.upsampled(gust**1.4 * flutter)
        + 0.12 * tips * loom.upsampled(gust**2.0 * flutter)
    )


def brown_noise(loom: Loom) -> Array:
    """Brown noise, softened at the top: the same at all times, with a breath of movement."""
    sound = loom.noise(band(40, 1500, tilt=2.0), width=0.6)
    return sound * loom.upsampled(loom.swing_db(0.6))
