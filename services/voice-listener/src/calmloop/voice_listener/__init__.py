"""Hears how loud, how voiced and how much like crying the room is; keeps and sends no sound.

What tools may use of this service stands below; each name is loaded when it is first used, since
settings are read without numpy and without a runtime of networks.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.voice_listener.crying import CryNetwork, Yamnet
    from calmloop.voice_listener.reader import VoiceReader, VoiceReading
    from calmloop.voice_listener.resampling import Blocks
    from calmloop.voice_listener.settings import NetworkSection
    from calmloop.voice_listener.simulated_voice import hum, laugh, voiced
    from calmloop.voice_listener.sources.source import RATES_HZ
    from calmloop.voice_listener.spectrum import BLOCK, RATE_HZ, Samples

__all__ = [
    "BLOCK",
    "RATES_HZ",
    "RATE_HZ",
    "Blocks",
    "CryNetwork",
    "NetworkSection",
    "Samples",
    "VoiceReader",
    "VoiceReading",
    "Yamnet",
    "hum",
    "laugh",
    "voiced",
]

__getattr__ = lazy_names(
    __name__,
    {
        "crying": ("CryNetwork", "Yamnet"),
        "reader": ("VoiceReader", "VoiceReading"),
        "resampling": ("Blocks",),
        "settings": ("NetworkSection",),
        "simulated_voice": ("hum", "laugh", "voiced"),
        "sources.source": ("RATES_HZ",),
        "spectrum": ("BLOCK", "RATE_HZ", "Samples"),
    },
)
