"""A backend is a file: its key chooses it, its section sets it, and `auto` tries what is set up."""

from pathlib import Path

import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import load
from calmloop.emotion_classifier.settings import RUNTIMES, EmotionClassifierSection
from calmloop.face_detector.settings import DETECTORS, FaceDetectorSection, Settings


def names(section: FaceDetectorSection) -> list[str]:
    return [settings.backend for settings in DETECTORS.chosen(section)]


def test_auto_tries_in_their_order_those_that_are_set_up() -> None:
    assert names(FaceDetectorSection()) == ["viola-jones"]
    named = FaceDetectorSection.model_validate({"yunet": {"model": "/etc/yunet.onnx"}})
    assert names(named) == ["yunet", "viola-jones"]
    runtimes = RUNTIMES.chosen(EmotionClassifierSection())
    assert [runtime.backend for runtime in runtimes] == ["litert", "tflite-runtime"]


def test_a_name_chooses_one_with_the_settings_of_its_section(tmp_path: Path) -> None:
    file = tmp_path / "calmloop.yaml"
    file.write_text("face_detector: {backend: viola-jones, viola_jones: {scale_factor: 1.2}}\n")
    chosen = DETECTORS.chosen(load(Settings, file).face_detector)
    assert [settings.model_dump()["scale_factor"] for settings in chosen] == [1.2]


def test_the_environment_sets_a_backends_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_FACE_DETECTOR__YUNET__MODEL", "/etc/yunet.onnx")
    assert names(load(Settings).face_detector) == ["yunet", "viola-jones"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("backend: haar", r"face_detector\.backend = 'haar'.*'viola-jones'"),
        ("haar: {neighbours: 4}", r"face_detector\.haar.*known are .*viola_jones, yunet"),
        ("yunet: {scale_factor: 2}", r"yunet\.scale_factor.*known are keep_score"),
        ("viola_jones: {scale_factor: 2}", r"viola_jones\.scale_factor = 2.*1\.5"),
    ],
)
def test_what_no_backend_takes_is_refused_with_what_is_known(
    tmp_path: Path, written: str, told: str
) -> None:
    file = tmp_path / "calmloop.yaml"
    file.write_text(f"face_detector: {{{written}}}\n")
    with pytest.raises(ConfigurationError, match=told):
        load(Settings, file)
