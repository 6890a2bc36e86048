"""What of a folder can be annotated, and what is left out and why."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from calmloop.camera import PICTURE_SUFFIXES

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".3gp"}
)
OURS = "-annotated"
NO_PICTURE = "is no picture that can be read here"


@dataclass
class Listing:
    """A folder's files, each in the order of their names.

    Attributes:
        skipped: Why, by path; nothing is wrong with these.
        unreadable: Named like a picture, and none that can be read here.
    """

    pictures: list[Path] = field(default_factory=list)
    videos: list[Path] = field(default_factory=list)
    skipped: dict[Path, str] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)


def listed(folder: Path) -> Listing:
    """Sorts what is in a folder; other folders in it are not entered.

    Raises:
        OSError: it cannot be listed.
    """
    found = Listing()
    for path in sorted(folder.iterdir()):
        suffix = path.suffix.lower()
        if not path.is_file():
            found.skipped[path] = "is no file; folders are not entered"
        elif path.stem.endswith(OURS):
            found.skipped[path] = "was written by this command"
        elif is_picture(path):
            found.pictures.append(path)
        elif suffix in VIDEO_SUFFIXES:
            found.videos.append(path)
        elif suffix in PICTURE_SUFFIXES:
            found.unreadable[path] = NO_PICTURE
        else:
            found.skipped[path] = "is neither a picture nor a video"
    return found


def is_picture(path: Path) -> bool:
    """Whether a file begins as a picture does, whatever its name says."""
    if not path.is_file():
        return False
    # As bytes, since OpenCV crashes on a name that is no UTF-8.
    name: str = os.fsencode(path.resolve())  # type: ignore[assignment]
    return bool(cv2.haveImageReader(name))


def annotated_name(path: Path, suffix: str) -> str:
    """The name of what is written: the suffix stays in it, since `a.jpg` may lie beside `a.png`."""
    return f"{path.name}{OURS}{suffix}"
