"""The pictures that detectors are compared on: children that nobody is, no faces, and clips."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.face_detector import Gray, Square
from calmloop.synth.geometry import FRONTAL, Posture
from calmloop.synth.mesh import load_mesh
from calmloop.synth.plan import ROUND, plan
from calmloop.synth.scene import FaceSquare, Shot, Studio
from calmloop.training.augment import no_face
from calmloop.training.data.faces import UInt8Array

Row = tuple[str, str]
"""Series and value of a row of the table."""

HEIGHT_PX, WIDTH_PX = 240, 320
"""What the product's detector searches of a camera's 640 by 480."""
DRAWN_PX = 192
"""Side of a child's picture before it is put into its place; its face has half of it."""
ROUNDS = 10
"""Of the plan, one with each skin tone; the children are drawn from all of them."""
ANIMAL_PX = 48
NOISE_LEVELS = 2.0
EMPTY = ("noise", "clouds", "texture", "things", "animal")
"""Of `calmloop.training.augment.no_face`: what has no face in it."""


class PictureRecipe(BaseModel):
    """Which pictures; the same for the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    children: Annotated[int, Field(ge=1, le=ROUNDS * ROUND)] = 126
    """The same ones in each row of sizes, turns and tilts."""
    sizes_px: tuple[Annotated[int, Field(ge=16, le=120)], ...] = (24, 32, 48, 64, 96)
    yaws_deg: tuple[Annotated[int, Field(ge=0, le=90)], ...] = (20, 40, 60, 80)
    rolls_deg: tuple[Annotated[int, Field(ge=0, le=180)], ...] = (20, 40, 60)
    turned_px: Annotated[int, Field(ge=16, le=120)] = 64
    """Side of turned and of tilted faces."""
    empty: Annotated[int, Field(ge=0, le=100_000)] = 200
    """Pictures without a face of each kind."""
    seed: Annotated[int, Field(ge=0)] = 1


@dataclass(frozen=True)
class ShownPicture:
    """One to look at.

    Attributes:
        gray: Shape (height, width), uint8.
        series: What is compared: size, yaw, roll, empty, or clip.
        value: Which of it.
        face: Where the only face is; None where none is, or nobody has said.
    """

    gray: Gray
    series: str
    value: str
    face: Square | None = None


def drawn_children(recipe: PictureRecipe, assets: Path) -> Iterator[ShownPicture]:
    """Each child frontal in all sizes, then turned, then tilted, to either side by turns.

    Raises:
        InputError: the folder is not that of MPFB's assets.
    """
    studio = Studio(load_mesh(assets), DRAWN_PX)
    rng = np.random.default_rng((recipe.seed, 0))
    chosen = set(rng.choice(ROUNDS * ROUND, recipe.children, replace=False).tolist())
    planned = islice(plan(ROUNDS * ROUND, recipe.seed, plain=True), ROUNDS * ROUND)
    for number, one in enumerate(each for each in planned if each.number in chosen):
        side = 1 if number % 2 else -1
        frontal = studio.draw(replace(one.shot, pose=FRONTAL))
        for size in recipe.sizes_px:
            yield _placed(*frontal, size, rng, ("size", f"{size} px"))
        for angle, series, shot in _posed(one.shot, recipe, side):
            yield _placed(*studio.draw(shot), recipe.turned_px, rng, (series, f"{angle}°"))


def _posed(shot: Shot, recipe: PictureRecipe, side: int) -> Iterator[tuple[int, str, Shot]]:
    for yaw in recipe.yaws_deg:
        yield yaw, "yaw", replace(shot, pose=Posture(yaw_deg=side * yaw))
    for roll in recipe.rolls_deg:
        yield roll, "roll", replace(shot, pose=Posture(roll_deg=side * roll))


def _placed(
    pixels: UInt8Array, at: FaceSquare, size_px: int, rng: np.random.Generator, row: Row
) -> ShownPicture:
    """The drawing somewhere in a whole picture; its outermost pixels go on to the edges."""
    factor = size_px / at.side
    side = round(factor * pixels.shape[0])
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (side, side), interpolation=cv2.INTER_AREA)
    top, left = int(rng.integers(HEIGHT_PX - side + 1)), int(rng.integers(WIDTH_PX - side + 1))
    room = (top, HEIGHT_PX - side - top, left, WIDTH_PX - side - left)
    whole = cv2.copyMakeBorder(small, *room, cv2.BORDER_REPLICATE)
    noisy = whole + rng.normal(0, NOISE_LEVELS, whole.shape)
    middle = factor * (at.left + at.side / 2), factor * (at.top + at.side / 2)
    face = Square(middle[0] + left, middle[1] + top, float(size_px))
    return ShownPicture(np.clip(noisy, 0, 255).astype(np.uint8), *row, face)


def empty_pictures(recipe: PictureRecipe) -> Iterator[ShownPicture]:
    """So many of each kind."""
    rng = np.random.default_rng((recipe.seed, 1))
    for kind in EMPTY:
        side = ANIMAL_PX if kind == "animal" else HEIGHT_PX
        for _ in range(recipe.empty):
            drawn = getattr(no_face, kind)(np.zeros((side, side), np.uint8), rng)
            whole = cv2.resize(drawn, (HEIGHT_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
            yield ShownPicture(np.asarray(whole, np.uint8), "empty", kind)


def clip_pictures(clips: Path, every: int) -> Iterator[ShownPicture]:
    """Some frames of each .mp4 of a folder, as high as the others; their faces are unknown.

    Raises:
        InputError: there is none, or one cannot be read.
    """
    files = sorted(clips.glob("*.mp4"))
    if not files:
        raise InputError(f"{clips} has no .mp4: name a folder with clips, or leave --clips out")
    for file in files:
        frames = list(islice(_frames(file), 0, None, every))
        if not frames:
            raise InputError(f"{file} cannot be read as a video: take it out of the folder")
        for gray in frames:
            factor = HEIGHT_PX / gray.shape[0]
            small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            yield ShownPicture(np.asarray(small, np.uint8), "clip", file.name)


def _frames(file: Path) -> Iterator[Gray]:
    capture = cv2.VideoCapture(str(file))
    while True:
        is_there, frame = capture.read()
        if not is_there:
            return
        yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
