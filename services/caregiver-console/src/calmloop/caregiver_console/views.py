"""What of the bus a browser may see: never a token or a nonce, and without login no history."""

from collections.abc import Mapping
from typing import Any

from calmloop.contract import topics
from calmloop.contract.messages.base import Part
from calmloop.contract.topics import AnyTopic

ENVELOPE = frozenset({"v", "source", "host_boot_id", "at_ns"})
SECRET: Mapping[str, frozenset[str]] = {
    topics.SESSION_STATE.path: frozenset({"start_token", "child_token"}),
    topics.STOP_STATE.path: frozenset({"reset_token"}),
    topics.CHAIR_STATE.path: frozenset({"nonce"}),
}
"""Proofs that somebody, or the whole chain, is there: they stay in this process."""
HISTORY: Mapping[str, frozenset[str]] = {
    topics.SESSION_STATE.path: frozenset({"scores", "choice", "baseline_valence", "minutes_today"}),
    topics.REJECTED.path: frozenset({"head"}),
}
"""What rests on a child's earlier sessions, or is somebody else's words."""
PUBLIC: tuple[AnyTopic, ...] = (
    topics.CHAIR_STATE,
    topics.SESSION_STATE,
    topics.STOP_STATE,
    topics.OVERRIDE_STATE,
    topics.STIMULUS_SETPOINT,
    topics.SOUND_STATE,
    topics.CAMERA_STATE,
    topics.ALARM,
    topics.SERVICE_STATUS,
    topics.HEARTBEAT,
    topics.REJECTED,
)
"""What a person beside the chair sees anyway."""
KNOWN: tuple[AnyTopic, ...] = (
    topics.EMOTION_STATE,
    topics.FACE_STATE,
    topics.MOVEMENT_STATE,
    topics.HEART_STATE,
    topics.BIOSIGNAL_STATE,
    topics.VOICE_STATE,
    topics.LEARNING_STATE,
    topics.LOG_STATE,
)
"""With a login."""
SHOWN = (*PUBLIC, *KNOWN)
PUBLIC_PATHS = frozenset(topic.path for topic in PUBLIC)


def shown(path: str, message: Part, *, known: bool) -> dict[str, Any]:
    """A message as a browser gets it.

    Args:
        path: Its topic's, with placeholders.
        message: What was received.
        known: Whether who asks has logged in.

    Returns:
        Plain values.
    """
    hidden = ENVELOPE | SECRET.get(path, frozenset())
    if not known:
        hidden |= HISTORY.get(path, frozenset())
    values = message.model_dump(mode="json", exclude=set(hidden))
    if path == topics.SESSION_STATE.path:
        values["child_allowed"] = bool(getattr(message, "child_token", ""))
    return values
