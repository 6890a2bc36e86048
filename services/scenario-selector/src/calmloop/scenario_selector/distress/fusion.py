"""Sums what every signal says of distress, over a short and a long memory.

The short one is quick and cheap to be wrong: it takes one step down, which is taken back. The
long one is slow and sure: it halts.
"""

import math
from collections.abc import Mapping

from calmloop.scenario_selector.distress.norms import Norm
from calmloop.scenario_selector.distress.rest import AT_REST_WITHIN, FaceAtRest, FaceOfLate
from calmloop.scenario_selector.distress.signals import (
    FACE_MODEL,
    MODELS,
    Cue,
    confirmed,
)
from calmloop.scenario_selector.distress.sums import FAST, SLOW, WITHOUT_FACE_SHARE, DistressSums

CALM_SHARE = 0.15
"""Of the slow tier's threshold: above it nothing rises."""

AGREED_SHARE, MIN_AGREED = 0.8, 2.5
"""Of the quick tier's threshold, where two signals or more speak for distress; and at least."""

SMILE = -0.3
"""Minus the valence, from which down a face smiles: arousal beside it is not distress."""

UNUSUAL_LOG_ODDS = 1.52
"""What a second says of a face that is more negative than is usual for the child: three cycles of
it in a row are lasting distress."""

LESS_LOG_ODDS, LESS_STANDS_S = 0.2, 60.0
"""What a second says of a child that has asked for less, for so long after; it asks once or often.
Less than what calm is taken to say: by itself it never amounts to anything."""

CONFIRMED_ALLOWED = 0.5
"""Of what is allowed for of a face at rest in the slow memory, in the quick one as well once a
caregiver has said that the child usually looks so: half, or crying would lower nothing."""

PATIENCE, MAX_PATIENCE, PATIENCE_S = 1.8, 3.2, 1800.0
"""By how much the quick tier's threshold grows with each alarm of the face that was none, for a
child whose resting face reads sad now and then; at most; and time in which it is forgotten."""


class Fusion:
    """One child's signals, its norms, and what they amount to.

    Attributes:
        norms: What is usual for this child, of every signal that was seen in calm.
        fast: The short memory.
        slow: The long one.
        said: What each present signal said for distress at the last turn, in log-odds a second.
        speaking: Those that spoke for it, loudest first.
        asked_less: What the child's own request for less says, in log-odds a second; 0 for none.
    """

    def __init__(self, norms: Mapping[Cue, Norm] | None = None) -> None:
        self.norms = dict(norms or {})
        self.fast, self.slow = DistressSums(FAST), DistressSums(SLOW)
        self.said: dict[Cue, float] = {}
        self.speaking: tuple[Cue, ...] = ()
        self._models = dict(MODELS)
        self._values: dict[Cue, tuple[float, float]] = {}
        self._seen: set[Cue] = set()
        self._patience = 0.0
        self._rest, self._late = FaceAtRest(), FaceOfLate()
        self._confirmed = -math.inf
        self.asked_less = 0.0
        self._asked_less_s = -math.inf

    @property
    def is_calm(self) -> bool:
        """Whether nothing has spoken for distress of late, by either memory."""
        others = self.slow.others <= CALM_SHARE * SLOW.threshold
        return self.fast.value == 0.0 and self.slow.share <= CALM_SHARE and others

    @property
    def is_face_calm(self) -> bool:
        """The same of the face alone: no signal that lies of distress changes it."""
        return self.fast.face == 0.0 and self.slow.face <= CALM_SHARE * SLOW.threshold

    @property
    def is_at_rest(self) -> bool:
        """Whether the child's face has read of late as it does in calm, or little worse."""
        usual = max(self.norm(Cue.FACE).mean, self._confirmed)
        return self._late.is_within(max(usual + AT_REST_WITHIN, MODELS[Cue.FACE].prior.mean))

    @property
    def is_upset(self) -> bool:
        """Whether the short memory speaks of distress.

        Signals that agree have to say more together than one alone: each speaks now and then, and
        of what the face says alone it takes no less.
        """
        return self.fast_share > 1.0

    @property
    def fast_share(self) -> float:
        """Of what the short memory has to hold now to be heard."""
        by_face = self.fast.face / self._face_threshold
        return max(by_face, self.fast.together / self._together_threshold)

    @property
    def slow_share(self) -> float:
        """The same of the long memory."""
        alone = self.slow.others / (WITHOUT_FACE_SHARE * SLOW.threshold)
        return max(self.slow.share, alone)

    @property
    def is_upset_by_face(self) -> bool:
        """Whether the face says so alone, whatever the others say."""
        return self.fast.face > self._face_threshold

    @property
    def _together_threshold(self) -> float:
        if self.is_agreed:
            return max(MIN_AGREED, AGREED_SHARE * self._face_threshold)
        if self.speaking and Cue.FACE not in self.speaking:
            return FAST.threshold
        return self._face_threshold

    @property
    def _face_threshold(self) -> float:
        return FAST.threshold * (1.0 + self._patience)

    @property
    def missing(self) -> frozenset[Cue]:
        """Those that were there in this session and are not now."""
        return frozenset(self._seen - self.said.keys())

    def norm(self, signal: Cue) -> Norm:
        """This child's, or the prior of a child whom nobody knows."""
        return self.norms.get(signal, MODELS[signal].prior)

    def receive(self, signal: Cue, raw: float, now_s: float) -> None:
        """Takes a value; what is no number, or older than what it has, is no value."""
        _, newest_s = self._values.get(signal, (0.0, -math.inf))
        if math.isfinite(raw) and now_s >= newest_s:
            self._values[signal] = (raw, now_s)

    def value(self, signal: Cue, now_s: float) -> float | None:
        """What stands of a signal; None when nothing does."""
        raw, at_s = self._values.get(signal, (0.0, -math.inf))
        return raw if now_s - at_s <= MODELS[signal].stands_s else None

    @property
    def is_agreed(self) -> bool:
        """Whether two signals or more speak for distress."""
        return len(self.speaking) > 1

    @property
    def is_seconded(self) -> bool:
        """Whether anything is known beside the face: crying may read as calm in it."""
        return bool(self.said.keys() - {Cue.FACE})

    def turn(
        self, now_s: float, elapsed_s: float, *, unusual: bool = False, usual_rest: bool = True
    ) -> None:
        """Lets time pass; a signal whose value stands no longer says nothing.

        In the slow memory a voice counts no more than what agrees with it: it may be another's. And
        without the face two other signals have to agree, against a face that does not smile: a
        laughing child is aroused, too.

        Args:
            now_s: Monotonic time in s.
            elapsed_s: Since the last turn.
            unusual: The face is more negative than this child's is in calm, mild as that may be.
            usual_rest: What its face did at rest was no distress.
        """
        self._hear(now_s, unusual=unusual)
        if Cue.FACE in self.said:
            self._late.note(MODELS[Cue.FACE].value(self._values[Cue.FACE][0]), elapsed_s)
        face = self.said.get(Cue.FACE, 0.0)
        others = sum(said for signal, said in self.said.items() if signal is not Cue.FACE)
        self.asked_less = self._said_by_asking(now_s)
        self.fast.add(face, others + self.asked_less, elapsed_s)
        others -= self._unsupported_voice()
        alone = others if self._may_do_without_face else 0.0
        allowed = self._rest.allowance - self._quickly_allowed if usual_rest else 0.0
        self.slow.add(_less(face, allowed), others + self.asked_less, elapsed_s, alone=alone)
        self._patience *= math.exp(-elapsed_s / PATIENCE_S)

    def _hear(self, now_s: float, *, unusual: bool) -> None:
        self.said = {
            signal: self._models[signal].log_odds_per_s(raw, self.norm(signal))
            for signal, (raw, at_s) in self._values.items()
            if now_s - at_s <= MODELS[signal].stands_s
        }
        self._seen |= self.said.keys()
        if Cue.FACE in self.said:
            face = _less(self.said[Cue.FACE], self._quickly_allowed)
            self.said[Cue.FACE] = max(UNUSUAL_LOG_ODDS, face) if unusual else face
        loud = [cue for cue, said in self.said.items() if said > 0.0]
        self.speaking = tuple(sorted(loud, key=lambda cue: -self.said[cue]))

    @property
    def _quickly_allowed(self) -> float:
        """What is allowed for of a face in the quick memory, too."""
        is_confirmed = self._confirmed > -math.inf
        return CONFIRMED_ALLOWED * self._rest.allowance if is_confirmed else 0.0

    def _said_by_asking(self, now_s: float) -> float:
        return LESS_LOG_ODDS if now_s - self._asked_less_s <= LESS_STANDS_S else 0.0

    def _unsupported_voice(self) -> float:
        voice = max(0.0, self.said.get(Cue.VOICE, 0.0))
        rest = sum(said for cue, said in self.said.items() if said > 0.0 and cue is not Cue.VOICE)
        return max(0.0, voice - rest)

    @property
    def _may_do_without_face(self) -> bool:
        smiles = Cue.FACE in self.said and self._values[Cue.FACE][0] <= SMILE
        return not smiles and len(set(self.speaking) - {Cue.FACE}) > 1

    def note_asked_less(self, now_s: float) -> None:
        """The child itself asks for less: how often makes no difference."""
        self._asked_less_s = now_s

    def learn_calm(self, elapsed_s: float, *, face: bool = True) -> None:
        """The child is calm: what the signals show now is usual for it.

        Args:
            elapsed_s: For so long.
            face: That of the face too.
        """
        for signal in self.said if face else self.said.keys() - {Cue.FACE}:
            value = MODELS[signal].usual(self._values[signal][0])
            self.norms[signal] = self.norm(signal).seeing(value, elapsed_s)

    def note_rest(self, elapsed_s: float) -> None:
        """The child is calm, as far as can be told: how its face reads now, once and again."""
        if Cue.FACE in self.said:
            self._rest.note(self._values[Cue.FACE][0], elapsed_s)

    def note_false_alarm(self) -> None:
        """The face alone spoke of distress, and it was none: it has to say more next time."""
        grown = PATIENCE * (1.0 + self._patience)
        self._patience = min(MAX_PATIENCE, grown) - 1.0

    def confirm_face(self, valence: float) -> None:
        """A caregiver says that the child usually looks as it did while its rest was measured.

        Args:
            valence: That rest, -1 to 1.
        """
        self._models[Cue.FACE] = confirmed(FACE_MODEL)
        self._confirmed = -valence
        for sums in (self.fast, self.slow):
            sums.face = sums.together = 0.0

    def clear(self) -> None:
        """Begins the sums anew."""
        self.fast.clear()
        self.slow.clear()
        self._late = FaceOfLate()

    def dismiss(self, signal: Cue) -> None:
        """A caregiver goes on without this one."""
        self._seen.discard(signal)

    def forget(self) -> None:
        """Drops the values held; norms and sums stay, and silence is noticed."""
        self._values.clear()


def _less(said: float, allowed: float) -> float:
    """What a face says for distress, less what is allowed for; what it says against it stays."""
    return max(min(0.0, said), said - allowed)
