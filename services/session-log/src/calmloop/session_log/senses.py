"""The newest of what goes into a sample, and the samples that are not handed on yet."""

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Ages, Latest, Received
from calmloop.contract import topics
from calmloop.contract.messages.biosignal import HeartState
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.session import SessionState
from calmloop.contract.messages.voice import VoiceState
from calmloop.session_log.records import LogSample
from calmloop.session_log.sampling import sample_of

PERIOD_S = 0.5
TOGETHER = 10
"""Samples of five seconds are kept together: a power cut costs so many at most."""
MAX_READINGS = 100


class HeardSenses:
    """Holds the newest of each, and takes a sample of them twice a second of a session."""

    def __init__(self, ages: Ages, clock: Clock) -> None:
        self.session: Latest[SessionState] = Latest(ages, topics.SESSION_STATE.max_age_s or 0.0)
        self.chair: Latest[ChairState] = Latest(ages, topics.CHAIR_STATE.max_age_s or 0.0)
        self.movement: Latest[MovementState] = Latest(ages, topics.MOVEMENT_STATE.max_age_s or 0.0)
        self.heart: Latest[HeartState] = Latest(ages, topics.HEART_STATE.max_age_s or 0.0)
        self.voice: Latest[VoiceState] = Latest(ages, topics.VOICE_STATE.max_age_s or 0.0)
        self.network = ""
        self._clock = clock
        self._readings: list[EmotionState] = []
        self._samples: list[LogSample] = []
        self._of = ""
        self._due_s = float("-inf")

    def receive_emotion(self, received: Received[EmotionState]) -> None:
        """One reading; all of them go into the next sample."""
        self.network = received.message.model or self.network
        if len(self._readings) < MAX_READINGS:
            self._readings.append(received.message)

    def take(self, session: str) -> tuple[str, list[LogSample]]:
        """Takes a sample when one is due; hands out those that are to be kept now, and whose.

        Args:
            session: The running one; empty without one, when nothing is sampled.
        """
        out: tuple[str, list[LogSample]] = ("", [])
        if session != self._of or len(self._samples) >= TOGETHER:
            out = self.rest()
            self._of = session
        now_s = monotonic_s(self._clock)
        if not session:
            self._readings.clear()
        elif now_s >= self._due_s:
            # By a schedule: a turn that comes a little late does not move the next.
            is_late = now_s - self._due_s > PERIOD_S
            self._due_s = (now_s if is_late else self._due_s) + PERIOD_S
            self._samples.append(self._sample())
        return out

    def rest(self) -> tuple[str, list[LogSample]]:
        """Those that were not handed out, and whose they are."""
        samples, self._samples = self._samples, []
        return self._of, samples

    def discard(self) -> None:
        """Forgets what it holds: it may be old."""
        for latest in (self.session, self.chair, self.movement, self.heart, self.voice):
            latest.clear()
        self._readings.clear()

    def _sample(self) -> LogSample:
        readings, self._readings = self._readings, []
        return sample_of(
            round(self._clock.utc_now().timestamp() * 1000),
            readings,
            self.session.get(),
            self.chair.get(),
            self.movement.get(),
            self.heart.get(),
            self.voice.get(),
        )
