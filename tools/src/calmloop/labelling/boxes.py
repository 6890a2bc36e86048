"""Faces in boxes, as LabelImg keeps them: what both of its formats have in common."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from calmloop.agreement.answers import GROUP_NAMED
from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import Label

PICTURES = (".jpg", ".jpeg", ".png", ".bmp")
Picture = npt.NDArray[np.uint8]

SLACK_PX = 1.0
"""A box may end this far outside: LabelImg counts pixels from 1, and rounds."""


class BoxError(InputError):
    """A file of boxes cannot be used; the message names file, value and the next step."""


@dataclass(frozen=True)
class Size:
    """Of a picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class FaceBox:
    """A face in a picture, in its pixels from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float
    group: Label
    difficult: bool = False


@dataclass(frozen=True)
class BoxedPicture:
    """A picture's file, and the faces that were marked in it."""

    path: Path
    size: Size
    faces: tuple[FaceBox, ...]

    @property
    def origin(self) -> str:
        """The clip that it is from, where its name ends in its time, or its folder and name."""
        name = re.sub(r"[@_-][\d.]+(-[\d.]+)?$", "", self.path.stem)
        return f"{self.path.parent.name}/{name}"


def group_called(name: str, place: str) -> Label:
    """The group of a name that a person gave a box: a group's, or an emotion's.

    Raises:
        BoxError: it is neither, or surprise, which is in no group.
    """
    group = GROUP_NAMED.get(name.strip().casefold())
    if group is None:
        expected = ", ".join(GROUP_NAMED)
        raise BoxError(f"{place}: {name!r} is the name of a box; one of {expected} is expected")
    return group


def inside(box: FaceBox, size: Size, place: str) -> FaceBox:
    """The box, cut at the picture's edges.

    Raises:
        BoxError: it is empty, or sticks out further than rounding explains.
    """
    edges = (box.left, box.top, box.right, box.bottom)
    told = ", ".join(f"{edge:g}" for edge in edges)
    if not all(np.isfinite(edges)) or box.right <= box.left or box.bottom <= box.top:
        raise BoxError(f"{place}: the box {told} is empty: draw it anew")
    out = (-box.left, -box.top, box.right - size.width, box.bottom - size.height)
    if max(out) > SLACK_PX:
        raise BoxError(
            f"{place}: the box {told} is not in a picture of {size.width}x{size.height}: it belongs"
            " to another picture, or the picture was shrunk since"
        )
    return FaceBox(
        max(0.0, box.left),
        max(0.0, box.top),
        min(float(size.width), box.right),
        min(float(size.height), box.bottom),
        box.group,
        box.difficult,
    )


def read_picture(path: Path) -> Picture:
    """A picture (H, W, 3) BGR.

    Raises:
        BoxError: it cannot be read.
    """
    picture = cv2.imread(str(path))
    if picture is None:
        raise BoxError(f"{path} is no picture that can be read: remove it and its boxes")
    return np.asarray(picture, np.uint8)


def pictures_in(folder: Path) -> list[Path]:
    """All pictures in a folder and below it, in order.

    Raises:
        BoxError: there is none.
    """
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in PICTURES and path.is_file()
    )
    if not found:
        raise BoxError(f"{folder} holds no picture ({', '.join(PICTURES)}): name LabelImg's folder")
    return found


def read_boxes(
    folder: Path, suffix: str, read: Callable[[Path, Size], Sequence[FaceBox]]
) -> list[BoxedPicture]:
    """The pictures of a folder that have a file of boxes beside them.

    A picture without one was not looked at and is left out; an empty one says that no face is
    there.

    Raises:
        BoxError: there is no such file, or one cannot be used.
    """
    pictures = pictures_in(folder)
    boxed = []
    for path in pictures:
        beside = path.with_suffix(suffix)
        if beside.is_file():
            height, width = read_picture(path).shape[:2]
            size = Size(width, height)
            boxed.append(BoxedPicture(path, size, tuple(read(beside, size))))
    if not boxed:
        raise BoxError(
            f"none of the {len(pictures)} pictures in {folder} has a {suffix} beside it: have"
            " LabelImg save its boxes there"
        )
    return boxed
