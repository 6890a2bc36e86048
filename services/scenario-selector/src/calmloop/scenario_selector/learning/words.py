"""What was learned of a child, in words with their certainty."""

from collections.abc import Mapping
from math import erf, sqrt

from calmloop.contract.messages.learning import LearnedLevel, Taste
from calmloop.contract.messages.session import Channel
from calmloop.scenario_selector.learning.belief import Belief
from calmloop.scenario_selector.learning.choice import LIKELY
from calmloop.scenario_selector.levels import ChannelLevel

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


def tastes(belief: Belief, sessions: int) -> list[Taste]:
    """What can be said of a child, surest first; empty while nothing can."""
    found = [_taste(belief, name, sessions) for name in SAYINGS]
    return sorted((taste for taste in found if taste is not None), key=lambda t: -t.certainty)


def _taste(belief: Belief, name: str, sessions: int) -> Taste | None:
    mean, deviation = belief.weight(name)
    certainty = 0.5 * (1.0 + erf(abs(mean) / deviation / sqrt(2.0)))
    word = next((word for least, word in CERTAINTIES if certainty >= least), None)
    if word is None or not sessions:
        return None
    likes, dislikes = SAYINGS[name]
    counted = "1 session" if sessions == 1 else f"{sessions} sessions"
    return Taste(
        text=f"{likes if mean > 0.0 else dislikes}: {word}, {counted}",
        name=name,
        weight=round(mean, 3),
        low=round(mean - LIKELY * deviation, 3),
        high=round(mean + LIKELY * deviation, 3),
        certainty=round(min(1.0, certainty), 3),
    )


def spoken(levels: Mapping[Channel, ChannelLevel]) -> list[LearnedLevel]:
    """What upset a child and what suited it, of each channel of which something is known."""
    return [
        LearnedLevel(
            channel=channel,
            text="; ".join(_said_of(channel, levels[channel])),
            upset_pct=levels[channel].upset_pct,
            kept_below_pct=levels[channel].cap_pct,
            comfortable_pct=levels[channel].comfortable_pct,
        )
        for channel in Channel
        if channel in levels and any(_said_of(channel, levels[channel]))
    ]


def _said_of(channel: Channel, level: ChannelLevel) -> list[str]:
    said, cap_pct, sessions = [], level.cap_pct, level.calm_sessions
    if level.upset_pct is not None and cap_pct is not None:
        since = {0: "no calm session", 1: "1 calm session"}.get(sessions, f"{sessions} calm ones")
        upset = f"{channel} at {level.upset_pct:.0f} % upset it, {since} since"
        said.append(f"{upset}: kept below {cap_pct:.0f} %")
    if level.comfortable_pct is not None:
        said.append(f"{channel} at {level.comfortable_pct:.0f} % was comfortable")
    return said
