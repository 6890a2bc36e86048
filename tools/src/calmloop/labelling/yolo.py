"""YOLO's text, as LabelImg writes and reads it: a line a box, names in classes.txt."""

from collections.abc import Sequence
from pathlib import Path

from calmloop.agreement.answers import GROUP_ORDER
from calmloop.cli.outputs import write_text
from calmloop.contract.messages.emotion import Label
from calmloop.labelling.boxes import (
    BoxedPicture,
    BoxError,
    FaceBox,
    Size,
    group_called,
    inside,
    read_boxes,
)

SUFFIX = ".txt"
CLASSES = "classes.txt"
COLUMNS = "class, middle x, middle y, width, height"


def read_yolo(folder: Path) -> list[BoxedPicture]:
    """The pictures of a folder with a text file beside them; the names are in its classes.txt.

    Raises:
        BoxError: see `read_boxes`, `read_classes` and `read_yolo_file`.
    """
    classes = read_classes(folder / CLASSES)
    return read_boxes(folder, SUFFIX, lambda path, size: read_yolo_file(path, size, classes))


def read_classes(path: Path) -> list[Label]:
    """The group of each number.

    Raises:
        BoxError: there is no such file, or a name in it is no group's and no emotion's.
    """
    lines = _lines(path, "LabelImg writes it beside the boxes, a name a line: put it there")
    named = [
        group_called(line, f"{path} line {n}") for n, line in enumerate(lines, start=1) if line
    ]
    if not named:
        raise BoxError(f"{path} is empty; a name a line is expected, in the order of the numbers")
    return named


def read_yolo_file(path: Path, size: Size, classes: Sequence[Label]) -> list[FaceBox]:
    """The boxes of one file, whose picture is of this size.

    Raises:
        BoxError: a line is not five numbers in their bounds, or its box cannot be used.
    """
    return [
        _face(line, size, classes, f"{path} line {n}")
        for n, line in enumerate(_lines(path, "check its name"), start=1)
        if line
    ]


def _face(line: str, size: Size, classes: Sequence[Label], place: str) -> FaceBox:
    try:
        number, *shares = line.split()
        kind, (x, y, width, height) = int(number), (float(share) for share in shares)
    except ValueError:
        raise BoxError(f"{place}: {line!r} is not five numbers: {COLUMNS}") from None
    if not 0 <= kind < len(classes):
        raise BoxError(
            f"{place}: class {kind}, and {CLASSES} has 0 to {len(classes) - 1}: add its name there"
        )
    if not all(0 <= share <= 1 for share in (x, y, width, height)):
        raise BoxError(
            f"{place}: {line!r} has a number outside 0 to 1; shares of the picture's sides are"
            " expected, not pixels"
        )
    left, top = (x - width / 2) * size.width, (y - height / 2) * size.height
    right, bottom = left + width * size.width, top + height * size.height
    return inside(FaceBox(left, top, right, bottom, classes[kind]), size, place)


def _lines(path: Path, otherwise: str) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BoxError(f"{path} cannot be read ({error.strerror}): {otherwise}") from error
    except UnicodeError as error:
        raise BoxError(f"{path} is no text ({error}): save it as UTF-8") from error
    return [line.strip() for line in text.splitlines()]


def write_yolo_file(picture: BoxedPicture) -> Path:
    """Writes the boxes beside a picture, and classes.txt with the groups in their order; where.

    Raises:
        OutputError: that cannot be written.
    """
    path = picture.path.with_suffix(SUFFIX)
    names = path.parent / CLASSES
    write_text(names, "".join(f"{group.value}\n" for group in GROUP_ORDER))
    write_text(path, "".join(_line(face, picture.size) for face in picture.faces))
    return path


def _line(face: FaceBox, size: Size) -> str:
    x, y = (face.left + face.right) / 2 / size.width, (face.top + face.bottom) / 2 / size.height
    width, height = (face.right - face.left) / size.width, (face.bottom - face.top) / size.height
    return f"{GROUP_ORDER.index(face.group)} {x:.6f} {y:.6f} {width:.6f} {height:.6f}\n"
