"""What the labelling page works on: a clip's segments, their pictures and the answers so far.

It knows nothing of what a system would say: the expert labels blind.
"""

import threading
from collections import OrderedDict

from pydantic import BaseModel, ConfigDict, Field

from calmloop.camera import encode_jpeg, fit
from calmloop.labelling.segments import Clip, Reel, Segment
from calmloop.labelling.store import ExpertAnswer, LabelStore

KEPT_SEGMENTS = 24
"""Segments whose pictures stay in memory, for going back: some 60 MB at most."""
SHOWN_WIDTH_PX, SHOWN_HEIGHT_PX, JPEG_QUALITY = 960, 720, 85


class SegmentState(BaseModel):
    """One segment: how many pictures it has, and its answer if it has one."""

    frames: int
    answer: ExpertAnswer | None


class DeskState(BaseModel):
    """All that the page needs to begin."""

    clip: str
    labels: str
    fps: float
    segments: list[SegmentState]


class GivenAnswer(BaseModel):
    """One answer, as it comes from the page."""

    model_config = ConfigDict(extra="forbid")

    segment: int = Field(ge=0)
    answer: ExpertAnswer


class Undone(BaseModel):
    """The segment whose answer was taken back and what it has now; no segment: nothing to undo."""

    segment: int | None
    answer: ExpertAnswer | None


class Desk:
    """Callable from several threads."""

    def __init__(self, clip: Clip, segments: list[Segment], store: LabelStore) -> None:
        self._clip = clip
        self._segments = segments
        self._store = store
        self._reel = Reel(clip.path)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, list[bytes | None]] = OrderedDict()

    def state(self) -> DeskState:
        """The segments with the answers that they have now."""
        pairs = zip(self._segments, self._store.answers(), strict=True)
        return DeskState(
            clip=self._clip.name,
            labels=str(self._store.path),
            fps=self._clip.fps / self._clip.stride,
            segments=[SegmentState(frames=len(s.frames), answer=answer) for s, answer in pairs],
        )

    def picture(self, segment: int, frame: int) -> bytes | None:
        """One picture of a segment as JPEG; None if there is no such one.

        Raises:
            InputError: the clip has gone.
        """
        if segment >= len(self._segments) or frame >= len(self._segments[segment].frames):
            return None
        with self._lock:
            if segment not in self._kept:
                self._kept[segment] = self._pictures(self._segments[segment])
            self._kept.move_to_end(segment)
            while len(self._kept) > KEPT_SEGMENTS:
                self._kept.popitem(last=False)
            return self._kept[segment][frame]

    def give(self, given: GivenAnswer) -> bool:
        """Stores an answer; False if there is no such segment.

        Raises:
            LabelsError: it cannot be written.
        """
        if given.segment >= len(self._segments):
            return False
        self._store.give(given.segment, given.answer)
        return True

    def undo(self) -> Undone:
        """Takes the last answer back.

        Raises:
            LabelsError: that cannot be written.
        """
        segment = self._store.undo()
        answer = None if segment is None else self._store.answers()[segment]
        return Undone(segment=segment, answer=answer)

    def close(self) -> None:
        """Lets the clip go."""
        with self._lock:
            self._reel.close()

    def _pictures(self, segment: Segment) -> list[bytes | None]:
        shown: list[bytes | None] = []
        for number in segment.frames:
            picture = self._reel.picture(number)
            small = None if picture is None else fit(picture, SHOWN_WIDTH_PX, SHOWN_HEIGHT_PX)
            shown.append(None if small is None else encode_jpeg(small, JPEG_QUALITY))
        return shown
