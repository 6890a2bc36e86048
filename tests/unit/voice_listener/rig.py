"""A voice listener on a bus in memory, fed with sound by hand."""

from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from unittest.mock import patch

import numpy as np
import structlog

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.voice import VoiceSet, VoiceState
from calmloop.contract.topics import Account
from calmloop.service.runtime import Context, Health
from calmloop.voice_listener.listening import Block, HearingReport
from calmloop.voice_listener.service import VoiceListenerService
from calmloop.voice_listener.settings import NetworkSection, Settings, VoiceListenerSection
from calmloop.voice_listener.sources.microphone import MicrophoneSection
from calmloop.voice_listener.spectrum import Samples
from tests.doubles import memory_bus

TURNS = 500


class Fed:
    """A microphone that hears what a test puts into it."""

    origin = "fed microphone"
    kind = SignalKind.LIVE
    rate_hz = 16000
    channels = 1
    pause_s = 0.0

    def __init__(self) -> None:
        self.sound: SimpleQueue[bytes | None] = SimpleQueue()
        self.fails = ""
        self.opened = self.closed = 0
        self.runs, self.hanging = Event(), Event()
        self.runs.set()

    def open(self) -> None:
        if self.fails:
            raise DeviceError(self.fails)
        self.opened += 1

    def read(self) -> bytes | None:
        if not self.runs.is_set():
            self.hanging.set()
            self.runs.wait()
        if self.fails:
            raise DeviceError(self.fails)
        try:
            return self.sound.get(timeout=0.005)
        except Empty:
            return b""

    def close(self) -> None:
        self.closed += 1


class Rig:
    """The service, its bus and its clock; each turn is a tenth of a second."""

    def __init__(self, switch_file: Path | None = None, model: Path | None = None) -> None:
        self.clock = ManualClock()
        self.bus, self.transport = memory_bus(Account.VOICE_LISTENER, self.clock)
        self.source = Fed()
        section = VoiceListenerSection(switch_file=switch_file, network=NetworkSection(model=model))
        settings = Settings(voice_listener=section)
        log = structlog.get_logger("voice-listener")
        with patch.object(MicrophoneSection, "load", lambda _section, _clock: self.source):
            self.service = VoiceListenerService(Context(settings, self.bus, self.clock, log))
        self._blocks_heard = 0
        self._tell_of = self.service._hear
        self.service._hear = self._count  # type: ignore[method-assign]

    def _count(self, block: Block) -> HearingReport:
        self._blocks_heard += 1
        return self._tell_of(block)

    def turn(self, seconds: float = 0.1) -> Health:
        self.clock.advance(seconds)
        self.bus.wait(0.002)
        self.bus.dispatch()
        return self.service.turn()

    def until(self, done: Callable[[], bool]) -> None:
        """Turns on a clock that stands until `done`; the reading thread works in real time."""
        for _ in range(TURNS):
            if done():
                return
            self.turn(0.0)
            self.bus.wait(0.01)
        raise AssertionError(f"it did not come about: {self.states[-3:]}")

    def switch(self, *, on: bool) -> None:
        self.transport.send(topics.VOICE_SET, VoiceSet(enabled=on))
        self.turn()
        if on:
            self.until(lambda: self.source.opened > self.source.closed or bool(self.source.fails))

    def hear(self, block: Samples) -> VoiceState:
        """Half a second of sound, and what is said of it."""
        self.clock.advance(0.4)
        before = self._blocks_heard
        self.source.sound.put((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
        self.until(lambda: self._blocks_heard > before)
        self.clock.advance(0.1)
        return self.states[-1]

    @property
    def states(self) -> list[VoiceState]:
        return self.transport.messages(topics.VOICE_STATE)
