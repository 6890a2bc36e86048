"""What an expert said of a clip's segments as boxes for LabelImg: a picture a segment.

The face is where the device's own detector finds it; what it shows is the expert's word alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calmloop.annotate.reading import FaceAnnotation, PictureReader
from calmloop.base.errors import InputError
from calmloop.camera import Picture
from calmloop.contract.messages.emotion import Label
from calmloop.labelling.boxes import BoxedPicture, FaceBox, Size, inside
from calmloop.labelling.segments import Clip, Reel, Segment
from calmloop.labelling.voc import write_voc_file
from calmloop.labelling.yolo import write_yolo_file
from calmloop.synth.writing import write_picture


class BoxStyle(StrEnum):
    """Which of LabelImg's formats."""

    VOC = "voc"
    YOLO = "yolo"


WRITE = {BoxStyle.VOC: write_voc_file, BoxStyle.YOLO: write_yolo_file}


class Left(StrEnum):
    """Why a segment that was answered has no picture."""

    NO_FACE = "no face was found in it"
    OTHERS = "more than one face was found in it"


@dataclass(frozen=True)
class Exported:
    """One segment that was answered: where its picture is, or why there is none."""

    item: str
    written: Path | None
    left: Left | None = None


def export_boxes(
    clip: Clip,
    segments: list[Segment],
    answers: Mapping[str, Label],
    reader: PictureReader,
    folder: Path,
    style: BoxStyle,
) -> Iterator[Exported]:
    """Writes a picture with its box for each segment that was answered, in the clip's order.

    A picture with several faces is left out: only one of them has a label, and the others would
    be learned as no face.

    Raises:
        InputError: no answer is for a segment of this clip, or the clip has gone.
        OutputError: something cannot be written.
    """
    answered = [segment for segment in segments if segment.item in answers]
    if not answered:
        raise InputError(
            f"no answer is for a segment of {clip.name}: name the labels of this clip, and give"
            " --every as when they were given"
        )
    reader.reset()
    reel = Reel(clip.path)
    try:
        for segment in answered:
            yield _export(clip, segment, answers[segment.item], reader, reel, folder, style)
    finally:
        reel.close()


def _export(
    clip: Clip,
    segment: Segment,
    group: Label,
    reader: PictureReader,
    reel: Reel,
    folder: Path,
    style: BoxStyle,
) -> Exported:
    shown = _nearest_the_middle(clip, segment, reader, reel)
    if shown is None:
        return Exported(segment.item, None, Left.NO_FACE)
    picture, seen = shown
    if seen.others:
        return Exported(segment.item, None, Left.OTHERS)
    path = folder / f"{segment.item}.jpg"
    boxed = _boxed(path, picture, seen, group)
    write_picture(path, picture)
    WRITE[style](boxed)
    return Exported(segment.item, path)


def _nearest_the_middle(
    clip: Clip, segment: Segment, reader: PictureReader, reel: Reel
) -> tuple[Picture, FaceAnnotation] | None:
    """Of a segment's frames with a face; all are read, so that the face is followed."""
    best: tuple[Picture, FaceAnnotation] | None = None
    middle = (segment.frames[0] + segment.frames[-1]) / 2
    nearest = float("inf")
    for number in segment.frames:
        picture = reel.picture(number)
        if picture is None:
            continue
        seen = reader.see(picture, clip.at_s(number))
        if seen.square is not None and abs(number - middle) < nearest:
            best, nearest = (picture, seen), abs(number - middle)
    return best


def _boxed(path: Path, picture: Picture, seen: FaceAnnotation, group: Label) -> BoxedPicture:
    assert seen.square is not None
    height, width = picture.shape[:2]
    size, square = Size(width, height), seen.square
    edges = (square.left, square.top, square.left + square.side, square.top + square.side)
    most = (float(width), float(height)) * 2
    left, top, right, bottom = (
        max(0.0, min(edge, end)) for edge, end in zip(edges, most, strict=True)
    )
    face = FaceBox(left, top, right, bottom, group)
    return BoxedPicture(path, size, (inside(face, size, str(path)),))
