"""The voice listener on the bus: figures out, the privacy switch in. No sound leaves it."""

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Latest, Received
from calmloop.base.privacy_switch import PrivacySwitch
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.voice import VoiceCondition, VoiceSet, VoiceState
from calmloop.service.runtime import Context, Health
from calmloop.voice_listener.crying import CryNetwork, Yamnet
from calmloop.voice_listener.listening import MAX_BLOCKS, Block, Hearing, HearingReport
from calmloop.voice_listener.reader import VoiceReader, VoiceReading
from calmloop.voice_listener.settings import SOURCES, NetworkSection, Settings
from calmloop.voice_listener.sources.simulated import SimulatedVoice

CLOSE_S = 2.0
"""How long a source may take to let go when the service ends; the process' end closes the rest."""
STUCK_S = 60.0
"""A driver that does not return for so long will not any more."""
PERIOD_S = 0.5
LATE_S = 0.75
"""A block that has not come by then is missed: from now on nothing is known."""
FAULTS_IN_A_ROW = 4
"""Two seconds: one that lasts no longer is no reason to call for anybody."""
BROKEN = (
    VoiceCondition.LOST,
    VoiceCondition.DEAD,
    VoiceCondition.FROZEN,
    VoiceCondition.UNUSABLE,
)
SWITCHED_OFF = HearingReport(
    VoiceCondition.OFF, 'switched off for privacy: {"enabled": true} on voice/set turns it on'
)


class VoiceListenerService:
    """Opens the microphone only while the privacy switch, off at first, allows it."""

    period_s = 0.1

    def __init__(self, context: Context[Settings]) -> None:
        self._settings = section = context.settings.voice_listener
        self._bus = context.bus
        self._clock = context.clock
        self._log = context.log
        self._network = _network(section.network)
        self._source = SOURCES.chosen(section)[0].load(self._clock)
        self._reader = self._new_reader()
        self._listening: Hearing | None = None
        self._switch = PrivacySwitch(
            section.switch_file,
            "voice_listener.switch_file",
            self._clock,
            at_first=section.starts_enabled,
        )
        self._faults = 0
        self._told = HearingReport(VoiceCondition.OPENING)
        self._told_s = 0.0
        self._chair: Latest[ChairState] = Latest(
            self._bus.ages, topics.CHAIR_STATE.max_age_s or 0.0
        )
        self._emotion: Latest[EmotionState] = Latest(
            self._bus.ages, topics.EMOTION_STATE.max_age_s or 0.0
        )
        self._bus.subscribe(topics.VOICE_SET, self._on_set)
        self._bus.subscribe(topics.CHAIR_STATE, self._chair.put, latest_only=True)
        if isinstance(self._source, SimulatedVoice):
            self._bus.subscribe(topics.EMOTION_STATE, self._emotion.put, latest_only=True)

    def turn(self) -> Health:
        """Opens or closes as the switch says, reads what was heard, tells it twice a second."""
        self._switch.save_again()
        self._follow_switch()
        if isinstance(self._source, SimulatedVoice):
            self._let_feel(self._source)
        report = self._report()
        for _ in range(MAX_BLOCKS):
            if block := self._listening.take() if self._listening else None:
                report = self._hear(block)
        listens = report.condition is VoiceCondition.LISTENING
        if monotonic_s(self._clock) - self._told_s >= (LATE_S if listens else PERIOD_S):
            self._tell(report, None)
        return self._health()

    def discard(self) -> None:
        """Drops the sound that waits and what was known of the chair: it may be old."""
        if self._listening:
            self._listening.discard()
        self._reader.restart()
        self._chair.clear()
        self._emotion.clear()

    def close(self) -> None:
        """Closes the microphone."""
        if self._listening:
            self._listening.stop()
            self._listening.join(CLOSE_S)

    # --- in --------------------------------------------------------------------------------

    def _on_set(self, received: Received[VoiceSet]) -> None:
        self._switch.turn(on=received.message.enabled)
        self._log.info(
            "privacy switch", enabled=self._switch.enabled, fault=self._switch.unsaved or "none"
        )

    def _chair_sound(self) -> float | None:
        chair = self._chair.get()
        return None if chair is None else chair.applied.sound_pct / 100.0

    def _let_feel(self, child: SimulatedVoice) -> None:
        emotion = self._emotion.get()
        child.feel(emotion.valence if emotion else 0.0, 100.0 * (self._chair_sound() or 0.0))

    # --- the device ------------------------------------------------------------------------

    def _follow_switch(self) -> None:
        listening = self._listening
        if listening and not self._switch.enabled:
            listening.stop()
            if listening.closed:
                self._listening, self._reader = None, self._new_reader()
        elif listening is None and self._switch.enabled:
            self._listening = Hearing(self._source, self._clock, self._bus.wake)
            self._listening.start()
        elif listening and listening.crashed:
            raise DeviceError(f"reading {self._source.origin} has crashed: see the traceback above")
        if listening and listening.busy_s > STUCK_S:
            raise DeviceError(
                f"{self._source.origin} has not returned for {STUCK_S:.0f} s: this process ends,"
                " so that the driver is let go and its supervisor starts it again"
            )

    def _report(self) -> HearingReport:
        if self._listening is None:
            return HearingReport(VoiceCondition.OPENING) if self._switch.enabled else SWITCHED_OFF
        if not self._switch.enabled:
            return HearingReport(VoiceCondition.OFF, "switched off: the microphone is being closed")
        report = self._listening.report()
        if report.condition is VoiceCondition.LISTENING and self._faults:
            return self._told
        return report

    def _hear(self, block: Block) -> HearingReport:
        if not block.follows:
            self._reader.restart()
        heard = self._reader.read(block.samples, self._chair_sound())
        if isinstance(heard, VoiceReading):
            self._faults = 0
            report = HearingReport(VoiceCondition.LISTENING)
            self._tell(report, heard)
        else:
            self._faults += 1
            report = HearingReport(heard.condition, f"{self._source.origin}: {heard.reason}")
            self._tell(report, None)
        return report

    def _new_reader(self) -> VoiceReader:
        return VoiceReader(self._network, live=self._source.kind is SignalKind.LIVE)

    # --- out -------------------------------------------------------------------------------

    def _tell(self, report: HearingReport, heard: VoiceReading | None) -> None:
        if report != self._told:
            self._log.info("voice", condition=report.condition.value, reason=report.reason)
        self._told, self._told_s = report, monotonic_s(self._clock)
        self._bus.publish(
            topics.VOICE_STATE,
            VoiceState(
                condition=report.condition,
                enabled=self._switch.enabled,
                reason=self._reason(report)[:300],
                origin=self._source.origin[:200],
                source_kind=self._source.kind,
                model=self._network.name[:100] if self._network else "",
                **(self._figures(heard) if heard else {}),
            ),
        )

    def _reason(self, report: HearingReport) -> str:
        if not self._switch.unsaved:
            return report.reason
        said = f"{'on' if self._switch.enabled else 'off'}, but {self._switch.unsaved}"
        return f"{said}; {report.reason}" if report.reason else said

    def _figures(self, heard: VoiceReading) -> dict[str, float | bool | None]:
        threshold = self._settings.network.threshold
        return {
            "level_db": round(heard.level_db, 1),
            "floor_db": _rounded(heard.floor_db, 1),
            "above_floor_db": _rounded(heard.above_floor_db, 1),
            "voiced_share": round(heard.voiced_share, 2),
            "pitch_hz": _rounded(heard.pitch_hz, 1),
            "crying": _rounded(heard.crying, 3),
            "is_crying": None if heard.crying is None else heard.crying >= threshold,
            "clipped_share": round(heard.clipped_share, 3),
        }

    def _health(self) -> Health:
        lasts = self._faults == 0 or self._faults >= FAULTS_IN_A_ROW
        broken = self._told.condition in BROKEN and lasts
        waits_for = self._told.reason if broken else self._switch.unsaved
        return Health(not waits_for, waits_for[:200])


def _network(section: NetworkSection) -> CryNetwork | None:
    return None if section.model is None else Yamnet(section.model)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
