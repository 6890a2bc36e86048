"""What arrives from the chair: frames are read, numbered and counted."""

from collections.abc import Iterator

from calmloop.chair_link.errors import WireMessageError
from calmloop.chair_link.frames import SEQ_RANGE, VERSION, FrameReader, WireFrame
from calmloop.chair_link.messages import Message, read_message
from calmloop.chair_link.metrics import LinkMetrics


class Incoming:
    """The chair's frames since the line was opened, counted in `metrics`."""

    def __init__(self, metrics: LinkMetrics) -> None:
        self._metrics = metrics
        self._reader = FrameReader()
        self._unreadable = 0
        self._newest: WireFrame | None = None

    def feed(self, data: bytes) -> Iterator[tuple[WireFrame, Message | None]]:
        """Each whole frame with its message; None stands for one of another protocol version.

        A frame of this version that cannot be read is counted, and left out.
        """
        frames = self._reader.feed(data)
        for frame in frames:
            if frame.version != VERSION:
                yield frame, None
                continue
            self._count(frame)
            try:
                yield frame, read_message(frame)
            except WireMessageError:
                self._unreadable += 1
        self._metrics.bad = self._reader.bad + self._unreadable

    def _count(self, frame: WireFrame) -> None:
        newest, self._newest = self._newest, frame
        if newest is not None and newest.boot_id == frame.boot_id:
            self._metrics.lost += (frame.seq - newest.seq - 1) % SEQ_RANGE
        self._metrics.received += 1
