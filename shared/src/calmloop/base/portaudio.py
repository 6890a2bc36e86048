"""PortAudio by `sounddevice`, loaded when a device is opened: those who use it install it."""

from enum import StrEnum
from typing import Any

from calmloop.base.errors import DeviceError

MAX_LISTED = 8


class SoundDirection(StrEnum):
    """Which way sound goes at a device."""

    INPUT = "input"
    OUTPUT = "output"


KIND_OF = {SoundDirection.INPUT: "microphone", SoundDirection.OUTPUT: "output"}


def portaudio() -> Any:
    """The module, loaded late: without the system's library it cannot be imported at all.

    Raises:
        DeviceError: PortAudio is not there; says what to install.
    """
    try:
        import sounddevice  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"PortAudio is not there ({first_line(error)}): apt-get install libportaudio2"
        ) from error
    return sounddevice


def portaudio_now() -> Any:
    """The same, with the devices of now: PortAudio lists them once, when it begins.

    Raises:
        DeviceError: PortAudio is not there; says what to install.
    """
    audio = portaudio()
    audio._terminate()
    audio._initialize()
    return audio


def device_of(named: str) -> int | str | None:
    """What PortAudio takes for a device: its number, a part of its name, or None for its own."""
    return int(named) if named.isdecimal() else named or None


def devices_there(audio: Any, direction: SoundDirection) -> str:
    """The devices of one direction, in words for the end of an error.

    Args:
        audio: The module.
        direction: Of the sound.
    """
    entries = audio.query_devices()
    names = [entry["name"] for entry in entries if entry[f"max_{direction}_channels"] > 0]
    if not names:
        return f"no {KIND_OF[direction]} is there at all"
    more = len(names) - MAX_LISTED
    return f"there are {', '.join(names[:MAX_LISTED])}{f' and {more} more' * (more > 0)}"


def first_line(error: Exception) -> str:
    """What an error says, without the lines that follow; its type where it says nothing."""
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
