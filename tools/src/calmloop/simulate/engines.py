"""What a simulated session needs of an engine: an observation in, a view of the chair out.

An engine that is to be measured is one class with these methods; `product` has the product's own,
`paper` the bare rule of the paper.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from calmloop.contract.messages.session import Phase
from calmloop.simulate.camera import Seen
from calmloop.simulate.learning import Features, MakeLearner
from calmloop.simulate.signals import Signal, SignalReading

STUDIED = (
    "deep-hum",
    "forest-rain",
    "night-sky",
    "ocean-waves",
    "quiet-glow",
    "slow-train",
    "warm-cradle",
)
"""The scenarios that the documented figures are of: one more that ships would change them all."""


class Observation(NamedTuple):
    """What the senses report at one time step.

    Attributes:
        face: The frame's answer.
        signals: Readings that came since the step before, of the signals that the engine accepts.
    """

    face: Seen
    signals: Mapping[Signal, SignalReading] = {}


class View(NamedTuple):
    """What an engine does and says after a time step.

    Attributes:
        phase: As in `session/state`; IDLE before it started and after its end.
        intensity_pct: The one scalar, 0..100.
        vibration_pct, sound_pct, light_pct: What is asked of the chair, 0..100.
        scenario: The playing one's name.
        announced: The one that comes next, if it has been said; else empty.
        halted: Whether it called distress (tier 2).
        asking: What it asks of the caregiver; empty when nothing.
        reason: Why the intensity last changed, in words.
    """

    phase: Phase = Phase.IDLE
    intensity_pct: float = 0.0
    vibration_pct: float = 0.0
    sound_pct: float = 0.0
    light_pct: float = 0.0
    scenario: str = ""
    announced: str = ""
    halted: bool = False
    asking: str = ""
    reason: str = ""


class DrivenEngine(Protocol):
    """One session of one child."""

    accepts: frozenset[Signal]
    """Signals that it has an input for."""

    @property
    def record(self) -> Any:
        """What it leaves for the child's next session; can be pickled."""

    @property
    def ended(self) -> bool:
        """Whether the session was begun and is over."""

    def step(self, seen: Observation, elapsed_s: float) -> View:
        """Lets `elapsed_s` pass, in which `seen` came; starts the session as soon as it can."""

    def resume(self) -> None:
        """A caregiver resumes a paused session, if the engine lets it."""

    def answer(self, *, upset: bool, is_child: bool, is_asleep: bool) -> None:
        """A caregiver answers what the engine asks, whichever it is.

        Args:
            upset: The child is upset.
            is_child: The face in view is the child's.
            is_asleep: The child is asleep.
        """

    def reward(self) -> float | None:
        """What the session taught, 0..1; None when nothing. After its end."""


class EngineFactory(Protocol):
    """Makes the engine of one session; can be pickled, for it goes to other processes."""

    @property
    def name(self) -> str:
        """As the report calls it."""

    @property
    def accepts(self) -> frozenset[Signal]:
        """Signals that its engines have an input for."""

    def __call__(self, seed: int, minutes: float, record: Any = None) -> DrivenEngine:
        """An engine for a session of so many minutes.

        Args:
            seed: Of its rng.
            minutes: Planned length.
            record: What the child's session before left; None for a child who is new.
        """


class StudiedEngine(EngineFactory, Protocol):
    """An engine with what it learns over sessions, for a whole study."""

    @property
    def learner(self) -> MakeLearner | None:
        """Makes what learns over the sessions of a child; None where it learns nothing."""

    def features(self) -> Features:
        """Its scenarios, by name, with their levels."""

    def gentlest(self) -> str:
        """The scenario that learning has to be worth more than."""
