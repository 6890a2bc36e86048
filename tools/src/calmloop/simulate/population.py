"""Draws children of a kind: each its own onset, script, limits and preferences."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from calmloop.simulate.children import AT_REST, CALM_FACE, Child, ChildMood, Kind, Spell
from calmloop.simulate.truth import NOTHING, UNLIMITED, Felt

LIMIT_PCT = 27.0
"""Intensity above which a comfort-limited child is upset."""
BEARS_PCT = (8.0, 50.0)
"""Level of a channel above which a child with preferences is upset."""
ONSET_S = (50.0, 90.0)
"""When a child begins to cry, fall asleep, leave: after the baseline."""
HIDES_S = (4.0, 12.0)
SHOWS_S = (2.0, 8.0)
"""Hands before the face, and down again, in turn."""
LAUGHS_S = (40.0, 90.0)
"""How long laughter lasts before it tips over into crying."""


@dataclass(frozen=True)
class Population:
    """Children of several kinds, in proportion.

    Attributes:
        kinds: Weight of each.
    """

    kinds: Mapping[Kind, float]

    def draw(self, count: int, seed: int | str) -> list[Child]:
        """Children, the same for the same seed; a larger count begins with those of a smaller."""
        names, weights = list(self.kinds), list(self.kinds.values())
        children = []
        for number in range(count):
            rng = random.Random(f"child {seed} {number}")
            children.append(draw_child(rng.choices(names, weights)[0], rng))
        return children


def draw_child(kind: Kind, rng: random.Random) -> Child:
    """One child of a kind."""
    seed = rng.getrandbits(32)
    likes, upsetting = NOTHING, UNLIMITED
    if kind is Kind.LIMITED:
        upsetting = UNLIMITED._replace(intensity_pct=LIMIT_PCT)
    elif kind is Kind.PREFERS:
        likes = Felt(rng.uniform(-0.5, 1.0), rng.uniform(-0.5, 1.0), rng.uniform(-0.5, 1.0))
        upsetting = UNLIMITED._replace(
            vibration_pct=rng.uniform(*BEARS_PCT), sound_pct=rng.uniform(*BEARS_PCT)
        )
    make = _SCRIPTS.get(kind)
    return Child(
        kind=kind,
        seed=seed,
        face=AT_REST.get(kind, CALM_FACE),
        likes=likes,
        upsetting=upsetting,
        script=make(rng.uniform(*ONSET_S), rng) if make else (),
        glances_a_minute=0.0 if kind in (Kind.FAINT_SMILE, Kind.ARRIVES_UPSET) else 1.0,
    )


def _hides(begins_s: float, rng: random.Random) -> tuple[Spell, ...]:
    spells, now_s = [], begins_s
    while now_s < begins_s + 180.0:
        shown_s = now_s + rng.uniform(*SHOWS_S)
        hidden_s = shown_s + rng.uniform(*HIDES_S)
        spells += [
            Spell(ChildMood.CRYING, now_s, shown_s),
            Spell(ChildMood.CRYING_HIDDEN, shown_s, hidden_s),
        ]
        now_s = hidden_s
    return (*spells, Spell(ChildMood.CRYING, now_s))


def _laughs(begins_s: float, rng: random.Random) -> tuple[Spell, ...]:
    tips_s = begins_s + rng.uniform(*LAUGHS_S)
    return Spell(ChildMood.LAUGHING, begins_s, tips_s), Spell(ChildMood.CRYING, tips_s)


def _once(mood: ChildMood) -> Callable[[float, random.Random], tuple[Spell, ...]]:
    return lambda begins_s, _rng: (Spell(mood, begins_s),)


_SCRIPTS: dict[Kind, Callable[[float, random.Random], tuple[Spell, ...]]] = {
    Kind.CRIER: _once(ChildMood.CRYING),
    Kind.HIDDEN_CRIER: _hides,
    Kind.MASKED: _once(ChildMood.CRYING_MASKED),
    Kind.SLEEPER: _once(ChildMood.ASLEEP),
    Kind.LIMITED: _once(ChildMood.ENJOYING),
    Kind.ARRIVES_UPSET: lambda _begins_s, _rng: (Spell(ChildMood.ARRIVED_UPSET, 0.0),),
    Kind.FAINT_SMILE: _once(ChildMood.SMILING_FAINTLY),
    Kind.LAUGHER: _laughs,
    Kind.LEAVER: _once(ChildMood.GONE),
    Kind.REPLACED: _once(ChildMood.REPLACED),
}
