"""The pure core: half a second of sound in, figures out. Holds a second of spectra, no more."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.voice_listener.crying import PATCH, CryNetwork
from calmloop.voice_listener.floor import Floor
from calmloop.voice_listener.highpass import Highpass
from calmloop.voice_listener.pitch import PitchTracker
from calmloop.voice_listener.soundness import SoundFault, Soundness, clipped_share
from calmloop.voice_listener.spectrum import BANDS, FRAMES, Samples, Spectrograph, decibel


@dataclass(frozen=True)
class VoiceReading:
    """What was heard in half a second; None is unknown."""

    level_db: float
    floor_db: float | None
    above_floor_db: float | None
    voiced_share: float
    pitch_hz: float | None
    crying: float | None
    clipped_share: float


class VoiceReader:
    """Reads the blocks of one microphone, in their order."""

    _log_mel: NDArray[np.float32]

    def __init__(self, network: CryNetwork | None, *, live: bool) -> None:
        self._network = network
        self._soundness = Soundness(live=live)
        self._floor = Floor()
        self._begin()

    def restart(self) -> None:
        """Forgets the sound before: what comes next does not follow on it. The floor stays."""
        self._soundness.forget()
        self._begin()

    def read(self, block: Samples, chair_sound: float | None = None) -> VoiceReading | SoundFault:
        """The figures of the next block, or why there are none.

        Args:
            block: BLOCK samples at RATE_HZ.
            chair_sound: What the chair's own sound is at, 0 to 1; None where that is not known.
        """
        fault = self._soundness.fault(block)
        if fault is not None:
            # The block before is still needed, to tell a stream that stays stuck.
            self._begin()
            return fault
        sound = self._highpass.take(block)
        spectra = self._spectrograph.take(sound)
        self._log_mel = np.concatenate([self._log_mel, spectra.log_mel])[-2 * FRAMES :]
        self._floor.take(spectra.power, chair_sound)
        power, floor = float(spectra.power.mean()), self._floor.power(chair_sound)
        voicing = self._pitch.take(sound, floor or 0.0)
        return VoiceReading(
            level_db=decibel(power),
            floor_db=None if floor is None else decibel(floor),
            above_floor_db=None if floor is None else max(0.0, decibel(power) - decibel(floor)),
            voiced_share=voicing.share,
            pitch_hz=voicing.pitch_hz,
            crying=self._crying(),
            clipped_share=clipped_share(block),
        )

    def _begin(self) -> None:
        self._highpass = Highpass()
        self._spectrograph = Spectrograph()
        self._pitch = PitchTracker()
        self._log_mel = np.zeros((0, BANDS), np.float32)

    def _crying(self) -> float | None:
        if self._network is None or len(self._log_mel) < PATCH:
            return None
        return self._network.score(self._log_mel[-PATCH:])
