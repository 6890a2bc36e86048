"""A slow train, heard from inside."""

from dataclasses import dataclass

from calmloop.soundscapes.weaving import Array, Loom, Pulse, band

AXLE, BOGIE = 0.13, 0.41
"""When the second axle of a bogie follows, and the next bogie: shares of the way between joints."""


@dataclass(frozen=True)
class TrainSound:
    """Rail joints under two bogies, a soft double thud each, over the rumble of the wheels.

    Attributes:
        joints_per_min: How fast it goes.
        rumble: Level of what is steady, beside thuds of 1.
        dullness: Divides the frequencies that are heard: 1 near, more further away.
    """

    joints_per_min: int
    rumble: float = 0.42
    dullness: float = 1.0

    def __call__(self, loom: Loom) -> Array:
        """Makes the loop."""
        gap_s = 60.0 / self.joints_per_min
        joints_s = [n * gap_s for n in range(round(loom.duration_s / gap_s))]
        near = [at + axle * gap_s for at in joints_s for axle in (0.0, AXLE)]
        far = [at + BOGIE * gap_s for at in near]
        sizes = [float(size) for size in loom.rng.uniform(0.75, 1.0, len(near))]
        thuds = loom.events(Pulse(0.055, 0.085), near, sizes)
        thuds += 0.55 * loom.events(Pulse(0.06, 0.09), far, sizes)
        hit = loom.upsampled(thuds)
        dull = loom.noise(band(55, 170 / self.dullness, tilt=0.5, order=3.0), width=0.3)
        wood = loom.noise(band(180, 520 / self.dullness, tilt=1.0, order=2.0), width=0.5)
        return 1.1 * dull * hit + 0.28 / self.dullness * wood * hit**1.3 + self._steady(loom)

    def _steady(self, loom: Loom) -> Array:
        low = loom.noise(band(40, 210, tilt=1.8), width=0.5) * loom.upsampled(loom.swing_db(1.5))
        wheels = loom.noise(band(220, 1200 / self.dullness, tilt=1.5), width=0.8)
        return self.rumble * (low + 0.48 * wheels * loom.upsampled(loom.swing_db(2.0)))
