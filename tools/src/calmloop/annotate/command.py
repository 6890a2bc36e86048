"""`calmloop annotate`: pictures, a video or a camera in; the same with every face labelled out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress

from calmloop.annotate.choice import (
    ModelOption,
    RotateOption,
    YuNetOption,
    classifier_with,
    detector_with,
)
from calmloop.annotate.drawing import draw
from calmloop.annotate.listing import (
    NO_PICTURE,
    Listing,
    annotated_name,
    is_picture,
    listed,
)
from calmloop.annotate.reading import FaceAnnotation, PictureReader
from calmloop.annotate.video import (
    VideoWriter,
    constant_fps,
    frame_times,
    pictures_of,
    video_fps,
)
from calmloop.base.clock import ManualClock, SystemClock, monotonic_s
from calmloop.base.errors import DeviceError, InputError
from calmloop.camera import (
    PICTURE_SUFFIXES,
    SIMULATED,
    Picture,
    Rotation,
    is_cut_jpeg,
    named_source,
    turned,
)
from calmloop.cli.failures import failures_reported, say
from calmloop.cli.outputs import folder_option, whole_file

CAMERA_FPS = 15.0
DEFAULT_SECONDS = 10.0


@dataclass
class AnnotationCount:
    """What was found in the pictures that were written, and what could not be read."""

    labels: Counter[str] = field(default_factory=Counter)
    written: int = 0
    failed: int = 0


def annotate(
    source: Annotated[str, typer.Argument(help="A picture, a folder, a video, or a camera.")],
    out: Annotated[Path, folder_option(help="Folder, made if it is missing.")],
    model: ModelOption = None,
    yunet: YuNetOption = None,
    rotate: RotateOption = Rotation.NONE,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="From a camera: how long.")
    ] = DEFAULT_SECONDS,
) -> None:
    """Draws the child's face, its emotion and confidence as the services see them; frames others.

    This writes pictures to disk, which no service ever does. Exit code 1: something of the source
    could not be read; the rest is written.
    """
    with failures_reported():
        perception = PictureReader(detector_with(yunet), classifier_with(model))
        outcome = AnnotationRun(perception, rotate, out, Console(stderr=True)).annotate(
            source, seconds
        )
    seen = ", ".join(f"{label} {count}" for label, count in outcome.labels.most_common())
    if outcome.written:
        typer.echo(f"{seen or 'no face'}; {outcome.written} written to {out}", err=True)
    if outcome.failed or not outcome.written:
        count = outcome.failed or "nothing is written, since all"
        say(f"{count} could not be read: see above", failed=True)
        raise typer.Exit(1)


class AnnotationRun:
    """One run of the command."""

    def __init__(
        self, perception: PictureReader, rotation: Rotation, out: Path, console: Console
    ) -> None:
        self._perception = perception
        self._rotation = rotation
        self._out = out
        self._console = console
        self._outcome = AnnotationCount()

    def annotate(self, source: str, seconds: float) -> AnnotationCount:
        """Reads a source and writes what is seen.

        Raises:
            InputError: the source is not there, or holds nothing that can be annotated.
            OutputError: the folder cannot be written.
        """
        path = Path(source)
        if path.is_dir():
            self._folder(path)
        elif is_picture(path):
            self._each([path], [])
        elif path.suffix.lower() in PICTURE_SUFFIXES and path.is_file():
            raise InputError(f"{path} {NO_PICTURE}: copy it anew")
        elif path.is_file():
            self._video(path)
        elif "://" in source or source.isdecimal() or source == SIMULATED or path.exists():
            self._camera(source, seconds)
        else:
            raise InputError(f"{source} is not there: name a picture, a folder, a video or camera")
        return self._outcome

    def _folder(self, path: Path) -> None:
        found = listed(path)
        self._tell_left_out(found)
        if not found.pictures and not found.videos:
            raise InputError(f"{path} holds no picture and no video that can be read")
        self._each(found.pictures, found.videos)

    def _tell_left_out(self, found: Listing) -> None:
        for left, why in found.skipped.items():
            typer.echo(f"passed over: {left} {why}", err=True)
        for left, why in found.unreadable.items():
            self._fail(f"passed over: {left} {why}")

    def _each(self, pictures: list[Path], videos: list[Path]) -> None:
        with Progress(console=self._console) as progress:
            for path in progress.track(pictures, description="pictures"):
                self._picture(path)
        for path in videos:
            try:
                self._video(path)
            except InputError as error:
                self._fail(str(error))

    def _picture(self, path: Path) -> None:
        try:
            picture = read_picture(path)
        except TooLargeError:
            typer.echo(f"passed over: {path} has more pixels than can be read", err=True)
            return
        if picture is None:
            self._fail(f"passed over: {path} cannot be read: it is damaged")
            return
        picture = turned(picture, self._rotation)
        drawn = self._drawn(picture, self._perception.see_still(picture))
        encoded = cv2.imencode(".png", drawn)[1]
        with whole_file(self._out / annotated_name(path, ".png")) as file:
            file.write(encoded.tobytes())
        self._outcome.written += 1

    def _video(self, path: Path) -> None:
        times = frame_times(path)
        fps = constant_fps(times, video_fps(path))
        target = self._out / annotated_name(path, ".mp4")
        timed = zip(pictures_of(path), times, strict=False)
        self._write_video(timed, target, fps, len(times))

    def _camera(self, source: str, seconds: float) -> None:
        target = self._out / "camera-annotated.mp4"
        count = round(seconds * CAMERA_FPS)
        self._write_video(self._from_camera(source, seconds), target, CAMERA_FPS, count)

    def _from_camera(self, source: str, seconds: float) -> Iterator[tuple[Picture | None, float]]:
        """A camera's pictures and when each came, in seconds after the first."""
        clock = ManualClock() if source == SIMULATED else SystemClock()
        opened = named_source(source, clock)
        began_s: float | None = None
        try:
            opened.open()
            while opened.grab():
                now_s = monotonic_s(clock)
                began_s = now_s if began_s is None else began_s
                if now_s - began_s >= seconds:
                    return
                yield opened.picture(), now_s - began_s
                if isinstance(clock, ManualClock):
                    clock.advance(1 / CAMERA_FPS)
        except DeviceError as error:
            if began_s is None:
                raise InputError(str(error)) from error
            self._fail(f"{error}: what came before is written")
        finally:
            opened.close()

    def _write_video(
        self, timed: Iterator[tuple[Picture | None, float]], target: Path, fps: float, count: int
    ) -> None:
        self._perception.reset()
        with VideoWriter(target, fps) as writer, Progress(console=self._console) as progress:
            for picture, at_s in progress.track(timed, total=count, description=target.name):
                if picture is not None:
                    upright = turned(picture, self._rotation)
                    answer = self._perception.see(upright, at_s)
                    writer.show(self._drawn(upright, answer), at_s)
        if writer.frames:
            self._outcome.written += 1
        else:
            self._fail(f"{target.name} is not written: no picture of it can be decoded")

    def _drawn(self, picture: Picture, answer: FaceAnnotation) -> Picture:
        if answer.square is not None:
            self._outcome.labels[answer.label] += 1
        return draw(picture, answer)

    def _fail(self, text: str) -> None:
        say(text, failed=True)
        self._outcome.failed += 1


class TooLargeError(InputError):
    """A picture that is whole for all we know, and has more pixels than OpenCV takes."""


def read_picture(path: Path) -> Picture | None:
    """A picture file, BGR and uint8; None if it cannot be read, or is a JPEG that is cut.

    Raises:
        TooLargeError: it has more pixels than OpenCV takes.
    """
    try:
        data = path.read_bytes()
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except OSError:
        return None
    except cv2.error:
        raise TooLargeError from None
    if is_cut_jpeg(data):
        return None
    return None if picture is None else np.asarray(picture, np.uint8)
