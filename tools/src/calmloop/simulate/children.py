"""Simulated children: what each is like, and what each does as time passes and the chair acts.

A child is calm, and at times something else: by its own script (it begins to cry, falls asleep,
leaves), or because the chair does more than it bears. The numbers are assumptions, all of them
here; only how a face is read comes from measurement.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, inf

from calmloop.simulate.truth import NOTHING, UNLIMITED, FacePresence, Felt, Truth

EXPRESSION_LASTS_S = 3.0
"""Mean time that an expression stays on a face before the next is drawn."""
GLANCE_S = (1.0, 4.0)
"""How long a glance away lasts."""
RECOVERS_S = (3.0, 8.0)
"""From the end of what was too much to calm."""
NOTICES_S = (1.0, 4.0)
"""From too much to being upset by it."""
HABITUATES_BY = 0.3
"""Share of a level that is no longer felt after a long while."""
HABITUATION_S = 300.0
"""Time in which 63 % of that is reached."""
NOT_FELT_PCT = 1.0


class Kind(StrEnum):
    """What sort of child."""

    CALM = "calm"
    SAD_AT_REST = "sad-at-rest"
    SMILER = "smiler"
    FAINT_SMILE = "faint-smile"
    CRIER = "crier"
    HIDDEN_CRIER = "hidden-crier"
    MASKED = "masked"
    SLEEPER = "sleeper"
    ARRIVES_UPSET = "arrives-upset"
    LAUGHER = "laugher"
    LEAVER = "leaver"
    REPLACED = "replaced"
    LIMITED = "limited"
    PREFERS = "prefers"


class ChildMood(StrEnum):
    """What a child is in."""

    CALM = "calm"
    ENJOYING = "enjoying"
    UPSET = "upset"
    CRYING = "crying"
    CRYING_HIDDEN = "crying-hidden"
    CRYING_MASKED = "crying-masked"
    ARRIVED_UPSET = "arrived-upset"
    SMILING_FAINTLY = "smiling-faintly"
    LAUGHING = "laughing"
    ASLEEP = "asleep"
    GONE = "gone"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Bearing:
    """How a mood is from inside, and how it looks.

    Attributes:
        distress: 0 to 1.
        arousal: 0 to 1.
        valence: -1 to 1.
        face: Shares of time of each expression; None for the child's own at rest.
        presence: Where the face is.
        crying: Whether it can be heard.
    """

    distress: float
    arousal: float
    valence: float
    face: Mapping[str, float] | None = None
    presence: FacePresence = FacePresence.IN_VIEW
    crying: bool = False


_CRYING_FACE = {"sad": 0.45, "angry": 0.30, "fear": 0.25}
_UPSET_FACE = {"neutral": 0.5, "sad": 0.3, "angry": 0.1, "fear": 0.1}
BEARINGS: dict[ChildMood, Bearing] = {
    ChildMood.CALM: Bearing(0.05, 0.3, 0.1),
    ChildMood.ENJOYING: Bearing(0.0, 0.4, 0.6, {"happy": 1.0}),
    ChildMood.UPSET: Bearing(0.6, 0.7, -0.5, _UPSET_FACE),
    ChildMood.CRYING: Bearing(0.9, 0.9, -0.9, _CRYING_FACE, crying=True),
    ChildMood.CRYING_HIDDEN: Bearing(
        0.9, 0.9, -0.9, _CRYING_FACE, FacePresence.COVERED, crying=True
    ),
    ChildMood.CRYING_MASKED: Bearing(0.8, 0.8, -0.6, {"neutral": 1.0}),
    ChildMood.ARRIVED_UPSET: Bearing(0.7, 0.6, -0.7, {"sad": 1.0}),
    ChildMood.SMILING_FAINTLY: Bearing(0.0, 0.3, 0.3, {"happy": 1.0}),
    ChildMood.LAUGHING: Bearing(0.3, 0.9, 0.5, {"happy": 0.9, "surprise": 0.1}),
    ChildMood.ASLEEP: Bearing(0.0, 0.05, 0.1, {"neutral": 0.8, "sad": 0.2}, FacePresence.ASLEEP),
    ChildMood.GONE: Bearing(0.0, 0.0, 0.0, {"neutral": 1.0}, FacePresence.ABSENT),
    ChildMood.REPLACED: Bearing(
        0.0, 0.4, 0.2, {"neutral": 0.7, "happy": 0.3}, FacePresence.REPLACED
    ),
}

AT_EASE = frozenset({ChildMood.CALM, ChildMood.ENJOYING})
"""Moods in which too much of the chair shows."""

AT_REST: dict[Kind, Mapping[str, float]] = {
    Kind.SMILER: {"happy": 0.55, "neutral": 0.45},
}
CALM_FACE = {"neutral": 0.94, "happy": 0.04, "surprise": 0.02}
"""Shares of time of a calm child's expressions; of AT_REST for some kinds."""


@dataclass(frozen=True)
class Spell:
    """A mood from one time of the session to another, in s."""

    mood: ChildMood
    begins_s: float
    ends_s: float = inf


@dataclass(frozen=True)
class Child:
    """What a child is like; nobody but the simulator knows it.

    Attributes:
        kind: What sort.
        seed: Of whatever chance decides about it.
        face: Shares of time of its expressions at rest.
        likes: Of each channel, -1 hates to 1 loves: shows as smiles while it plays.
        upsetting: Level of each channel above which it is upset, in percent.
        script: What comes over it by itself.
        glances_a_minute: How often it looks away for a moment.
    """

    kind: Kind = Kind.CALM
    seed: int = 0
    face: Mapping[str, float] = field(default_factory=lambda: CALM_FACE)
    likes: Felt = NOTHING
    upsetting: Felt = UNLIMITED
    script: tuple[Spell, ...] = ()
    glances_a_minute: float = 1.0

    @property
    def onset_s(self) -> float:
        """When its script begins; infinite without one."""
        return min((spell.begins_s for spell in self.script), default=inf)

    @property
    def cries_from_s(self) -> float:
        """When it begins to cry by its script; infinite when it does not."""
        moods = {
            ChildMood.CRYING,
            ChildMood.CRYING_HIDDEN,
            ChildMood.CRYING_MASKED,
            ChildMood.ARRIVED_UPSET,
        }
        return min((spell.begins_s for spell in self.script if spell.mood in moods), default=inf)


class Behaviour:
    """One child in one session; call `step` once a time step."""

    def __init__(self, child: Child, seed: int) -> None:
        self._child = child
        self._rng = random.Random(f"behaviour {child.seed} {seed}")
        self._notices_s = self._rng.uniform(*NOTICES_S)
        self._recovers_s = self._rng.uniform(*RECOVERS_S)
        self._over_s = 0.0
        self._under_s = inf
        self._exposed_s = 0.0
        self._upset = False
        self._face: Mapping[str, float] = {}
        self._expression = "neutral"
        self._expression_ends_s = float("-inf")
        self._glance_ends_s = float("-inf")

    def step(self, now_s: float, elapsed_s: float, felt: Felt) -> Truth:
        """What is true after another `elapsed_s` under what the chair does.

        Args:
            now_s: Time of the session, from 0.
            elapsed_s: Since the last call.
            felt: What the chair has done meanwhile.
        """
        over = self._bears_less_than(felt, elapsed_s)
        self._react(over, elapsed_s)
        mood = self._mood(now_s)
        how = BEARINGS[mood]
        face = how.face if how.face is not None else self._at_rest(felt)
        presence = how.presence
        if presence is FacePresence.IN_VIEW and self._glances(now_s, elapsed_s):
            presence = FacePresence.AWAY
        expression = self._express(face, mood, now_s)
        upset = mood is ChildMood.UPSET
        return Truth(
            how.distress, how.arousal, how.valence, presence, expression, how.crying, upset
        )

    def _bears_less_than(self, felt: Felt, elapsed_s: float) -> bool:
        if max(felt.vibration_pct, felt.sound_pct) > NOT_FELT_PCT:
            self._exposed_s += elapsed_s
        left = 1.0 - HABITUATES_BY * (1.0 - exp(-self._exposed_s / HABITUATION_S))
        limits = self._child.upsetting
        channels = zip(felt[:3], limits[:3], strict=True)
        return felt.intensity_pct > limits.intensity_pct or any(
            level * left > limit for level, limit in channels
        )

    def _react(self, over: bool, elapsed_s: float) -> None:
        self._over_s = self._over_s + elapsed_s if over else 0.0
        self._under_s = 0.0 if over else self._under_s + elapsed_s
        if self._over_s >= self._notices_s:
            self._upset = True
        elif self._under_s >= self._recovers_s:
            self._upset = False

    def _mood(self, now_s: float) -> ChildMood:
        mood = ChildMood.CALM
        for spell in self._child.script:
            if spell.begins_s <= now_s < spell.ends_s:
                mood = spell.mood
        return ChildMood.UPSET if self._upset and mood in AT_EASE else mood

    def _at_rest(self, felt: Felt) -> Mapping[str, float]:
        likes = self._child.likes
        liking = sum(like * level for like, level in zip(likes[:3], felt[:3], strict=True)) / 60.0
        if liking <= 0.0:
            return self._child.face
        smiles = min(0.6, 0.5 * liking)
        rest = {name: share * (1.0 - smiles) for name, share in self._child.face.items()}
        return rest | {"happy": rest.get("happy", 0.0) + smiles}

    def _express(self, face: Mapping[str, float], mood: ChildMood, now_s: float) -> str:
        changed = self._expression not in face
        if changed or now_s >= self._expression_ends_s:
            self._expression = self._rng.choices(list(face), list(face.values()))[0]
            self._expression_ends_s = now_s + self._rng.expovariate(1.0 / EXPRESSION_LASTS_S)
        return self._expression

    def _glances(self, now_s: float, elapsed_s: float) -> bool:
        if now_s < self._glance_ends_s:
            return True
        if self._rng.random() < self._child.glances_a_minute * elapsed_s / 60.0:
            self._glance_ends_s = now_s + self._rng.uniform(*GLANCE_S)
        return False
