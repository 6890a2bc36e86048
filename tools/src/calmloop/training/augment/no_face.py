"""Pictures on which there is no face to read: noise, textures, shuffled faces, things, animals.

Each function takes a picture of a face (48, 48) uint8 gray, which some cut up and others ignore,
and a numpy Generator, and returns a new picture of the same shape.
"""

from collections.abc import Callable

import cv2
import numpy as np

from calmloop.training.augment.cover import Image, cloth


def noise(image: Image, rng: np.random.Generator) -> Image:
    """White noise of any depth about any gray."""
    if rng.random() < 0.3:
        return np.asarray(rng.uniform(0, 256, image.shape), np.uint8)
    drawn = rng.uniform(20, 235) + rng.uniform(2, 90) * rng.standard_normal(image.shape)
    return np.clip(drawn, 0, 255).astype(np.uint8)


def clouds(image: Image, rng: np.random.Generator) -> Image:
    """Noise of several scales, as bark, foliage, walls and clouds have it."""
    side = image.shape[0]
    fall = rng.uniform(0.3, 1.2)
    out = np.zeros((side, side), np.float32)
    for cells in (2, 4, 8, 16, 32):
        part = rng.standard_normal((cells, cells)).astype(np.float32)
        out += cells**-fall * cv2.resize(part, (side, side), interpolation=cv2.INTER_CUBIC)
    out = (out - out.mean()) / (out.std() + 1e-3)
    drawn = rng.uniform(60, 190) + rng.uniform(10, 70) * out
    clouded: Image = np.clip(drawn, 0, 255).astype(np.uint8)
    return clouded


def texture(image: Image, rng: np.random.Generator) -> Image:
    """Cloth, stripes, chequers, a plain wall."""
    return cloth(image.shape[0], rng).astype(np.uint8)


def shuffled(image: Image, rng: np.random.Generator) -> Image:
    """The face's own tiles in another order."""
    return shuffle(image, int(rng.choice([2, 3, 4, 6, 8])), rng)


def shuffle(image: Image, tiles: int, rng: np.random.Generator) -> Image:
    """Its `tiles` by `tiles` tiles in another order, of which few stay where they were."""
    side = image.shape[0]
    step = side // tiles
    cut = image.reshape(tiles, step, tiles, step).swapaxes(1, 2).reshape(-1, step, step)
    order = rng.permutation(len(cut))
    while (order == np.arange(len(cut))).sum() > len(cut) // 4:
        order = rng.permutation(len(cut))
    mixed = cut[order].reshape(tiles, tiles, step, step).swapaxes(1, 2)
    return np.ascontiguousarray(mixed.reshape(side, side))


def upside_down(image: Image, rng: np.random.Generator) -> Image:
    """The face on its head, or lying."""
    side = image.shape[0]
    turn = rng.uniform(75, 285)
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn, rng.uniform(0.9, 1.2))
    turned = cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def scrap(image: Image, rng: np.random.Generator) -> Image:
    """A piece of a face as large as the picture: a cheek, an ear, hair."""
    side = image.shape[0]
    piece = int(rng.integers(side // 6, side // 3))
    corner = rng.choice([0, 1], 2)
    top, left = (int(c * (side - piece)) for c in corner)
    cut = image[top : top + piece, left : left + piece]
    return np.asarray(cv2.resize(cut, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def things(image: Image, rng: np.random.Generator) -> Image:
    """Discs, boxes and bars in front of a background, as furniture and toys are."""
    side = image.shape[0]
    out = clouds(image, rng) if rng.random() < 0.5 else texture(image, rng)
    for _ in range(int(rng.integers(1, 9))):
        shade = int(rng.integers(0, 256))
        x, y = (int(v) for v in rng.integers(-4, side + 4, 2))
        a, b = (int(v) for v in rng.integers(2, side // 2, 2))
        filled = -1 if rng.random() < 0.7 else int(rng.integers(1, 4))
        kind = rng.integers(0, 3)
        if kind == 0:
            turn = int(rng.integers(0, 180))
            cv2.ellipse(out, (x, y), (a, b), turn, 0, 360, shade, filled, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(out, (x - a, y - b), (x + a, y + b), shade, filled)
        else:
            cv2.line(out, (x, y), (x + a - b, y + b), shade, int(rng.integers(1, 6)), cv2.LINE_AA)
    return _softened(out, rng)


def animal(image: Image, rng: np.random.Generator) -> Image:
    """A drawn head with ears, round eyes and a muzzle."""
    side = image.shape[0]
    out = texture(image, rng)
    fur, dark = int(rng.integers(40, 230)), int(rng.integers(0, 60))
    light = min(255, fur + int(rng.integers(10, 80)))
    middle = side // 2
    pointed, spread = rng.random() < 0.5, int(rng.integers(11, 17))
    for way in (-1, 1):
        root = (middle + way * spread, int(rng.integers(6, 14)))
        if pointed:
            tip = (root[0] + way * int(rng.integers(0, 6)), int(rng.integers(-6, 3)))
            ear = np.array([tip, (root[0] - 6, root[1] + 10), (root[0] + 6, root[1] + 10)])
            cv2.fillPoly(out, [ear.astype(np.int32)], fur, cv2.LINE_AA)
        else:
            size = (int(rng.integers(5, 9)), int(rng.integers(5, 16)))
            cv2.ellipse(out, root, size, way * 15, 0, 360, fur, -1, cv2.LINE_AA)
    head = (int(rng.integers(16, 23)), int(rng.integers(15, 22)))
    cv2.ellipse(out, (middle, middle + 2), head, 0, 0, 360, fur, -1, cv2.LINE_AA)
    eye_y, eye_x, eye = int(rng.integers(17, 23)), int(rng.integers(7, 11)), int(rng.integers(2, 5))
    for way in (-1, 1):
        spot = (middle + way * eye_x, eye_y)
        if rng.random() < 0.5:
            cv2.circle(out, spot, eye + 1, light, -1, cv2.LINE_AA)
        cv2.circle(out, spot, eye, dark, -1, cv2.LINE_AA)
        cv2.circle(out, (spot[0] - 1, spot[1] - 1), 1, 240, -1)
    muzzle = (int(rng.integers(7, 12)), int(rng.integers(5, 9)))
    cv2.ellipse(out, (middle, 33), muzzle, 0, 0, 360, light, -1, cv2.LINE_AA)
    nose = (int(rng.integers(2, 5)), int(rng.integers(2, 4)))
    cv2.ellipse(out, (middle, 29), nose, 0, 0, 360, dark, -1, cv2.LINE_AA)
    for way in (-1, 1):
        for rise in (-2, 1):
            end = (middle + way * 20, 33 + rise * int(rng.integers(1, 4)))
            cv2.line(out, (middle + way * 6, 33), end, dark, 1, cv2.LINE_AA)
    return _softened(out, rng)


NO_FACES: tuple[Callable[[Image, np.random.Generator], Image], ...] = (
    noise,
    clouds,
    texture,
    shuffled,
    shuffled,
    upside_down,
    upside_down,
    scrap,
    things,
    things,
    animal,
)


def no_face(image: Image, rng: np.random.Generator) -> Image:
    """One of them."""
    return NO_FACES[int(rng.integers(0, len(NO_FACES)))](image, rng)


def _softened(image: Image, rng: np.random.Generator) -> Image:
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.5))
    drawn = soft + rng.uniform(0, 10) * rng.standard_normal(image.shape)
    return np.clip(drawn, 0, 255).astype(np.uint8)
