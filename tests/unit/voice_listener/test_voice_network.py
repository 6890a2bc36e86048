"""The network hears crying in what was recorded, and another file is refused."""

from pathlib import Path

import numpy as np
import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.voice_listener.crying import PATCH, Yamnet
from calmloop.voice_listener.spectrum import BANDS, BLOCK, FRAMES, Spectrograph
from tests.unit.voice_listener.rig import Rig
from tests.unit.voice_listener.sounds import blocks, crying, noise, tone


@pytest.fixture(scope="module")
def model(shared_dir: Path) -> Path:
    path = shared_dir / "data/models/yamnet_spectra_in.tflite"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    return path


def test_the_spectrogram_is_what_the_network_was_trained_on() -> None:
    """64 mel bands of 125 to 7500 Hz, log(mel + 0.001): silence is log 0.001 everywhere."""
    silent = Spectrograph().take(np.zeros(BLOCK, np.float32)).log_mel
    assert silent.shape == (FRAMES, BANDS)
    assert np.allclose(silent, np.log(0.001))
    mel = np.linspace(1127 * np.log1p(125 / 700), 1127 * np.log1p(7500 / 700), BANDS + 2)
    for hz in (440.0, 1000.0, 3000.0):
        loudest = Spectrograph().take(tone(hz, 0.5, harmonics=1)).log_mel[20].argmax()
        centres = 700 * np.expm1(mel[1:-1] / 1127)
        assert abs(centres[loudest] - hz) < 0.06 * hz


def test_a_known_spectrogram_is_what_it_is_known_as(model: Path, shared_dir: Path) -> None:
    patch = np.fromfile(shared_dir / "data/models/yamnet_test_spectra.f32", "<f4")
    assert Yamnet(model).score(patch.reshape(PATCH, BANDS)) < 0.1


def test_crying_is_heard_and_a_hum_a_hiss_and_nothing_are_not(model: Path) -> None:
    def heard(sound: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[float]:
        rig = Rig(model=model)
        rig.switch(on=True)
        states = [rig.hear(block) for block in blocks(sound)]
        rig.service.close()
        assert states[0].crying is None, "half a second is too short for it"
        assert states[-1].model == model.name
        assert all(s.is_crying is (s.crying >= 0.45) for s in states if s.crying is not None)
        return [state.crying for state in states if state.crying is not None]

    assert max(heard(crying(8.0) + noise(8.0))) > 0.8
    for other in (tone(300.0, 4.0), noise(4.0, 0.05), noise(4.0)):
        assert max(heard(other + noise(4.0, seed=7))) < 0.1


def test_crying_is_not_known_right_after_a_gap(model: Path) -> None:
    rig = Rig(model=model)
    rig.switch(on=True)
    sound = blocks(crying(4.0) + noise(4.0))
    assert [rig.hear(block).crying is None for block in sound[:3]] == [True, False, False]
    rig.service.discard()
    assert [rig.hear(block).crying is None for block in sound[3:6]] == [True, False, False]
    rig.service.close()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is not there"),
        (b"version https://git-lfs.github.com/spec/v1\n", "no Git LFS pointer"),
        (b"", "cannot be used"),
    ],
)
def test_a_file_that_is_no_network_is_refused(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "yamnet.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"voice_listener\.network\.model.*{why}"):
        Yamnet(path)


def test_another_network_is_refused() -> None:
    import calmloop.emotion_classifier as other  # a network that is here

    path = Path(other.__path__[0]) / "models/calm.tflite"
    with pytest.raises(ConfigurationError, match="takes spectrograms"):
        Yamnet(path)
