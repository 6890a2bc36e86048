"""Covers on faces as they come in a chair: mask, scarf, hand, pacifier, glare, hair, blanket.

Each function takes one picture (48, 48) uint8 gray whose face fills it, as the detector cuts it,
and a numpy Generator; it returns a new picture and the share of the evidence that is lost, 0 to 1:
our judgement, higher where mouth and eyes are hidden.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Spoiled = tuple[Image, float]
Points = npt.NDArray[np.int32]

EYES_Y, EYES_X, MOUTH = 0.40, (0.30, 0.70), (0.50, 0.76)
"""Where they are in a face that fills the picture, in shares of its side."""

SHIFT = 4
"""cv2 draws to a sixteenth of a pixel."""


def mask(image: Image, rng: np.random.Generator) -> Spoiled:
    """A mask or a scarf: cloth from the nose or below it down over the chin."""
    side = image.shape[0]
    top = rng.uniform(0.48, 0.62) * side
    sag = rng.uniform(-0.04, 0.08) * side
    x = np.linspace(0, side, 9)
    edge = top + sag * np.sin(np.pi * x / side) + rng.uniform(-0.03, 0.03) * side * (x / side - 0.5)
    narrow = rng.uniform(0.0, 0.12) * side if rng.random() < 0.6 else 0.0
    bottom = side * (rng.uniform(0.88, 1.05) if rng.random() < 0.6 else 1.1)
    outline = np.concatenate(
        [
            np.stack([np.clip(x, narrow, side - narrow), edge], 1),
            [[side - 1.5 * narrow, bottom], [1.5 * narrow, bottom]],
        ]
    )
    return _lay(image, _polygon(side, outline), cloth(side, rng), rng), 0.8


def blanket(image: Image, rng: np.random.Generator) -> Spoiled:
    """Cloth from below, up over the mouth or the eyes."""
    side = image.shape[0]
    left, right = rng.uniform(0.35, 0.85, 2) * side
    outline = np.array([[0, left], [side, right], [side, side + 2], [0, side + 2]])
    covers_mouth = (left + right) / 2 < (MOUTH[1] - 0.04) * side
    return _lay(
        image, _polygon(side, outline), cloth(side, rng), rng
    ), 0.85 if covers_mouth else 0.3


def hand(image: Image, rng: np.random.Generator) -> Spoiled:
    """A hand in the skin's own shade, most often over the mouth, else over the eyes or a cheek."""
    side = image.shape[0]
    drawn = rng.random()
    if drawn < 0.5:
        centre, lost = np.array(MOUTH), 0.8
    elif drawn < 0.8:
        centre, lost = np.array([0.5, EYES_Y]), 0.6
    else:
        centre, lost = np.array([rng.choice([0.2, 0.8]), rng.uniform(0.4, 0.8)]), 0.3
    centre = (centre + rng.uniform(-0.05, 0.05, 2)) * side
    covered = np.zeros((side, side), np.float32)
    turn = rng.uniform(0, 360)
    palm = (rng.uniform(0.19, 0.28) * side, rng.uniform(0.15, 0.22) * side)
    _ellipse(covered, centre, palm, turn)
    along = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
    across = np.array([-along[1], along[0]])
    shade = np.clip(_skin(image) + rng.uniform(-25, 25), 10, 245)
    filling = np.full((side, side), shade, np.float32)
    for n in range(4):
        root = centre + across * (n - 1.5) * palm[1] * 0.55 + along * palm[0] * 0.7
        tip = root + along * palm[0] * rng.uniform(0.5, 0.9)
        thick = max(2, round(palm[1] * 0.42))
        _line(covered, root, tip, 1.0, thick)
        _line(filling, root, tip, shade * 0.8, 1)
    return _lay(image, covered, filling + _soft_noise(side, rng, 8.0), rng), lost


def pacifier(image: Image, rng: np.random.Generator) -> Spoiled:
    """A shield with a knob on the mouth."""
    side = image.shape[0]
    centre = (np.array(MOUTH) + rng.uniform(-0.03, 0.03, 2)) * side
    radius = rng.uniform(0.12, 0.2) * side
    covered = np.zeros((side, side), np.float32)
    _ellipse(covered, centre, (radius * rng.uniform(1.0, 1.4), radius), 0.0)
    filling = np.full((side, side), rng.uniform(20, 250), np.float32)
    _ellipse(filling, centre, (radius * 0.45, radius * 0.45), 0.0, rng.uniform(20, 250))
    return _lay(image, covered, filling, rng), 0.75


def glasses(image: Image, rng: np.random.Generator) -> Spoiled:
    """Sunglasses, a bar over the eyes, or spectacles in which a lamp is mirrored."""
    side, kind = image.shape[0], rng.integers(0, 3)
    y = (EYES_Y + rng.uniform(-0.04, 0.04)) * side
    covered = np.zeros((side, side), np.float32)
    if kind == 0:
        half = rng.uniform(0.07, 0.13) * side
        outline = np.array([[0, y - half], [side, y - half], [side, y + half], [0, y + half]])
        covered = _polygon(side, outline)
        shade, lost = rng.uniform(0, 255), 0.6
    else:
        for x in EYES_X:
            _ellipse(covered, np.array([x * side, y]), (0.15 * side, 0.1 * side), 0.0)
        _line(covered, np.array([0.3 * side, y]), np.array([0.7 * side, y]), 1.0, 1)
        dark = kind == 1
        shade, lost = (
            (rng.uniform(5, 60) if dark else rng.uniform(200, 255)),
            (0.6 if dark else 0.5),
        )
    filling = np.full((side, side), shade, np.float32)
    opacity = rng.uniform(0.8, 1.0)
    return _lay(image, covered * np.float32(opacity), filling, rng), lost * opacity


def hair(image: Image, rng: np.random.Generator) -> Spoiled:
    """Strands that hang over brow and eyes, or a whole curtain on one side."""
    side = image.shape[0]
    covered = np.zeros((side, side), np.float32)
    filling = _soft_noise(side, rng, 15.0) + rng.uniform(5, 120)
    reach = rng.uniform(0.3, 0.75)
    middle, spread = rng.uniform(0.1, 0.9) * side, rng.uniform(0.1, 0.35) * side
    for _ in range(int(rng.integers(12, 40))):
        x = rng.normal(middle, spread)
        tip = np.array([x + rng.normal(0, 3), rng.uniform(0.6, 1.0) * reach * side])
        _line(covered, np.array([x, -1.0]), tip, 1.0, int(rng.integers(1, 4)))
        _line(filling, np.array([x + 1, -1.0]), tip, rng.uniform(5, 140), 1)
    eyes = covered[round(0.34 * side) : round(0.46 * side), round(0.18 * side) : round(0.82 * side)]
    return _lay(image, covered, filling, rng), float(np.clip(eyes.mean() * 0.8, 0.1, 0.7))


def tube(image: Image, rng: np.random.Generator) -> Spoiled:
    """A nasal cannula: a thin tube under the nose and over the cheeks."""
    side = image.shape[0]
    nose = np.array([0.5, rng.uniform(0.6, 0.66)]) * side
    covered = np.zeros((side, side), np.float32)
    for x in (0.0, 1.0):
        end = np.array([x, rng.uniform(0.4, 0.55)]) * side
        bend = np.array([0.5 + (x - 0.5) * 0.45, rng.uniform(0.6, 0.66)]) * side
        for one, other in ((nose, bend), (bend, end)):
            _line(covered, one, other, 1.0, int(rng.integers(1, 3)))
    filling = np.full((side, side), rng.uniform(120, 240), np.float32)
    return _lay(image, covered, filling, rng), 0.1


def patch(image: Image, rng: np.random.Generator) -> Spoiled:
    """Anything else in front: a box or a disc of cloth, anywhere."""
    side = image.shape[0]
    size = rng.uniform(0.25, 0.6, 2) * side
    centre = rng.uniform(0.2, 0.8, 2) * side
    covered = np.zeros((side, side), np.float32)
    if rng.random() < 0.5:
        _ellipse(covered, centre, (size[0] / 2, size[1] / 2), rng.uniform(0, 180))
    else:
        (x0, y0), (x1, y1) = centre - size / 2, centre + size / 2
        covered = _polygon(side, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    weight = face_weight(side)
    lost = float((covered * weight).sum() / weight.sum())
    return _lay(image, covered, cloth(side, rng), rng), min(0.9, 1.6 * lost)


def face_weight(side: int) -> npt.NDArray[np.float32]:
    """(side, side) how much of an expression is at each place: most at mouth and eyes."""
    weight = np.full((side, side), 0.05, np.float32)
    for x in EYES_X:
        _ellipse(weight, np.array([x, EYES_Y - 0.04]) * side, (0.16 * side, 0.13 * side), 0.0)
    _ellipse(weight, np.array(MOUTH) * side, (0.22 * side, 0.14 * side), 0.0)
    return weight


def cloth(side: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """(side, side) plain, striped, chequered or folded cloth, lit from one side."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    turn = rng.uniform(0, np.pi)
    along = x * np.cos(turn) + y * np.sin(turn)
    shade, depth = rng.uniform(10, 245), rng.uniform(5, 60)
    kind = rng.integers(0, 4)
    if kind == 1:
        pattern = np.sign(np.sin(along * rng.uniform(0.4, 2.0)))
    elif kind == 2:
        step = rng.uniform(0.4, 1.6)
        pattern = np.sign(np.sin(x * step) * np.sin(y * step))
    elif kind == 3:
        pattern = np.sin(along * rng.uniform(0.1, 0.5) + rng.uniform(0, 6))
    else:
        pattern = np.zeros_like(x)
    light = rng.uniform(-0.6, 0.6) * (x - side / 2) + rng.uniform(-0.6, 0.6) * (y - side / 2)
    drawn = shade + depth * pattern + light + _soft_noise(side, rng, rng.uniform(0, 8))
    return np.asarray(np.clip(drawn, 0, 255), np.float32)


COVERS: tuple[Callable[[Image, np.random.Generator], Spoiled], ...] = (
    mask,
    mask,
    hand,
    hand,
    glasses,
    patch,
    pacifier,
    blanket,
    hair,
    tube,
)
"""The likelier ones more than once."""


def cover(image: Image, rng: np.random.Generator) -> Spoiled:
    """One of them."""
    return COVERS[int(rng.integers(0, len(COVERS)))](image, rng)


def _lay(
    image: Image,
    covered: npt.NDArray[np.float32],
    filling: npt.NDArray[np.float32],
    rng: np.random.Generator,
) -> Image:
    """The filling over the picture where it is covered, with an edge as soft as the picture's."""
    soft = cv2.GaussianBlur(covered, (0, 0), rng.uniform(0.3, 0.9))
    mixed = image * (1 - soft) + filling * soft
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _skin(image: Image) -> float:
    side = image.shape[0]
    cheeks = image[round(0.5 * side) : round(0.65 * side), round(0.2 * side) : round(0.8 * side)]
    return float(np.median(cheeks))


def _soft_noise(side: int, rng: np.random.Generator, depth: float) -> npt.NDArray[np.float32]:
    small = rng.standard_normal((8, 8)).astype(np.float32)
    return np.asarray(depth * cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC))


def _polygon(side: int, outline: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    covered = np.zeros((side, side), np.float32)
    points = np.rint(outline * (1 << SHIFT)).astype(np.int32)
    cv2.fillPoly(covered, [points], 1.0, cv2.LINE_8, SHIFT)
    return covered


def _ellipse(
    canvas: npt.NDArray[np.float32],
    centre: npt.NDArray[np.floating],
    axes: tuple[float, float],
    turn_deg: float,
    value: float = 1.0,
) -> None:
    x, y = (round(float(c) * (1 << SHIFT)) for c in centre)
    reach = tuple(max(1, round(a * (1 << SHIFT))) for a in axes)
    cv2.ellipse(canvas, (x, y), reach, turn_deg, 0, 360, value, -1, cv2.LINE_8, SHIFT)


def _line(
    canvas: npt.NDArray[np.float32],
    one: npt.NDArray[np.floating],
    other: npt.NDArray[np.floating],
    value: float,
    thick: int,
) -> None:
    ends = [tuple(round(float(c) * (1 << SHIFT)) for c in point) for point in (one, other)]
    cv2.line(canvas, ends[0], ends[1], value, thick, cv2.LINE_8, SHIFT)
