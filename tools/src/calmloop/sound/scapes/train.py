"""A slow train, heard from inside."""

from calmloop.sound.weaving import Array, Loom, Pulse, band

JOINTS_PER_MIN = 30
AXLES_S = (0.0, 0.26)
"""The two axles of a bogie, and then those of the next one."""
BOGIES_S = 0.82


def slow_train(loom: Loom) -> Array:
    """Rail joints under two bogies, a soft double thud each, over the rumble of the wheels."""
    joints_s = [n * 60.0 / JOINTS_PER_MIN for n in range(JOINTS_PER_MIN * loom.duration_s // 60)]
    near = [at + axle for at in joints_s for axle in AXLES_S]
    far = [at + BOGIES_S for at in near]
    sizes = [float(size) for size in loom.rng.uniform(0.75, 1.0, len(near))]
    thuds = loom.events(Pulse(0.055, 0.085), near, sizes)
    thuds += 0.55 * loom.events(Pulse(0.06, 0.09), far, sizes)
    dull = loom.noise(band(55, 170, tilt=0.5, order=3.0), width=0.3)
    wood = loom.noise(band(180, 520, tilt=1.0, order=2.0), width=0.5)
    rumble = loom.noise(band(40, 210, tilt=1.8), width=0.5) * loom.upsampled(loom.swing_db(1.5))
    wheels = loom.noise(band(220, 1200, tilt=1.5), width=0.8) * loom.upsampled(loom.swing_db(2.0))
    hit = loom.upsampled(thuds)
    return 1.1 * dull * hit + 0.28 * wood * hit**1.3 + 0.42 * rumble + 0.2 * wheels
