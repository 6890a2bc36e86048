"""Faces drawn with a few lines, one way for each emotion: what a network learns in seconds."""

import cv2
import numpy as np

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import FACE_SIDE_PX, Faces, UInt8Array, Usage
from calmloop.training.data.labels import FER_PLUS_COLUMN_OF, FER_PLUS_COLUMNS

MOUTHS = {
    "angry": (0, 0, 9, 3),
    "disgust": (0, 0, 4, 2),
    "fear": (0, 360, 8, 3),
    "happy": (10, 170, 10, 7),
    "sad": (190, 350, 10, 7),
    "surprise": (0, 360, 4, 8),
    "neutral": (80, 100, 10, 1),
}
"""From and to which angle of an ellipse, and its half axes; with no arc a straight line."""
BROWS = {"angry": 4, "disgust": 2, "fear": -4, "sad": -3, "surprise": -1}


def draw(emotion: str, rng: np.random.Generator) -> UInt8Array:
    face = np.full((FACE_SIDE_PX, FACE_SIDE_PX), int(rng.integers(150, 220)), np.uint8)
    x, y = (int(24 + rng.integers(-3, 4)) for _ in range(2))
    for side in (-1, 1):
        eye = (x + side * 9, y - 8)
        cv2.circle(face, eye, 4 if emotion in ("fear", "surprise") else 2, 30, -1)
        tilt = BROWS.get(emotion, 0) * side
        cv2.line(face, (eye[0] - 5, eye[1] - 7 + tilt), (eye[0] + 5, eye[1] - 7 - tilt), 30, 2)
    start, end, wide, high = MOUTHS[emotion]
    if start == end:
        cv2.line(face, (x - wide, y + 11), (x + wide, y + 11 - high), 30, 2)
    else:
        cv2.ellipse(face, (x, y + 11), (wide, high), 0, start, end, 30, 2)
    noise = rng.normal(0, 6, face.shape)
    return np.clip(face + noise, 0, 255).astype(np.uint8)


def drawn_faces(count: int, seed: int, *, fear_looks_surprised: bool = False) -> Faces:
    """Every emotion as often; a fifth of them PublicTest.

    With ``fear_looks_surprised`` the votes call fear surprise, as FER+ often names otherwise.
    """
    rng = np.random.default_rng(seed)
    emotion = np.arange(count) % len(EMOTIONS)
    images = np.stack([draw(EMOTIONS[n], rng) for n in emotion])
    usage = np.where(np.arange(count) % 5 == 4, Usage.PUBLIC_TEST.value, Usage.TRAINING.value)
    votes = np.zeros((count, len(FER_PLUS_COLUMNS)), np.int64)
    named = ["surprise" if fear_looks_surprised and e == "fear" else e for e in EMOTIONS]
    columns = [FER_PLUS_COLUMNS.index(FER_PLUS_COLUMN_OF[name]) for name in named]
    votes[np.arange(count), np.array(columns)[emotion]] = 10
    return Faces(images, emotion.astype(np.int64), usage, votes)
