"""How the tests of the sources open one, and tell its pictures apart."""

import numpy as np

from calmloop.base.clock import ManualClock
from calmloop.camera.choices import Playback
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import Source, open_source


def source_of(name: object, playback: Playback = Playback.LOOP) -> Source:
    settings = CameraSection.model_validate({"source": name, "playback": playback})
    return open_source(settings, ManualClock())


def mark_of(source: Source) -> int:
    """The number that the picture's brightness stands for."""
    picture = source.picture()
    assert picture is not None
    assert picture.dtype == np.uint8
    return round(float(picture.mean()) / 20)
