"""Colours of skin, eyes, mouth, brows and hair as functions of a place in the base mesh.

A texture keeps to the skin however the face moves. Colours are linear RGB reflectances, 0 to 1.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from calmloop.synth.mesh import Floats, MeshPart

Reals = npt.NDArray[np.floating[Any]]

SKIN_TONES = (
    (246, 237, 228),
    (243, 231, 219),
    (247, 234, 208),
    (234, 218, 186),
    (215, 189, 150),
    (160, 126, 86),
    (130, 92, 67),
    (96, 65, 52),
    (58, 49, 42),
    (41, 36, 32),
)
"""The Monk skin tone scale, 1 to 10, in sRGB (Monk, 2019; skintone.google)."""

HAIR_COLOURS = {
    "black": (28, 24, 22),
    "brown": (66, 46, 34),
    "light brown": (112, 82, 56),
    "blond": (176, 140, 92),
}
EYE_COLOURS = {
    "dark": (44, 28, 18),
    "brown": (84, 54, 30),
    "green": (92, 104, 72),
    "blue": (84, 112, 140),
}
EYE_CENTRE = (0.3078, 7.284, 1.245)
_IRIS_RAD, _PUPIL_RAD = 0.52, 0.22
"""Half-angles seen from the eyeball's centre: a child's iris fills more of the slit."""
MOUTH_Y, MOUTH_HALF_WIDTH = 6.615, 0.27


class HairStyle(StrEnum):
    """How the hair is worn; all of them are caps that leave the face free."""

    SHAVED = "shaved"
    SHORT = "short"
    FRINGE = "fringe"


_EAR, _EAR_REACH = np.array([0.82, 7.17, 0.36]), np.array([0.24, 0.34, 0.3])
"""An ellipsoid that the hair leaves free."""
_HAIRLINE_Z = (-0.6, 0.1, 0.35, 0.6, 0.85, 1.15, 1.35)
_HAIRLINE_Y = {
    HairStyle.SHAVED: (6.4, 6.6, 7.2, 7.45, 7.7, 7.98, 8.02),
    HairStyle.SHORT: (6.3, 6.5, 7.1, 7.35, 7.65, 7.9, 7.95),
    HairStyle.FRINGE: (6.2, 6.4, 6.95, 7.15, 7.5, 7.68, 7.7),
}


@dataclass(frozen=True)
class Looks:
    """What a person's colours are.

    Attributes:
        skin_tone: 1 light to 10 dark on the Monk scale.
        hair: A name of `HAIR_COLOURS`.
        eyes: A name of `EYE_COLOURS`.
        style: How the hair is worn.
        gaze: Where the eyes look, in radians to the person's left and up.
        clothes: sRGB.
    """

    skin_tone: int
    hair: str
    eyes: str
    style: HairStyle
    gaze: tuple[float, float] = (0.0, 0.0)
    clothes: tuple[int, int, int] = (90, 110, 140)


def linear(srgb: tuple[int, int, int]) -> Floats:
    """A display's colour, 0 to 255, as a reflectance."""
    return np.asarray((np.array(srgb) / 255.0) ** 2.2, np.float32)


def above_hairline(base: Floats, style: HairStyle) -> Floats:
    """How deep places (N, 3) of the base mesh are in the hair, in decimetres; below 0 outside."""
    line = np.interp(base[:, 2], _HAIRLINE_Z, _HAIRLINE_Y[style])
    within = base[:, 1] - line
    off = (np.abs(base) * [1, 1, 0] + base * [0, 0, 1] - _EAR) / _EAR_REACH
    from_ear = 0.3 * (np.linalg.norm(off, axis=1) - 1)
    return np.asarray(np.minimum(within, from_ear), np.float32)


def skin(base: Floats, inside: Floats, looks: Looks) -> Floats:
    """Skin with lips, brows and clothes (N, 3) at places of the base mesh.

    Args:
        base: (N, 3) in the base mesh.
        inside: (N,) 1 within the mouth, 0 on the face.
        looks: The person's colours.
    """
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    tone = linear(SKIN_TONES[looks.skin_tone - 1]) * [0.92, 0.8, 0.72] + 0.01
    colour: Reals = tone * (1 + 0.05 * _noise(base, 9.0) + 0.03 * _noise(base, 31.0))[:, None]
    blush = _bump(x, y, 0.42, 6.92, 0.2) + 0.6 * _bump(x, y, 0.0, 6.95, 0.12)
    colour = _mix(colour, tone * [1.05, 0.72, 0.68], 0.7 * blush * (z > 0.9))
    colour = _mix(colour, tone * [0.72, 0.6, 0.58], 0.45 * _bump(x, y, 0.32, 7.2, 0.1))
    colour = _mix(colour, tone * [0.82, 0.47, 0.45], 0.9 * _lips(x, y, z))
    brows = _brows(x, y, z) * (0.8 + 0.2 * _noise(base, 40.0, across=3.0))
    hair = np.minimum(linear(HAIR_COLOURS[looks.hair]), 0.6 * tone)
    colour = _mix(colour, hair, 0.85 * brows)
    neckline = 5.62 - 0.25 * np.exp(-((x / 0.35) ** 2)) * (z > 0.2)
    colour = _mix(colour, linear(looks.clothes), (y < neckline).astype(np.float32))
    return _mix(colour, np.array([0.16, 0.035, 0.035]), inside)


def hair(base: Floats, under: Floats, looks: Looks) -> Floats:
    """Hair (N, 3) over the colours of the skin below it: strands, and none beyond the hairline."""
    strands = 1 + 0.35 * _noise(base, 20.0, across=3.0) + 0.2 * _noise(base, 25.0)
    edge = above_hairline(base, looks.style) + 0.03 * _noise(base, 14.0, across=5.0)
    cover = _smooth(edge / 0.08) * (0.6 if looks.style is HairStyle.SHAVED else 1.0)
    return _mix(under, linear(HAIR_COLOURS[looks.hair]) * strands[:, None], cover)


def eye(base: Floats, part: MeshPart, looks: Looks) -> Floats:
    """Sclera, iris and pupil (N, 3) on an eyeball."""
    side = 1.0 if part is MeshPart.LEFT_EYE else -1.0
    outwards = base - np.array([side, 1.0, 1.0]) * EYE_CENTRE
    outwards = outwards / np.linalg.norm(outwards, axis=1, keepdims=True)
    left, up = looks.gaze
    gaze = np.array([np.sin(left), np.sin(up), 1.0])
    off = np.arccos(np.clip(outwards @ (gaze / np.linalg.norm(gaze)), -1, 1))
    white = np.array([0.72, 0.66, 0.62]) * (1 - 0.25 * _smooth((off - 0.7) / 0.4))[:, None]
    iris = linear(EYE_COLOURS[looks.eyes]) * (1.25 - 0.8 * _smooth((off - 0.38) / 0.14))[:, None]
    colour = _mix(white, iris, 1 - _smooth((off - _IRIS_RAD + 0.03) / 0.06))
    return _mix(colour, np.array([0.008] * 3), 1 - _smooth((off - _PUPIL_RAD) / 0.05))


PLAIN = {
    MeshPart.UPPER_TEETH: (0.66, 0.62, 0.54),
    MeshPart.LOWER_TEETH: (0.6, 0.56, 0.48),
    MeshPart.TONGUE: (0.42, 0.13, 0.13),
    MeshPart.LASHES: (0.05, 0.035, 0.03),
}


def _lips(x: Floats, y: Floats, z: Floats) -> Floats:
    along = np.clip(x / MOUTH_HALF_WIDTH, 0, 1)
    upper = 0.105 * (1 - along**2) * (1 - 0.25 * np.exp(-((x / 0.05) ** 2))) + 0.012
    lower = 0.125 * (1 - along**2) + 0.012
    reach = np.where(y > MOUTH_Y, upper, lower)
    off = np.abs(y - MOUTH_Y) - reach
    return _smooth(-off / 0.03 + 0.5) * (x < MOUTH_HALF_WIDTH + 0.02) * (z > 1.36)


def _brows(x: Floats, y: Floats, z: Floats) -> Floats:
    middle = np.interp(x, (0.1, 0.24, 0.38, 0.54), (7.42, 7.465, 7.475, 7.4))
    half = np.interp(x, (0.08, 0.14, 0.38, 0.56), (0.0, 0.032, 0.026, 0.0))
    return _smooth((half - np.abs(y - middle)) / 0.02 + 0.5) * ((half > 0) & (z > 1.0))


def _bump(x: Reals, y: Reals, at_x: float, at_y: float, reach: float) -> Floats:
    return np.asarray(np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * reach**2)), np.float32)


def _mix(one: Reals, other: Reals, share: Reals) -> Floats:
    first, second = np.asarray(one, np.float32), np.asarray(other, np.float32)
    return first + (second - first) * np.asarray(share, np.float32)[:, None]


def _smooth(at: Reals) -> Floats:
    """0 up to 0, 1 from 1 on, and smooth between."""
    t = np.clip(at, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _noise(base: Floats, frequency: float, across: float = 1.0) -> Floats:
    """Irregular waves of −1 to 1 over places (N, 3), and so many times as dense along x."""
    x, y, z = (base * np.float32(frequency)).T
    x = x * np.float32(across)
    waves = np.sin(x + 1.7 * np.sin(0.63 * y)) + np.sin(0.87 * y + 1.3 * np.sin(0.71 * z))
    return np.asarray((waves + np.sin(1.13 * z + 1.9 * np.sin(0.57 * x))) / 3, np.float32)
