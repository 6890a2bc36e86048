"""One track as it is played: what was decoded ahead of the output, and where that is."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from calmloop.base import track_audio
from calmloop.base.track_audio import FULL_SCALE, Pcm
from calmloop.base.tracks import RATE_HZ, TrackLibrary, TrackSidecar
from calmloop.sound_player.limiter import Samples

AHEAD_FRAMES = RATE_HZ
"""Decoded ahead of the output: a second."""
EDGE_FRAMES = RATE_HZ // 2
"""A track that is no loop fades in and out over so much, and begins again."""


class OpenTrack(Protocol):
    """Opens a track at its beginning."""

    def __call__(self) -> Iterator[Pcm]:
        """Its frames in their order, to its end."""


class Deck:
    """Filled by one thread, played by the output's.

    Attributes:
        sidecar: What is known of the track.
    """

    def __init__(self, sidecar: TrackSidecar, open_track: OpenTrack) -> None:
        self.sidecar = sidecar
        self._open = open_track
        self._blocks: Iterator[Pcm] = iter(())
        self._decoded = 0
        self._lock = threading.Lock()
        self._waiting: deque[Pcm] = deque()
        self._available = 0
        self._position = 0

    @property
    def available(self) -> int:
        """Frames that are decoded and not played yet."""
        return self._available

    @property
    def position(self) -> int:
        """The frame that is taken next, from 0 on; after the last one follows the first."""
        return self._position

    def fill(self) -> None:
        """Decodes until enough is ahead of the output.

        Raises:
            TrackError: the file has been changed or damaged since it was read through.
        """
        while self._available < AHEAD_FRAMES:
            block = next(self._blocks, None)
            if block is None:
                self._blocks, self._decoded = self._open(), 0
                continue
            self._put(block if self.sidecar.loop else self._edged(block))
            self._decoded += len(block)

    def take(self, count: int) -> Samples:
        """The next frames, shape (count, 2): fewer where fewer are decoded."""
        with self._lock:
            out = np.empty((min(count, self._available), 2), np.float32)
            done = 0
            while done < len(out):
                block = self._waiting.popleft()
                part = block[: len(out) - done]
                out[done : done + len(part)] = part
                done += len(part)
                if len(part) < len(block):
                    self._waiting.appendleft(block[len(part) :])
            self._available -= done
            self._position = (self._position + done) % self.sidecar.frames
        out /= FULL_SCALE
        return out

    def _put(self, block: Pcm) -> None:
        with self._lock:
            self._waiting.append(block)
            self._available += len(block)

    def _edged(self, block: Pcm) -> Pcm:
        place = self._decoded + np.arange(len(block))
        share = np.minimum(place, self.sidecar.frames - 1 - place) / EDGE_FRAMES
        gain = np.sin(np.clip(share, 0.0, 1.0) * (np.pi / 2)) ** 2
        return np.asarray(block * gain[:, np.newaxis], np.int16)


def deck_of(library: TrackLibrary, sidecar: TrackSidecar) -> Deck:
    """A track of the library, from its beginning."""
    path = library.audio_path(sidecar.name)
    return Deck(sidecar, lambda: track_audio.blocks(path, sidecar))
