"""Which soundscapes ship: name, title, length, seed and what makes each."""

from collections.abc import Callable
from dataclasses import dataclass

from calmloop.soundscapes.scapes import air, body, tones, train, water
from calmloop.soundscapes.weaving import Array, Loom

LICENCE = "Apache-2.0"
VERSION = 1
"""Of the sounds: a change that can be heard raises it, and they are rendered anew."""


@dataclass(frozen=True)
class Soundscape:
    """A sound that ships as its recipe.

    Attributes:
        name: Of the track.
        title: For people.
        duration_s: Length of the loop.
        seed: Of its chance.
        make: Weaves it: shape (frames, 2), at any level.
    """

    name: str
    title: str
    duration_s: int
    seed: int
    make: Callable[[Loom], Array]

    @property
    def source(self) -> str:
        """What a sidecar says that it comes from."""
        return f"calmloop soundscapes {VERSION}, seed {self.seed}"


SOUNDSCAPES = (
    Soundscape("surf", "Surf", 90, 1, water.surf),
    Soundscape("rain-soft", "Soft rain", 60, 2, water.rain_soft),
    Soundscape("rain-roof", "Rain on the roof", 60, 3, water.rain_roof),
    Soundscape("stream", "A small stream", 60, 4, water.stream),
    Soundscape("leaves", "Wind in leaves", 90, 5, air.leaves),
    Soundscape("low-drone", "Low drone", 60, 6, tones.low_drone),
    Soundscape("night-pad", "Night pad", 80, 7, tones.night_pad),
    Soundscape("train-steady", "A train at a steady pace", 60, 15, train.TrainSound(48)),
    Soundscape("slow-train", "Slow train", 60, 8, train.TrainSound(32)),
    Soundscape("train-far", "A train far off", 60, 16, train.TrainSound(24, 0.6, 1.5)),
    Soundscape("heartbeat-60", "Heart, 60 a minute", 60, 9, body.HeartSound(60)),
    Soundscape("heartbeat-50", "Heart, 50 a minute", 60, 10, body.HeartSound(50)),
    Soundscape("purr", "Purring", 60, 11, body.purr),
    Soundscape("singing-bowl", "Singing bowls", 72, 12, tones.singing_bowl),
    Soundscape("breathing", "Breathe: in 4 s, out 6 s", 60, 13, body.breathing),
    Soundscape("brown-noise", "Brown noise", 60, 14, air.brown_noise),
)
BY_NAME = {scape.name: scape for scape in SOUNDSCAPES}
