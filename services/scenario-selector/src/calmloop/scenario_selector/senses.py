"""What other services measure of the child, as values of the engine's signals.

Only what is fresh, new, valid and of the child in the chair counts. Anything else says nothing, and
so does a service that is not there.
"""

import math
from collections.abc import Callable, Mapping

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Ages, Received
from calmloop.contract import topics
from calmloop.contract.messages.base import ServiceMessage, SignalKind
from calmloop.contract.messages.biosignal import BiosignalState, HeartState
from calmloop.contract.messages.chair import CalibrationOrigin
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.voice import VoiceCondition, VoiceState
from calmloop.contract.topic import AnyTopic
from calmloop.scenario_selector.bodysignals import (
    MICROSIEMENS,
    MuscleOverRest,
    PhasicConductance,
)
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.entrainment import Rhythm, rhythm_of
from calmloop.scenario_selector.limits import (
    MAX_ARTEFACT_SHARE,
    MIN_ABOVE_FLOOR_DB,
    MIN_SAMPLE_QUALITY,
)
from calmloop.scenario_selector.surroundings import Surroundings

BODY: Mapping[str, Cue] = {
    "skin-conductance": Cue.SKIN,
    "corrugator": Cue.MUSCLE,
}
"""Which `biosignal/<kind>/state` is heard. Another muscle says something else, or nothing."""

SCORES = (0.001, 0.999)
"""A score of crying beyond counts as this: no score is certain."""

NO_CRYING = SCORES[0]
"""What counts while nothing is heard above the room and the chair."""

REFUSAL_SHOWN_S = 10.0
MAX_HOSTS = 8
"""Hosts of a service of which the newest message is remembered."""

BELIEVED_NS = 10 * 10**9
"""For so long the newest message of a host rules out an older one: a wrong time silences nobody."""

NOT_LIVE = {
    SignalKind.RECORDED: "it is a recording",
    SignalKind.SIMULATED: "it is simulated",
    None: "it does not say whether it is live",
}


Tell = Callable[[Cue, float, float], None]
"""Takes a signal, its value in the unit of `distress.signals`, and when it was measured."""


class SignalInputs:
    """Hears the services that measure the child.

    What is simulated or recorded is heard with a simulated chair only; as with the camera, it is of
    no child that sits in a real one.
    """

    def __init__(self, clock: Clock, ages: Ages, surroundings: Surroundings, tell: Tell) -> None:
        self._clock = clock
        self._ages = ages
        self._surroundings = surroundings
        self._tell = tell
        self._order = {signal: _Order(clock, ages) for signal in Cue}
        self._refusals: dict[Cue, tuple[str, float]] = {}
        self.begin()

    def begin(self) -> None:
        """A session begins, perhaps with another child: nobody's rest and rhythm are known."""
        self._skin, self._muscle = PhasicConductance(), MuscleOverRest()
        self._rhythm: tuple[Rhythm, float] | None = None

    @property
    def rhythm(self) -> Rhythm | None:
        """How fast the child breathes, by its heart; None where that was not told just now."""
        if self._rhythm is None:
            return None
        rhythm, at_s = self._rhythm
        stands_s = MODELS[Cue.HEART].stands_s
        return rhythm if monotonic_s(self._clock) - at_s <= stands_s else None

    @property
    def troubles(self) -> dict[Cue, str]:
        """Why signals that came within the last seconds are not used, and what to do."""
        now_s = monotonic_s(self._clock)
        return {
            signal: why
            for signal, (why, at_s) in self._refusals.items()
            if now_s - at_s <= REFUSAL_SHOWN_S
        }

    def receive_movement(self, received: Received[MovementState]) -> None:
        """How much the child moves, once the chair's own vibration is taken off."""
        said = received.message
        at_s = self._measured_s(topics.MOVEMENT_STATE, received, said.age_s)
        known = said.reason is None and None not in (said.vibration, said.vibration_pct)
        if self._counts(Cue.MOVEMENT, received, at_s, said.camera_kind) and known:
            self._say(Cue.MOVEMENT, said.log_energy, at_s)

    def receive_heart(self, received: Received[HeartState]) -> None:
        """The heart's rate, on the skin and mostly without artefacts."""
        said = received.message
        at_s = self._measured_s(topics.HEART_STATE, received, said.age_s)
        clean = (said.artefact_share or 0.0) <= MAX_ARTEFACT_SHARE
        known = said.reason is None and said.contact is not False and clean
        if not self._counts(Cue.HEART, received, at_s, said.source_kind):
            return
        self._rhythm = None
        if known and said.rate_bpm is not None:
            self._rhythm = rhythm_of(said.rate_bpm, said.breaths_per_min), at_s
            self._say(Cue.HEART, said.rate_bpm, at_s)

    def receive_voice(self, received: Received[VoiceState]) -> None:
        """How much the voice sounds like crying, above the chair's own sound."""
        said = received.message
        at_s = self._measured_s(topics.VOICE_STATE, received)
        known = said.enabled and said.condition is VoiceCondition.LISTENING
        if self._counts(Cue.VOICE, received, at_s, said.source_kind) and known:
            self._say(Cue.VOICE, crying_log_odds(said), at_s)

    def receive_body(self, received: Received[BiosignalState]) -> None:
        """Another signal of the body, by its topic's kind."""
        said = received.message
        signal = BODY.get(received.fields.get("kind", ""))
        if signal is None or BODY.get(said.kind) is not signal:
            return
        at_s = self._measured_s(topics.BIOSIGNAL_STATE, received, said.age_s)
        clean = said.reason is None and (said.quality or 0.0) >= MIN_SAMPLE_QUALITY
        if not self._counts(signal, received, at_s, said.source_kind) or not clean:
            return
        if signal is Cue.MUSCLE:
            self._say(signal, self._muscle.value(said, at_s), at_s)
        elif said.unit in MICROSIEMENS:
            self._say(signal, self._skin.value(said, at_s), at_s)
        else:
            self._refuse(signal, f"it is not in µS: set heart_monitor.signals.{said.kind}.unit")

    def _measured_s(
        self, topic: AnyTopic, received: Received[ServiceMessage], age_s: float | None = 0.0
    ) -> float:
        """When it was measured, by this host's clock; -inf where that is too long ago."""
        sent_s = self._ages.age_s(received)
        if age_s is None or sent_s > (topic.max_age_s or 0.0):
            return -math.inf
        return monotonic_s(self._clock) - sent_s - age_s

    def _counts(
        self,
        signal: Cue,
        received: Received[ServiceMessage],
        at_s: float,
        kind: SignalKind | None,
    ) -> bool:
        """Whether it is fresh, new, and of the child in this chair."""
        chair = self._surroundings.chair
        if not self._order[signal].is_new(received.message) or at_s == -math.inf or chair is None:
            return False
        if kind is SignalKind.LIVE or chair.calibration is CalibrationOrigin.SIMULATED:
            return True
        self._refuse(
            signal,
            f"{NOT_LIVE[kind]}, but the chair is not a simulated one: set its source to a sensor of"
            " the child in it",
        )
        return False

    def _refuse(self, signal: Cue, why: str) -> None:
        self._refusals[signal] = (why, monotonic_s(self._clock))

    def _say(self, signal: Cue, value: float | None, at_s: float) -> None:
        if value is not None and math.isfinite(value):
            self._tell(signal, value, at_s)


class _Order:
    """Knows which messages of one topic are new: by the clock of the host that sent them."""

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self._clock = clock
        self._ages = ages
        self._newest: dict[str, tuple[int, int]] = {}

    def is_new(self, message: ServiceMessage) -> bool:
        """Whether none that was sent later, nor itself, has come; and it is from no future.

        One without a time, as a person types it, cannot be told from another.
        """
        host, at_ns = message.host_boot_id, message.at_ns
        ours = host == self._ages.boot_id
        if at_ns == 0:
            return True
        now_ns = self._clock.monotonic_ns()
        newest_ns, came_ns = self._newest.get(host, (0, 0))
        is_old = at_ns <= newest_ns and now_ns - came_ns <= BELIEVED_NS
        if is_old or (ours and at_ns > now_ns):
            return False
        self._newest.pop(host, None)
        self._newest[host] = at_ns, now_ns
        if len(self._newest) > MAX_HOSTS:
            del self._newest[next(iter(self._newest))]
        return True


def crying_log_odds(said: VoiceState) -> float | None:
    """Log-odds of the score; None where there is no network, or the floor is not known yet."""
    if said.crying is None or said.above_floor_db is None:
        return None
    heard = said.crying if said.above_floor_db >= MIN_ABOVE_FLOOR_DB else NO_CRYING
    score = min(SCORES[1], max(SCORES[0], heard))
    return math.log(score / (1.0 - score))
