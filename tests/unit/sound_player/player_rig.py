"""A sound player on a bus in memory, with an output that a test asks for blocks itself."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import structlog
from numpy.typing import NDArray

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.contract.messages.stimulus import Setpoint, Sound
from calmloop.contract.topics import Account
from calmloop.service.runtime import Context, Health
from calmloop.sound_player.outputs.output import BLOCK_FRAMES, Render
from calmloop.sound_player.outputs.portaudio import PortAudioSection
from calmloop.sound_player.playback import ASKS_S
from calmloop.sound_player.service import SoundPlayerService
from calmloop.sound_player.settings import Settings
from tests.doubles import memory_bus

BLOCK_S = BLOCK_FRAMES / 48_000
BUFFER_NS = 100_000_000
TURNS = 500


class HandFedOutput:
    """A device that asks when a test does."""

    origin = "hand-fed output"
    kind = SignalKind.LIVE

    def __init__(self, clock: ManualClock) -> None:
        self.underruns = 0
        self.fails = ""
        self.lost = ""
        self.asks = True
        self.opened = self.closed = 0
        self._clock = clock
        self._render: Render | None = None

    def open(self, render: Render) -> None:
        self.opened += 1
        if self.fails:
            raise DeviceError(self.fails)
        self._render = render
        if self.asks:
            self.ask()

    @property
    def is_open(self) -> bool:
        return self._render is not None

    def trouble(self) -> str:
        return self.lost

    def close(self) -> None:
        self.closed += 1
        self._render = None

    def ask(self) -> NDArray[np.float32]:
        """One block, one channel of it."""
        assert self._render is not None
        data = self._render(self._clock.monotonic_ns() + BUFFER_NS)
        return np.frombuffer(data, np.float32).reshape(-1, 2)[:, 0]


class PlayerRig:
    """The service, its bus, its clock and its output; time passes by blocks."""

    def __init__(self, tracks: Path, soundscapes_dir: Path | None = None) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.SOUND_PLAYER, self.clock)
        self.output = HandFedOutput(self.clock)
        self.chair: ChairMode | None = ChairMode.ACTIVE
        self.sound: Sound | None = None
        with patch.object(PortAudioSection, "load", lambda _self, _clock, _buffer: self.output):
            self.service = SoundPlayerService(
                Context(
                    Settings(tracks_dir=tracks, soundscapes_dir=soundscapes_dir),
                    self.bus,
                    self.clock,
                    structlog.get_logger("test"),
                )
            )

    def settle(self, openings: int = 1) -> None:
        """Has the output opened so often, and ask for long enough to count."""
        self.until(lambda: self.output.opened >= openings)
        self.clock.advance(ASKS_S + 0.1)
        self.output.ask()
        self.until(lambda: self.condition not in (None, SoundCondition.NO_OUTPUT))

    def turn(self) -> Health:
        """News of chair and setpoint, as far as there are any, and a turn."""
        if self.chair is not None:
            self.transport.send(topics.CHAIR_STATE, ChairState(mode=self.chair))
        if self.sound is not None:
            self.transport.send(topics.STIMULUS_SETPOINT, Setpoint(sound=self.sound))
        self.bus.dispatch()
        return self.service.turn()

    def until(self, done: Callable[[], bool]) -> None:
        """Turns on a clock that stands until `done`; the threads work in real time."""
        for _ in range(TURNS):
            if done():
                return
            self.turn()
            self.bus.wait(0.02)
        raise AssertionError(f"it did not come about: {self.states[-3:]}")

    def hear(self, seconds: float) -> NDArray[np.float32]:
        """What is heard in so many seconds, with news and a turn for each block."""
        heard = []
        for _ in range(round(seconds / BLOCK_S)):
            self.turn()
            self._let_decode()
            heard.append(self.output.ask())
            self.clock.advance(BLOCK_S)
        self.turn()
        return np.concatenate(heard)

    def _let_decode(self) -> None:
        """The clock stands until the next block is decoded, which a thread does in real time."""
        for _ in range(TURNS):
            if all(deck.available >= BLOCK_FRAMES for deck in self.service._mixer.decks):
                return
            self.bus.wait(0.02)

    def play(self, track: str, level_pct: float = 30.0) -> None:
        """Asks for a track until it can be played."""
        self.sound = Sound(track=track, level_pct=level_pct)
        self.until(lambda: bool(self.output.opened) and bool(np.any(self._asked())))

    def _asked(self) -> NDArray[np.float32]:
        self.clock.advance(BLOCK_S)
        self.turn()
        return self.output.ask()

    @property
    def condition(self) -> SoundCondition | None:
        """As it was told last."""
        return self.states[-1].condition if self.states else None

    @property
    def states(self) -> list[SoundState]:
        return self.transport.messages(topics.SOUND_STATE)
