"""What the reports of a session and of a course share."""

from base64 import b64encode

from calmloop.report.language import Speaker

LIMITS = ("finding", "face", "gap", "levels", "cause", "signals")


def limits(speaker: Speaker, names: tuple[str, ...], calibrations: set[str]) -> list[str]:
    """What the evidence cannot show, in plain words; and what the chairs were."""
    told = [speaker.text(f"limit.{name}") for name in names]
    of_chair = sorted(f"limit.calibration.{found}" for found in calibrations)
    return told + [speaker.text(key) for key in of_chair if speaker.has(key)]


def of_hundred(level: float | None, speaker: Speaker) -> str:
    """A level in per cent."""
    return speaker.percent(None if level is None else level / 100)


def picture(svg: bytes) -> str:
    """As an address that holds it: nothing is fetched."""
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
