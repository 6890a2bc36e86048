"""What is true of a child at one moment, and what the child feels of the chair."""

from enum import IntEnum
from math import inf
from typing import NamedTuple


class FacePresence(IntEnum):
    """Where the child's face is."""

    IN_VIEW = 0
    COVERED = 1
    """Hands over the face."""
    AWAY = 2
    """Turned away."""
    ASLEEP = 3
    ABSENT = 4
    """The child has left the chair."""
    REPLACED = 5
    """Somebody else sits in it."""


class Truth(NamedTuple):
    """What is true at one moment.

    Attributes:
        distress: 0 none to 1 the worst.
        arousal: 0 asleep to 1.
        valence: -1 to 1.
        presence: Where the face is.
        expression: The face's true class, one of EMOTIONS.
        crying: Whether it can be heard.
        over_limit: Whether it is upset by the chair, which does more than this child bears.
    """

    distress: float
    arousal: float
    valence: float
    presence: FacePresence
    expression: str
    crying: bool = False
    over_limit: bool = False


class Felt(NamedTuple):
    """What the chair does now, in percent of full scale.

    Attributes:
        vibration_pct: At the seat.
        sound_pct: At the ear.
        light_pct: The strongest of the light's channels.
        intensity_pct: The engine's one scalar.
    """

    vibration_pct: float = 0.0
    sound_pct: float = 0.0
    light_pct: float = 0.0
    intensity_pct: float = 0.0


NOTHING = Felt()
UNLIMITED = Felt(inf, inf, inf, inf)
"""A child who bears whatever the chair does."""
