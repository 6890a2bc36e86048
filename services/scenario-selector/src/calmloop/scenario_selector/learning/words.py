"""What was learned of a child, in words with their certainty."""

from dataclasses import dataclass
from math import erf, sqrt

from calmloop.scenario_selector.learning.belief import Belief

SAYINGS = {
    "vibration": ("likes vibration", "likes little vibration"),
    "sound": ("likes sound", "likes it quiet"),
    "light": ("likes light", "likes it dim"),
    "frequency": ("likes faster vibration", "likes slower vibration"),
    "warmth": ("likes warm light", "likes cool light"),
    "tempo": ("likes sounds that move faster", "likes sounds that move slowly"),
}
"""For a weight above zero and below it."""

CERTAINTIES = ((0.975, "sure"), (0.9, "fairly sure"), (0.75, "perhaps"))
"""From which probability of its sign a weight is called so; below the last nothing is said."""


@dataclass(frozen=True)
class LearnedTaste:
    """One thing that was learned.

    Attributes:
        text: Such as "likes vibration: fairly sure, 9 sessions".
        weight: What one feature's half range adds to the reward.
        low: Of the weight's 95 % interval.
        high: The same.
        probability: That the weight has this sign, 0.5 to 1.
    """

    text: str
    weight: float
    low: float
    high: float
    probability: float


def findings(belief: Belief, sessions: int) -> list[LearnedTaste]:
    """What can be said of a child, surest first; empty while nothing can."""
    found = [_finding(belief, name, sessions) for name in SAYINGS]
    return sorted((f for f in found if f is not None), key=lambda f: -f.probability)


def _finding(belief: Belief, name: str, sessions: int) -> LearnedTaste | None:
    mean, deviation = belief.weight(name)
    probability = 0.5 * (1.0 + erf(abs(mean) / deviation / sqrt(2.0)))
    certainty = next((word for least, word in CERTAINTIES if probability >= least), None)
    if certainty is None or not sessions:
        return None
    likes, dislikes = SAYINGS[name]
    counted = "1 session" if sessions == 1 else f"{sessions} sessions"
    text = f"{likes if mean > 0.0 else dislikes}: {certainty}, {counted}"
    low, high = mean - 1.96 * deviation, mean + 1.96 * deviation
    return LearnedTaste(text, mean, low, high, probability)
