"""The paper's augmentations, boxes moved along: light, contrast, mirrored, turned by 10 degrees."""

from dataclasses import replace

import cv2
import numpy as np

from calmloop.papers.frcnn.pictures import LabelledPicture
from calmloop.training.data.faces import FloatArray, UInt8Array

BRIGHTNESS, CONTRAST, TURN_DEG = 0.2, 0.2, 10.0
MIRRORED_P = 0.5


def augmented(picture: LabelledPicture, rng: np.random.Generator) -> LabelledPicture:
    """One way that the picture might have been taken."""
    pixels, boxes = lit(picture.pixels, rng), picture.boxes
    if rng.random() < MIRRORED_P:
        pixels, boxes = mirrored(pixels, boxes)
    pixels, boxes = turned(pixels, boxes, float(rng.uniform(-TURN_DEG, TURN_DEG)))
    return replace(picture, pixels=pixels, boxes=boxes)


def lit(pixels: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Brightness by up to a fifth either way, contrast times 0.8 to 1.2."""
    shift = 255 * rng.uniform(-BRIGHTNESS, BRIGHTNESS)
    factor = rng.uniform(1 - CONTRAST, 1 + CONTRAST)
    middle = float(pixels.mean())
    changed = (pixels.astype(np.float32) - middle) * factor + middle + shift
    out: UInt8Array = np.clip(changed, 0, 255).astype(np.uint8)
    return out


def mirrored(pixels: UInt8Array, boxes: FloatArray) -> tuple[UInt8Array, FloatArray]:
    """Left and right exchanged."""
    moved = boxes.copy()
    moved[:, [0, 2]] = pixels.shape[1] - boxes[:, [2, 0]]
    shown: UInt8Array = np.ascontiguousarray(pixels[:, ::-1])
    return shown, moved


def turned(
    pixels: UInt8Array, boxes: FloatArray, angle_deg: float
) -> tuple[UInt8Array, FloatArray]:
    """Turned about the middle; a box keeps its size and goes where its middle goes.

    The box around a turned box would hold less face and more of what is beside it.
    """
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    shown = cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2
    moved = middles @ turn[:, :2].T + turn[:, 2]
    around = np.concatenate([moved - halves, moved + halves], axis=1)
    around[:, [0, 2]] = around[:, [0, 2]].clip(0, width)
    around[:, [1, 3]] = around[:, [1, 3]].clip(0, height)
    return np.asarray(shown, np.uint8), around.astype(np.float32)
