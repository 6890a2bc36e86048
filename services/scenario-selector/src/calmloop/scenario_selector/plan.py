"""What a session is made of: the engine's settings, and what was agreed at its start."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from calmloop.contract.messages.session import Mode
from calmloop.scenario_selector.intensity import Steps
from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.profiles import Profile
from calmloop.scenario_selector.scenario import Scenario


@dataclass(frozen=True)
class Tuning:
    """The bounded settings of the engine."""

    baseline_s: float = 30.0
    cycle_s: float = 5.0
    min_dwell_s: float = 120.0
    warm_up_s: float = 60.0
    steps: Steps = field(default_factory=Steps)


@dataclass(frozen=True)
class Plan:
    """What was agreed when a start was accepted."""

    session_id: str
    code: str
    profile: Profile
    mode: Mode
    minutes: float
    allowed: Sequence[Scenario]
    choice: Choice
    chooser: Chooser
