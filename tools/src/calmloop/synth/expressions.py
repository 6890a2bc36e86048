"""Which expression units of the mesh make which emotion, after the facial action coding system.

The combinations are those of EMFACS (Friesen and Ekman, 1983) as far as the mesh's units go; an
action unit (AU) stands beside each. They are what adults are taught to pose: a child's own face is
freer, and a picture made by them is labelled by intent, not by a feeling.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

Units = Mapping[str, float]
"""Expression units with their strength; `*` stands for left and right."""

EXPRESSIONS: Mapping[str, Units] = MappingProxyType(
    {
        "neutral": {},
        "happy": {
            "mouth-corner-puller": 1.2,  # AU 12
            "mouth-part-later": 0.5,  # AU 25
            "eye-*-slit": 0.5,  # AU 6
        },
        "sad": {
            "eyebrows-*-inner-up": 1.0,  # AU 1
            "eyebrows-*-down": 0.35,  # AU 4
            "eye-*-slit": 0.5,
            "mouth-depression": 0.9,  # AU 15
            "mouth-elevation": 0.5,  # AU 17
        },
        "surprise": {
            "eyebrows-*-inner-up": 1.0,  # AU 1
            "eyebrows-*-up": 1.2,
            "eyebrows-*-extern-up": 0.4,  # AU 2
            "eye-*-opened-up": 1.0,  # AU 5
            "mouth-open": 0.9,  # AU 26
        },
        "fear": {
            "eyebrows-*-inner-up": 1.0,  # AU 1
            "eyebrows-*-up": 0.6,  # AU 2
            "eyebrows-*-down": 0.2,  # AU 4
            "eye-*-opened-up": 1.0,  # AU 5
            "mouth-depression-retraction": 0.8,  # AU 20
            "neck-platysma": 0.6,  # AU 21
            "mouth-part-later": 0.25,  # AU 25
        },
        "angry": {
            "eyebrows-*-down": 1.2,  # AU 4
            "eye-*-slit": 0.5,  # AU 7
            "nose-*-dilatation": 0.8,
            "mouth-retraction": 0.4,  # AU 23, 24
            "mouth-depression": 0.5,
        },
        "disgust": {
            "eyebrows-*-down": 0.7,  # AU 4
            "eye-*-slit": 0.8,
            "nose-*-elevation": 1.2,  # AU 9
            "nose-compression": 1.0,
            "mouth-elevation": 0.9,  # AU 10
            "mouth-depression": 0.6,  # AU 15
        },
    }
)
CRYING: Units = {
    "eyebrows-*-inner-up": 0.6,
    "eyebrows-*-down": 0.9,  # AU 4
    "eye-*-slit": 1.0,  # AU 6, 7
    "eye-*-closure": 0.6,  # AU 43
    "nose-*-elevation": 0.5,  # AU 9
    "mouth-depression-retraction": 0.9,  # AU 20
    "mouth-open": 0.7,  # AU 27
}
LAUGHING: Units = {
    "mouth-corner-puller": 1.2,  # AU 12
    "mouth-part-later": 0.4,  # AU 25
    "mouth-open": 0.35,  # AU 26
    "eye-*-slit": 0.8,  # AU 6
}
BLINK: Units = {"eye-*-closure": 1.0}
SPOKEN: tuple[Units, ...] = (
    {"mouth-open": 0.45},
    {"mouth-part-later": 0.6},
    {"mouth-pursing": 0.7, "mouth-open": 0.15},
    {"mouth-retraction": 0.5, "mouth-open": 0.2},
    {"mouth-compression": 0.6},
)
"""Mouths of speech: ah, eh, oo, ee, m."""


def blend(*parts: tuple[Units, float]) -> dict[str, float]:
    """The sum of expressions, each with its strength; no unit goes beyond 1.2."""
    total = dict[str, float]()
    for units, strength in parts:
        for name, weight in units.items():
            total[name] = min(1.2, total.get(name, 0.0) + weight * strength)
    return total


def varied(units: Units, rng: np.random.Generator) -> dict[str, float]:
    """One person's way of an expression: each side and unit 10 % stronger or weaker, at most 20."""
    sided = (
        (name.replace("*", side), weight)
        for name, weight in units.items()
        for side in (("left", "right") if "*" in name else ("",))
    )
    return {
        name: weight * float(1 + np.clip(rng.normal(0, 0.1), -0.2, 0.2)) for name, weight in sided
    }
