"""Which pictures are drawn: every emotion on every group, in the same poses, lights and covers.

A round holds each emotion, ancestry, sex and age once. Within it, all faces of an emotion have one
skin tone, hair, pose, light, cover, background and set of own features, so that groups are compared
like with like. Skin tone does not go by ancestry: what comes from the shape and what from the
colour stay apart.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.synth.expressions import EXPRESSIONS, varied
from calmloop.synth.geometry import FRONTAL, Posture
from calmloop.synth.lighting import LIGHTS
from calmloop.synth.paint import EYE_COLOURS, HAIR_COLOURS, SKIN_TONES, HairStyle, Looks
from calmloop.synth.person import Ancestry, Person, Sex
from calmloop.synth.scene import Shot
from calmloop.training.augment import cover
from calmloop.training.augment.cover import Image, Spoiled

AGES_YEARS = (2.0, 5.0, 8.0)
ROUND = len(EMOTIONS) * len(Ancestry) * len(Sex) * len(AGES_YEARS)
"""Pictures of a round: 126."""

UPRIGHT, EVEN, UNCOVERED = "frontal", "even", "none"
POSES = {
    UPRIGHT: FRONTAL,
    "turned 20": Posture(yaw_deg=20),
    "turned 40": Posture(yaw_deg=40),
    "turned 60": Posture(yaw_deg=60),
    "turned 80": Posture(yaw_deg=80),
    "down 20": Posture(pitch_deg=20),
    "down 35": Posture(pitch_deg=35),
    "up 20": Posture(pitch_deg=-20),
    "up 35": Posture(pitch_deg=-35),
    "tilted 20": Posture(roll_deg=20),
    "tilted 40": Posture(roll_deg=40),
}
"""By name, in degrees; turns and tilts go to either side."""

JITTER_DEG = 3.0
"""Standard deviation of each angle around its pose; at most twice as much."""

COVERS: dict[str, Callable[[Image, np.random.Generator], Spoiled] | None] = {
    UNCOVERED: None,
    **{way.__name__: way for way in dict.fromkeys(cover.COVERS)},
}
USUAL_P = 0.5
"""Of a round's pose, light and cover each: the chance that it is the usual one."""

_DARK_HAIR_FROM_TONE = 5
_PALE_EYES_TO_TONE = 4


@dataclass(frozen=True)
class Planned:
    """One picture to draw, with what it is labelled with."""

    number: int
    emotion: str
    pose: str
    cover: str
    shot: Shot


def plan(count: int, seed: int, *, plain: bool) -> Iterator[Planned]:
    """So many pictures, the same for the same seed; whole rounds are balanced.

    Args:
        count: At least 1.
        seed: Of everything that is drawn by chance.
        plain: Whether all are frontal, evenly lit and uncovered.
    """
    cells = list(product(EMOTIONS, Ancestry, Sex, AGES_YEARS))
    for number in range(count):
        turn, cell = divmod(number, ROUND)
        emotion, ancestry, sex, age_years = cells[cell]
        rng = np.random.default_rng((seed, turn, EMOTIONS.index(emotion)))
        pose, light, covering = _circumstances(rng, plain)
        person = Person(ancestry, sex, age_years, float(rng.uniform(-0.6, 0.8)), _seed(rng))
        shot = Shot(
            person=person,
            looks=looks_of(turn % len(SKIN_TONES) + 1, rng),
            units=varied(EXPRESSIONS[emotion], rng),
            pose=_jittered(POSES[pose], rng),
            light=light,
            seed=_seed(rng),
        )
        yield Planned(number, emotion, pose, covering, shot)


def looks_of(skin_tone: int, rng: np.random.Generator) -> Looks:
    """Colours that go with a skin tone, 1 to 10."""
    shade, style = rng.choice(list(HAIR_COLOURS)), rng.choice(list(HairStyle))
    eyes = rng.choice(list(EYE_COLOURS))
    gaze = np.clip(rng.normal(0, 0.06, 2), -0.12, 0.12)
    red, green, blue = (int(level) for level in rng.integers(30, 200, 3))
    return Looks(
        skin_tone=skin_tone,
        hair="black" if skin_tone >= _DARK_HAIR_FROM_TONE else str(shade),
        eyes=str(eyes) if skin_tone <= _PALE_EYES_TO_TONE else "dark",
        style=HairStyle(style),
        gaze=(float(gaze[0]), float(gaze[1])),
        clothes=(red, green, blue),
    )


def _circumstances(rng: np.random.Generator, plain: bool) -> tuple[str, str, str]:
    drawn = [
        str(rng.choice(list(names)[1:])) if rng.random() >= USUAL_P else next(iter(names))
        for names in (POSES, LIGHTS, COVERS)
    ]
    return (UPRIGHT, EVEN, UNCOVERED) if plain else (drawn[0], drawn[1], drawn[2])


def _jittered(pose: Posture, rng: np.random.Generator) -> Posture:
    sides = rng.choice([-1, 1], 2)
    off = np.clip(rng.normal(0, JITTER_DEG, 3), -2 * JITTER_DEG, 2 * JITTER_DEG)
    angles = np.round(
        np.array([sides[0] * pose.yaw_deg, pose.pitch_deg, sides[1] * pose.roll_deg]) + off, 1
    )
    return Posture(*(float(angle) for angle in angles))


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
