"""Decks that play made-up tracks from memory, and a mixer that is asked for block after block."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from calmloop.base.tracks import FRAMES_PER_VALUE, TrackSidecar
from calmloop.sound_player.deck import Deck
from calmloop.sound_player.limiter import Samples
from calmloop.sound_player.mixer import Mixer

RATE_HZ = 48_000
BLOCK = 1200
BLOCK_NS = BLOCK * 1_000_000_000 // RATE_HZ
BUFFER_NS = 100_000_000


def sidecar(name: str, samples: NDArray[np.int16], *, loop: bool = True) -> TrackSidecar:
    return TrackSidecar(
        name=name,
        title=name,
        licence="Apache-2.0",
        source="a test",
        channels=2,
        frames=len(samples),
        loop=loop,
        loudness_lufs=-23.0,
        true_peak_dbtp=-12.0,
        onset_db=3.0,
        sha256="0" * 64,
        envelope=(0.5,) * -(-len(samples) // FRAMES_PER_VALUE),
    )


def deck_in_memory(name: str, samples: NDArray[np.int16], *, loop: bool = True) -> Deck:
    def blocks() -> Iterator[NDArray[np.int16]]:
        for at in range(0, len(samples), 4096):
            yield samples[at : at + 4096]

    return Deck(sidecar(name, samples, loop=loop), blocks)


class Asked:
    """A mixer and the output that asks it, on a clock that goes on by a block each time."""

    def __init__(self) -> None:
        self.mixer = Mixer()
        self.now_ns = 1_000_000_000_000
        self.filling = True

    def permit(self, seconds: float) -> None:
        self.mixer.permit(self.now_ns + round(seconds * 1e9))

    def blocks(self, seconds: float) -> Samples:
        """What is heard in so many seconds."""
        heard = []
        for _ in range(round(seconds * RATE_HZ / BLOCK)):
            for deck in self.mixer.decks if self.filling else []:
                deck.fill()
            heard.append(self.mixer.render(BLOCK, self.now_ns, self.now_ns + BUFFER_NS))
            self.now_ns += BLOCK_NS
        return np.concatenate(heard)
