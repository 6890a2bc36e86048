"""The simulated child's voice as a source: made when it is asked for, without any microphone."""

from pydantic import Field

from calmloop.base.clock import Clock
from calmloop.contract.messages.base import SignalKind
from calmloop.voice_listener.sources.source import Pace, SoundSourceSection

RATE_HZ = 16000


class SimulatedVoiceSection(SoundSourceSection):
    """The simulated child."""

    backend = "simulated"

    seed: int = Field(1, ge=0, le=2**31 - 1, description="Seed of its chances.")

    def load(self, clock: Clock) -> "SimulatedVoice":
        """See `SoundSourceSection.load`."""
        return SimulatedVoice(self, clock)


class SimulatedVoice:
    """Hands the child's mood and the chair's sound to the synthesis, and its samples on."""

    origin = "simulated child"
    kind = SignalKind.SIMULATED
    rate_hz = RATE_HZ
    channels = 1
    pause_s = 0.1

    def __init__(self, section: SimulatedVoiceSection, clock: Clock) -> None:
        # NumPy is not there where settings alone are read.
        from calmloop.voice_listener.simulated_voice import ChildsVoice  # noqa: PLC0415

        self._voice = ChildsVoice(section.seed)
        self._clock = clock
        self._pace = Pace(clock, RATE_HZ)

    def feel(self, valence: float, sound_pct: float) -> None:
        """Tells how the child's face is read, -1 to 1, and what the chair plays."""
        self._voice.valence, self._voice.sound_pct = valence, sound_pct

    def open(self) -> None:
        """Always there."""
        self._pace = Pace(self._clock, RATE_HZ)

    def read(self) -> bytes | None:
        """The voice up to now."""
        return self._voice.make(self._pace.due())

    def close(self) -> None:
        """Nothing to let go."""
