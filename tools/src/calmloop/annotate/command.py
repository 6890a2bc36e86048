"""`calmloop annotate`: pictures, a video or a camera in; the same with every face labelled out."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress

from calmloop.annotate.choice import ModelOption, YuNetOption, classifier_with, detector_with
from calmloop.annotate.drawing import draw
from calmloop.annotate.reading import Annotator
from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection, Playback
from calmloop.camera.sources import open_source
from calmloop.camera.sources.image_folder import SUFFIXES
from calmloop.clock import SystemClock
from calmloop.errors import CalmloopError, DeviceError

DEFAULT_FPS = 15.0
DEFAULT_SECONDS = 10.0


def annotate(
    source: Annotated[str, typer.Argument(help="A picture, a folder, a video, or a camera.")],
    out: Annotated[Path, typer.Option(help="Folder, made if it is missing.")],
    model: ModelOption = None,
    yunet: YuNetOption = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="From a camera: how long.")
    ] = DEFAULT_SECONDS,
) -> None:
    """Draws every face's box, emotion and confidence.

    This writes pictures to disk, which no service ever does.
    """
    console = Console(stderr=True)
    try:
        annotator = Annotator(detector_with(yunet), classifier_with(model))
        out.mkdir(parents=True, exist_ok=True)
        labels = _annotate(annotator, source, out, seconds, console)
    except CalmloopError as error:
        console.print(f"[red]{error}", highlight=False)
        raise typer.Exit(1) from None
    seen = ", ".join(f"{label} {count}" for label, count in labels.most_common()) or "no face"
    console.print(f"{seen}; written to {out}")


def _annotate(
    annotator: Annotator, source: str, out: Path, seconds: float, console: Console
) -> Counter[str]:
    path = Path(source)
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return _pictures(annotator, _listed(path), out, console)
    name = f"{path.stem if path.is_file() else 'camera'}-annotated.mp4"
    return _video(annotator, source, out / name, seconds, console)


def _pictures(annotator: Annotator, paths: list[Path], out: Path, console: Console) -> Counter[str]:
    labels: Counter[str] = Counter()
    with Progress(console=console) as progress:
        for path in progress.track(paths, description="pictures"):
            picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if picture is None:
                console.print(f"[yellow]{path} is not a picture: passed over")
                continue
            faces = annotator.read(np.asarray(picture, np.uint8))
            labels.update(face.reading.label for face in faces)
            _write(out / f"{path.stem}-annotated.png", draw(np.asarray(picture, np.uint8), faces))
    return labels


def _video(
    annotator: Annotator, source: str, target: Path, seconds: float, console: Console
) -> Counter[str]:
    labels: Counter[str] = Counter()
    fps, count, pictures = _played(source, seconds)
    writer: cv2.VideoWriter | None = None
    try:
        with Progress(console=console) as progress:
            for picture in progress.track(pictures, total=count, description=target.name):
                if writer is None:
                    writer = _opened(target, fps, picture)
                faces = annotator.read(picture)
                labels.update(face.reading.label for face in faces)
                writer.write(draw(picture, faces))
    finally:
        if writer is not None:
            writer.release()
    return labels


def _played(source: str, seconds: float) -> tuple[float, int | None, Iterator[Picture]]:
    """Frame rate, number of pictures if it is known, and the pictures themselves."""
    section = CameraSection(source=source, playback=Playback.ONCE)
    opened = open_source(section, SystemClock())
    opened.open()
    fps = opened.pace_fps or DEFAULT_FPS
    is_file = Path(source).is_file()
    count = _length(source) if is_file else round(seconds * fps)

    def pictures() -> Iterator[Picture]:
        try:
            while opened.grab():
                picture = opened.picture()
                if picture is not None:
                    yield picture
        finally:
            opened.close()

    return fps, count, pictures() if is_file else islice(pictures(), count)


def _length(path: str) -> int | None:
    capture = cv2.VideoCapture(path)
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    capture.release()
    return count if count > 0 else None


def _opened(target: Path, fps: float, picture: Picture) -> cv2.VideoWriter:
    height, width = picture.shape[:2]
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(target), code, fps, (width, height))
    if not writer.isOpened():
        raise DeviceError(f"{target} cannot be written: check the folder and the space left")
    return writer


def _write(target: Path, picture: Picture) -> None:
    if not cv2.imwrite(str(target), picture):
        raise DeviceError(f"{target} cannot be written: check the folder and the space left")


def _listed(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DeviceError(f"{path} is not there")
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
    if not found:
        raise DeviceError(f"{path} holds no pictures: it needs {', '.join(sorted(SUFFIXES))} files")
    return found
