"""The services beside the face, as a test plays them to the engine."""

import itertools
from collections.abc import Iterator
from typing import Any

from calmloop.base.freshness import Received
from calmloop.contract.messages.base import ServiceMessage, SignalKind
from calmloop.contract.messages.biosignal import BiosignalState, HeartState
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.session import HeardSignal
from calmloop.contract.messages.voice import VoiceCondition, VoiceState
from calmloop.scenario_selector.distress.signals import Cue
from tests.unit.scenario_selector.harness import NEUTRAL, STEP_S, Face, Harness

LIVE = SignalKind.LIVE
HOST = "here"
OTHERS = [signal for signal in Cue if signal is not Cue.FACE]


def movement(**fields: Any) -> MovementState:
    known = {"log_energy": 0.5, "vibration": 0.0, "vibration_pct": 10.0, "age_s": 0.0}
    return MovementState.model_validate({"camera_kind": LIVE, **known, **fields})


def heart(**fields: Any) -> HeartState:
    known = {"rate_bpm": 90.0, "contact": True, "artefact_share": 0.0, "age_s": 0.0}
    return HeartState.model_validate({"source_kind": LIVE, **known, **fields})


def voice(**fields: Any) -> VoiceState:
    known = {"condition": VoiceCondition.LISTENING, "enabled": True}
    figures = {"crying": 0.01, "above_floor_db": 20.0}
    return VoiceState.model_validate({"source_kind": LIVE, **known, **figures, **fields})


def skin(**fields: Any) -> BiosignalState:
    known = {"value": 4.0, "spread": 0.0, "unit": "µS", "quality": 1.0, "age_s": 0.0}
    kind = {"kind": "skin-conductance", "source_kind": LIVE}
    return BiosignalState.model_validate({**kind, **known, **fields})


def muscle(**fields: Any) -> BiosignalState:
    known = {"value": 0.0, "spread": 0.01, "unit": "mV", "quality": 1.0, "age_s": 0.0}
    kind = {"kind": "corrugator", "source_kind": LIVE}
    return BiosignalState.model_validate({**kind, **known, **fields})


MAKERS = {
    Cue.MOVEMENT: movement,
    Cue.HEART: heart,
    Cue.VOICE: voice,
    Cue.SKIN: skin,
    Cue.MUSCLE: muscle,
}


class Services:
    """Sends to one engine, in the order of its clock."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.senses = harness.engine.senses
        self._numbers = itertools.count(1)

    def send(self, message: ServiceMessage, *, at_ns: int | None = None) -> None:
        """Sends as from this host, a moment ago unless `at_ns` says otherwise."""
        now_ns = self.harness.clock.monotonic_ns()
        envelope = {"host_boot_id": HOST, "at_ns": now_ns if at_ns is None else at_ns}
        self.hand_over(message.model_copy(update={"seq": next(self._numbers), **envelope}))

    def hand_over(self, message: ServiceMessage) -> None:
        """A message that comes now, as it is."""
        senses, now_ns = self.senses, self.harness.clock.monotonic_ns()
        match message:
            case MovementState():
                senses.receive_movement(Received(message, now_ns))
            case HeartState():
                senses.receive_heart(Received(message, now_ns))
            case VoiceState():
                senses.receive_voice(Received(message, now_ns))
            case BiosignalState():
                fields = {"kind": message.kind}
                senses.receive_body(Received(message, now_ns, fields=fields))

    def tell(self, *messages: ServiceMessage, seconds: float, face: Face | None = NEUTRAL) -> None:
        """Time in which each message comes anew ten times a second, before a face."""
        for _ in range(round(seconds / STEP_S)):
            for message in messages:
                self.send(message)
            if face is None:
                self.harness.wait(STEP_S)
            else:
                self.harness.show(face, STEP_S)

    def heard(self, signal: Cue) -> HeardSignal | None:
        """What the session's state says of a signal."""
        found = [heard for heard in self.harness.state.signals if heard.name == signal.value]
        return found[0] if found else None

    def listed(self) -> Iterator[str]:
        """Names of the signals that the session's state lists, but for the face."""
        return (heard.name for heard in self.harness.state.signals if heard.name != "face")
