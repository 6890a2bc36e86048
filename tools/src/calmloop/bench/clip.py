"""A clip for the bench where none is given: the simulated child, rendered once to a file."""

from pathlib import Path

import cv2

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera import SIMULATED, CameraSection, open_source

FPS = 30.0


def render(target: Path, seconds: float) -> None:
    """Writes `seconds` of the simulated child as video at 30 frames a second.

    Raises:
        DeviceError: the file cannot be written.
    """
    clock = ManualClock()
    source = open_source(CameraSection(source=SIMULATED, fps=FPS), clock)
    source.open()
    writer: cv2.VideoWriter | None = None
    for _ in range(round(seconds * FPS)):
        source.grab()
        picture = source.picture()
        if picture is None:
            continue
        if writer is None:
            size = (picture.shape[1], picture.shape[0])
            writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), FPS, size)
        writer.write(picture)
        clock.advance(1 / FPS)
    if writer is None or not writer.isOpened():
        raise DeviceError(f"{target} cannot be written: check the space left")
    writer.release()
