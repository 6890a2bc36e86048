"""Fixed ways in which faces are spoiled, stronger than the corruptions: where labels must give way.

The same faces give the same copies every time. Pictures are (N, 48, 48) uint8 gray.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import cv2
import numpy as np

from calmloop.training.augment import cover, no_face
from calmloop.training.augment.augmentation import Images, line_kernel
from calmloop.training.augment.cover import Image, Spoiled

_SEED = 0
Way = Callable[[Image, np.random.Generator], Image]


class Spoiling(StrEnum):
    """One row of the table of spoiled faces."""

    BLUR_7 = "motion blur, 7 px"
    BLUR_11 = "motion blur, 11 px"
    BLUR_15 = "motion blur, 15 px"
    SOFT = "out of focus, sigma 2.5 px"
    TURNED_25 = "turned by 25 degrees"
    TURNED_40 = "turned by 40 degrees"
    DARK = "dark, a seventh of the light"
    NOISE = "noise, sigma 40"
    BLOCK = "a 20x20 black square"
    EYES = "a bar over the eyes"
    SUNGLASSES = "sunglasses, glare"
    HAND = "a hand"
    MASK = "a mask or scarf"
    MOUTH = "a plain box over the mouth"
    UPSIDE_DOWN = "upside down"
    SHUFFLED = "shuffled, 4x4 tiles"
    WHITE_NOISE = "noise alone"
    TEXTURE = "textures"
    THINGS = "drawn things"
    ANIMAL = "drawn animals"


MOUTH_COVERED = (Spoiling.MASK, Spoiling.MOUTH)
NO_FACE = (
    Spoiling.UPSIDE_DOWN,
    Spoiling.SHUFFLED,
    Spoiling.WHITE_NOISE,
    Spoiling.TEXTURE,
    Spoiling.THINGS,
    Spoiling.ANIMAL,
)
"""Nothing is to be read in these: whatever label they get is wrong."""


def spoil_all(images: Images, way: Spoiling) -> Images:
    """Spoiled copies of faces (N, H, W)."""
    rng = np.random.default_rng(_SEED)
    return np.stack([_WAYS[way](image, rng) for image in images])


def _blurred(length_px: int) -> Way:
    kernel = line_kernel(length_px, 0.0)

    def blur(image: Image, _rng: np.random.Generator) -> Image:
        out = cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(out, np.uint8)

    return blur


def _turned(turn_deg: float) -> Way:
    def turn(image: Image, rng: np.random.Generator) -> Image:
        side = image.shape[0]
        middle = ((side - 1) / 2, (side - 1) / 2)
        matrix = cv2.getRotationMatrix2D(middle, turn_deg * rng.choice([-1, 1]), 1)
        out = cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(out, np.uint8)

    return turn


def _soft(image: Image, _rng: np.random.Generator) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 2.5), np.uint8)


def _dark(image: Image, rng: np.random.Generator) -> Image:
    drawn = image / 7 + 2 * rng.standard_normal(image.shape)
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8)


def _noisy(image: Image, rng: np.random.Generator) -> Image:
    drawn = image + 40 * rng.standard_normal(image.shape)
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8)


def _block(image: Image, rng: np.random.Generator) -> Image:
    top, left = rng.integers(0, image.shape[0] - 20, 2)
    out = image.copy()
    out[top : top + 20, left : left + 20] = 0
    return out


def _box(top: float, bottom: float, left: float, right: float, shade: int | None) -> Way:
    def lay(image: Image, _rng: np.random.Generator) -> Image:
        side, out = image.shape[0], image.copy()
        rows = slice(round(top * side), round(bottom * side))
        filling = int(image.mean()) if shade is None else shade
        out[rows, round(left * side) : round(right * side)] = filling
        return out

    return lay


def _shuffled(image: Image, rng: np.random.Generator) -> Image:
    return no_face.shuffle(image, 4, rng)


def _upside_down(image: Image, _rng: np.random.Generator) -> Image:
    return np.ascontiguousarray(image[::-1, ::-1])


def _covered(way: Callable[[Image, np.random.Generator], Spoiled]) -> Way:
    return lambda image, rng: way(image, rng)[0]


_WAYS: Mapping[Spoiling, Way] = MappingProxyType(
    {
        Spoiling.BLUR_7: _blurred(7),
        Spoiling.BLUR_11: _blurred(11),
        Spoiling.BLUR_15: _blurred(15),
        Spoiling.SOFT: _soft,
        Spoiling.TURNED_25: _turned(25),
        Spoiling.TURNED_40: _turned(40),
        Spoiling.DARK: _dark,
        Spoiling.NOISE: _noisy,
        Spoiling.BLOCK: _block,
        Spoiling.EYES: _box(0.27, 0.5, 0.05, 0.95, 0),
        Spoiling.SUNGLASSES: _covered(cover.glasses),
        Spoiling.HAND: _covered(cover.hand),
        Spoiling.MASK: _covered(cover.mask),
        Spoiling.MOUTH: _box(0.62, 0.95, 0.2, 0.8, None),
        Spoiling.UPSIDE_DOWN: _upside_down,
        Spoiling.SHUFFLED: _shuffled,
        Spoiling.WHITE_NOISE: no_face.noise,
        Spoiling.TEXTURE: no_face.texture,
        Spoiling.THINGS: no_face.things,
        Spoiling.ANIMAL: no_face.animal,
    }
)
