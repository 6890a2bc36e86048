"""A session in the chair: the caregiver's commands, the engine's state, overrides."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from calmloop.contract.messages.base import Command, Part, Percent, Proportion, ServiceMessage
from calmloop.contract.messages.emotion import Label

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Token = Annotated[str, Field(min_length=1, max_length=64)]

AUTO = "auto"
"""As a scenario's name: let the engine choose among those allowed for this child."""


class SessionAction(StrEnum):
    """What a caregiver can ask of a session."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    ANSWER = "answer"
    DISMISS = "dismiss"
    ALLOW_CHILD = "allow_child"
    FORBID_CHILD = "forbid_child"


class Mode(StrEnum):
    """Adaptive follows the face; manual has no camera and the caregiver sets the intensity."""

    ADAPTIVE = "adaptive"
    MANUAL = "manual"


class SessionCommand(Command):
    """What can raise an output carries the token of `session/state`.

    Start and resume do, the answers that a child is not upset and that a face is the child's, going
    on without a signal, and to allow the child's own page.
    """

    action: SessionAction
    token: Token | None = None
    profile: Name = "default"
    scenario: Name = AUTO
    minutes: float = Field(15.0, gt=0.0, le=30.0)
    mode: Mode = Mode.ADAPTIVE
    rating: int | None = Field(
        None, ge=1, le=5, description="With finish: how well it did this child, 5 is best."
    )
    upset: bool = Field(True, description="With answer: the child is upset, or usually looks so.")
    child: bool | None = Field(
        None, description="With answer: whether the face in view is the child's, when asked that."
    )
    asleep: bool | None = Field(
        None, description="With answer: whether the child is asleep, when asked that."
    )
    signal: Name | None = Field(
        None, description="With dismiss: the missing signal that the session goes on without."
    )

    @model_validator(mode="after")
    def _names_its_signal(self) -> "SessionCommand":
        if self.action is SessionAction.DISMISS and self.signal is None:
            raise ValueError("action 'dismiss' needs the field 'signal'")
        return self


class Phase(StrEnum):
    """Where a session is."""

    IDLE = "idle"
    STARTING = "starting"
    BASELINE = "baseline"
    RUNNING = "running"
    MANUAL = "manual"
    PAUSED = "paused"
    CLOSING = "closing"


ENDED_BY_PLAN = frozenset({Phase.CLOSING, Phase.IDLE})
"""Phases in which the chair may leave ACTIVE without that being an alarm."""


class Change(StrEnum):
    """Why the intensity last changed."""

    NONE = "none"
    STARTED = "started"
    POSITIVE_SHIFT = "positive_shift"
    POSITIVE_SUSTAINED = "positive_sustained"
    NEGATIVE = "negative"
    RECOVERED = "recovered"
    HALTED = "halted"
    UNKNOWN_EASED = "unknown_eased"
    CAREGIVER = "caregiver"
    CHILD = "child"
    ASLEEP = "asleep"
    CEILING = "ceiling"
    SCENARIO = "scenario"
    CLOSING = "closing"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"


class Evidence(Part):
    """The emotion over the window, relative to this child's own baseline."""

    label: Label
    valence: float = Field(ge=-2.0, le=2.0, description="Weighted mean less the baseline's.")
    confidence: Proportion
    readings: int = Field(ge=0, description="Emotion states in the window.")
    unknown: int = Field(ge=0, description="Those of them that were unknown.")
    ambiguous: Proportion = Field(
        0.0, description="Share of the window in which a clear face lay between the classes."
    )


class ScenarioScore(Part):
    """How one allowed scenario scored when they were last weighed."""

    scenario: str
    score: float = Field(description="Reward to be expected, about 0 to 1.")
    low: float | None = Field(None, description="Of its 95 % interval.")
    high: float | None = Field(None, description="The same.")
    sessions: int = Field(ge=0, description="Sessions of this child that it rests on.")


class SignalStatus(StrEnum):
    """Whether a signal counts now."""

    PRESENT = "present"
    MISSING = "missing"
    """It was there in this session: nothing rises until it is back or is dismissed."""
    REFUSED = "refused"
    """It comes, and is not used."""


class HeardSignal(Part):
    """What the engine hears of one signal, and what that says of distress."""

    name: str
    status: SignalStatus
    log_odds_per_s: float | None = Field(
        None, description="What it says for distress now, each second; negative speaks against it."
    )
    mean: float | None = Field(None, description="Usual for this child in calm, in its own unit.")
    spread: float | None = Field(None, ge=0.0, description="Standard deviation about that.")
    trouble: str = Field("", max_length=200, description="Why it is not used, and what to do.")


class Offer(Part):
    """One scenario that the child may choose."""

    scenario: str
    title: str


class SessionState(ServiceMessage):
    """Retained; on every change and once a second."""

    phase: Phase
    session_id: str = Field("", max_length=64, description="Of the running or last session.")
    profile: str = ""
    mode: Mode = Mode.ADAPTIVE
    scenario: str = ""
    scenario_phase: str = Field("", description="Title of the scenario's present phase.")
    pace: str = Field(
        "",
        max_length=200,
        description="Breaths a minute of a phase that may begin at the child's own, and whence"
        " they come; else empty.",
    )
    next: str = Field("", description="Another scenario, which begins within half a minute.")
    question: str = Field("", max_length=200, description="What a caregiver is asked; else empty.")
    cycle: int = Field(0, ge=0)
    intensity_pct: Percent = 0.0
    ceiling_pct: Percent = Field(0.0, description="The lowest of profile's and caregiver's.")
    change: Change = Field(Change.NONE, description="Why the intensity last changed.")
    reason: str = Field("", max_length=300, description="The same in plain words.")
    evidence: Evidence | None = None
    baseline_valence: float | None = None
    choice: str = Field("", max_length=300, description="Why this scenario was chosen.")
    scores: list[ScenarioScore] = Field(default_factory=list)
    signals: list[HeardSignal] = Field(default_factory=list, description="Those heard of.")
    distress_fast: float = Field(
        0.0, ge=0.0, description="The quick sum of what they say: from 1 on it lowers."
    )
    distress_slow: float = Field(
        0.0, ge=0.0, description="The slow sum of what they say: above 1 it halts."
    )
    distress: bool = Field(False, description="A critical event: strong or lasting distress.")
    unattended: bool = Field(
        False, description="It was eased down, since a console saw no caregiver for long."
    )
    minutes_left: float = Field(0.0, ge=0.0)
    minutes_today: float = Field(0.0, ge=0.0, description="Dose ledger of this profile.")
    trouble: str = Field(
        "", max_length=300, description="Records that are damaged, or not kept over a restart."
    )
    blocked: dict[Mode, str] = Field(
        default_factory=dict,
        description="Why no session of a mode may start now, with what helps; a mode that may is"
        " not there, and none is while a session runs.",
    )
    child_token: str = Field(
        "", description="Carried by what the child asks for on its page; empty while not allowed."
    )
    offers: list[Offer] = Field(
        default_factory=list, description="What it may choose among: two or three, or none."
    )
    start_token: str = Field("", description="Carried by whatever can raise an output.")


class OverrideAction(StrEnum):
    """What a caregiver can change while a session runs."""

    LESS = "less"
    MORE = "more"
    HOLD = "hold"
    SKIP = "skip"
    CEILING = "ceiling"
    CHANNELS_OFF = "channels_off"
    SCENARIO = "scenario"
    RELEASE = "release"


class Channel(StrEnum):
    """What the chair can do to a child."""

    VIBRATION = "vibration"
    SOUND = "sound"
    LIGHT = "light"


class OverrideCommand(Command):
    """Lowering is always accepted; what can raise an output carries `token`.

    Needs the token: more, release, skip, scenario, and a ceiling above the present one. While the
    face of an adaptive session is lost, these are refused.
    """

    action: OverrideAction
    token: Token | None = None
    ceiling_pct: Percent | None = None
    channels: tuple[Channel, ...] = ()
    scenario: Name | None = None

    @model_validator(mode="after")
    def _has_its_value(self) -> "OverrideCommand":
        needed = {
            OverrideAction.CEILING: ("ceiling_pct", self.ceiling_pct is not None),
            OverrideAction.CHANNELS_OFF: ("channels", bool(self.channels)),
            OverrideAction.SCENARIO: ("scenario", self.scenario is not None),
        }
        field, present = needed.get(self.action, ("", True))
        if not present:
            raise ValueError(f"action '{self.action}' needs the field '{field}'")
        return self


class OverrideState(ServiceMessage):
    """Retained; what the caregiver has set, until released."""

    hold: bool = False
    ceiling_pct: Percent | None = None
    channels_off: tuple[Channel, ...] = ()
    scenario: str | None = None
    kept: bool = Field(True, description="False: it would not outlive a restart (a full disk).")
