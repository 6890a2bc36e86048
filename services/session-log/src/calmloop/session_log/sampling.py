"""What is and was felt, as one sample twice a second of a session."""

from collections import Counter
from collections.abc import Sequence

from calmloop.contract.messages.biosignal import HeartState
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.session import SessionState
from calmloop.contract.messages.voice import VoiceState
from calmloop.session_log.records import LogSample


def sample_of(
    at_ms: int,
    readings: Sequence[EmotionState],
    session: SessionState | None,
    chair: ChairState | None,
    movement: MovementState | None,
    heart: HeartState | None,
    voice: VoiceState | None,
) -> LogSample:
    """One sample; what is None is not known, or too old.

    Args:
        at_ms: Unix time in ms.
        readings: Of the emotion, all since the sample before.
        session: The selector's newest state; the others likewise.
        chair: What the chair applies.
        movement: Of the child.
        heart: Its heart.
        voice: What is heard of it.
    """
    values: dict[str, float | str | None] = {
        **_emotion(readings),
        **(_session(session) if session else {}),
        **(_chair(chair) if chair else {}),
        **(_movement(movement) if movement else {}),
        **(_heart(heart) if heart else {}),
        **(_voice(voice) if voice else {}),
    }
    rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}
    return LogSample.model_validate({"at_ms": at_ms, **rounded})


def _emotion(readings: Sequence[EmotionState]) -> dict[str, float | str | None]:
    if not readings:
        return {}
    known = [reading for reading in readings if reading.label is not Label.UNKNOWN]
    counts = Counter(reading.label for reading in known or readings)
    label = counts.most_common(1)[0][0]
    of_it = [reading.confidence for reading in readings if reading.label is label]
    return {
        "emotion": label.value,
        "confidence": sum(of_it) / len(of_it),
        "valence": sum(r.valence for r in known) / len(known) if known else None,
        "coverage": len(known) / len(readings),
    }


def _session(state: SessionState) -> dict[str, float | str | None]:
    return {
        "level_pct": state.intensity_pct,
        "distress_fast": state.distress_fast,
        "distress_slow": state.distress_slow,
    }


def _chair(state: ChairState) -> dict[str, float | str | None]:
    applied = state.applied
    return {
        "vibration_pct": applied.vibration_pct,
        "vibration_hz": applied.vibration_hz,
        "sound_pct": applied.sound_pct,
        "red_pct": applied.light.red_pct,
        "green_pct": applied.light.green_pct,
        "blue_pct": applied.light.blue_pct,
    }


def _movement(state: MovementState) -> dict[str, float | str | None]:
    return {"movement": state.log_energy, "head_speed": state.head_speed}


def _heart(state: HeartState) -> dict[str, float | str | None]:
    return {"heart_bpm": state.rate_bpm, "rmssd_ms": state.rmssd_ms}


def _voice(state: VoiceState) -> dict[str, float | str | None]:
    return {"voice_db": state.above_floor_db, "crying": state.crying}
