"""The whole stage without the bus: real clips, a drawn child, and pictures that hold no face."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.camera.arrays import Picture
from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.face import NoFaceReason
from calmloop.face_detector import load_detector
from calmloop.face_detector.detection import Detector
from calmloop.face_detector.frame import JpegFrame
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.reader import FaceReader, Finding, steadied
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.simulated_child import MoodPin, SimulatedChild

CLIP_FPS = 30.0
JPEG_QUALITY = 80


@dataclass(frozen=True)
class Clip:
    jpegs: list[bytes]
    height_px: int


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    cv2.setNumThreads(1)


def clip(shared_dir: Path, name: str, roll_deg: float = 0.0) -> Clip:
    """A clip's frames; turned clockwise by `roll_deg`."""
    capture = cv2.VideoCapture(str(shared_dir / "data/video" / name))
    jpegs: list[bytes] = []
    read, picture = capture.read()
    height_px = len(picture)
    while read:
        jpegs.append(encode_jpeg(turned(np.asarray(picture, np.uint8), roll_deg), JPEG_QUALITY))
        read, picture = capture.read()
    return Clip(jpegs, height_px)


def turned(picture: Picture, roll_deg: float) -> Picture:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, 1.0)
    whole = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(whole, np.uint8)


def section(backend: str, shared_dir: Path | None = None) -> FaceDetectorSection:
    model = shared_dir / "data/models/yunet_n_320_320.onnx" if shared_dir else None
    return FaceDetectorSection.model_validate({"backend": backend, "yunet": {"model": model}})


def read(settings: FaceDetectorSection, frames: Clip) -> list[Finding]:
    reader = FaceReader(load_detector(settings), settings)
    return [
        reader.read(jpeg, frames.height_px, number / CLIP_FPS)
        for number, jpeg in enumerate(frames.jpegs)
    ]


def search_each_frame(detector: Detector, settings: FaceDetectorSection, frames: Clip) -> int:
    """Frames in which a full search alone surely finds a face."""
    hits = 0
    for jpeg in frames.jpegs:
        gray, _ = JpegFrame(jpeg, frames.height_px).reduced_to(settings.search_height_px)
        min_px = settings.follow.min_face * gray.shape[0]
        hits += any(face.sure for face in detector.detect(gray, min_px, min(gray.shape)))
    return hits


def cropped(findings: Iterable[Finding]) -> int:
    return sum(finding.crop is not None for finding in findings)


@pytest.mark.parametrize("backend", ["viola-jones", "yunet"])
def test_a_steady_face_is_readable_in_nine_of_ten_frames(backend: str, shared_dir: Path) -> None:
    frames = clip(shared_dir, "single_face.mp4")
    findings = read(section(backend, shared_dir), frames)
    assert cropped(findings) >= 0.9 * len(findings)
    assert all(finding.count <= 1 for finding in findings)


@pytest.mark.parametrize("roll_deg", [-20, 20])
def test_a_tilted_head_is_found_and_set_upright(roll_deg: int, shared_dir: Path) -> None:
    frames = clip(shared_dir, "single_face.mp4", roll_deg)
    findings = read(section("viola-jones"), frames)
    assert cropped(findings) >= 0.9 * len(findings)
    upright = read(section("viola-jones"), clip(shared_dir, "single_face.mp4"))
    one, other = findings[-1].crop, upright[-1].crop
    assert one is not None
    assert other is not None
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.85


@pytest.mark.parametrize("backend", [pytest.param("viola-jones", marks=pytest.mark.slow), "yunet"])
def test_a_room_without_a_face_has_none(backend: str, shared_dir: Path) -> None:
    findings = read(section(backend, shared_dir), clip(shared_dir, "no_face.mp4"))
    assert {finding.reason for finding in findings} == {NoFaceReason.NO_FACE}
    assert all(finding.square is None and finding.count == 0 for finding in findings)


@pytest.mark.slow
def test_following_costs_a_third_of_searching_each_frame_and_finds_as_much(
    shared_dir: Path,
) -> None:
    settings, frames = section("viola-jones"), clip(shared_dir, "single_face.mp4")
    began_s = time.thread_time()
    seen = sum(finding.square is not None for finding in read(settings, frames))
    followed_s = time.thread_time() - began_s
    detector = load_detector(settings)
    began_s = time.thread_time()
    hits = search_each_frame(detector, settings, frames)
    searched_s = time.thread_time() - began_s
    each = 1000 / len(frames.jpegs)
    print(f"\nfollowed {followed_s * each:.1f} ms, searched {searched_s * each:.1f} ms a frame")
    assert followed_s <= searched_s / 3
    assert seen >= hits - (settings.follow.confirm_looks - 1)


@pytest.mark.slow
def test_cuts_are_lived_through_with_the_recall_of_full_searches(shared_dir: Path) -> None:
    settings, frames = section("viola-jones"), clip(shared_dir, "theatre_close_up.mp4")
    seen = sum(finding.square is not None for finding in read(settings, frames))
    hits = search_each_frame(load_detector(settings), settings, frames)
    print(f"\nfollowed {seen}, searched {hits} of {len(frames.jpegs)} frames")
    assert seen >= 0.9 * hits


@pytest.mark.parametrize("mood", [MoodPin.NEGATIVE, MoodPin.NEUTRAL, MoodPin.POSITIVE])
def test_the_drawn_child_is_found(mood: MoodPin) -> None:
    child = SimulatedChild(seed=5, mood=mood)
    jpegs = []
    for number in range(60):
        child.live_until(number / 12, Applied())
        jpegs.append(encode_jpeg(child.draw(), JPEG_QUALITY))
    assert cropped(read(section("viola-jones"), Clip(jpegs, 480))) >= 0.95 * len(jpegs)


def test_both_detectors_frame_a_face_alike(shared_dir: Path) -> None:
    frames = clip(shared_dir, "single_face.mp4")
    pairs = zip(
        read(section("viola-jones"), frames),
        read(section("yunet", shared_dir), frames),
        strict=True,
    )
    both = [(a.square, b.square) for a, b in pairs if a.square and b.square]
    assert len(both) >= 0.9 * len(frames.jpegs)
    assert np.median([a.side / b.side for a, b in both]) == pytest.approx(1.0, abs=0.05)
    assert max(a.distance(b) for a, b in both) < 0.1


@pytest.mark.parametrize("level", [0, 6, 128, 255])
def test_noise_on_a_blank_wall_is_no_face(level: int) -> None:
    rng = np.random.default_rng(3)
    jpegs = []
    for _ in range(20):
        wall = np.clip(rng.normal(level, 4.0, (480, 640)), 0, 255).astype(np.uint8)
        jpegs.append(cv2.imencode(".jpg", wall)[1].tobytes())
    assert {f.reason for f in read(section("viola-jones"), Clip(jpegs, 480))} == {
        NoFaceReason.NO_FACE
    }


def test_a_bad_frame_is_named_and_the_next_one_is_read() -> None:
    settings = section("viola-jones")
    reader = FaceReader(load_detector(settings), settings)
    child = SimulatedChild(seed=5, mood=MoodPin.NEUTRAL)
    for number in range(10):
        child.live_until(number / 12, Applied())
        jpeg = encode_jpeg(child.draw(), JPEG_QUALITY)
        if number == 5:
            assert reader.read(jpeg[:300], 480, number / 12).reason is NoFaceReason.BAD_FRAME
        else:
            finding = reader.read(jpeg, 480, number / 12)
    assert finding.crop is not None


def test_a_still_face_is_steadied_and_a_moving_one_is_followed_at_once() -> None:
    still = [Square(100 + jitter, 100 - jitter, 50 + jitter) for jitter in (0, 1, -1, 1, -1, 1)]
    steady = still[0]
    for square in still[1:]:
        steady = steadied(steady, square)
        assert steady.distance(still[0]) < 0.02
    moved = steady.moved(15, 0)
    assert steadied(steady, moved) == moved
    assert steadied(None, moved) == moved


@pytest.mark.parametrize("model", [None, "/nowhere/yunet.onnx"])
def test_yunet_without_its_file_says_what_to_do(model: str | None) -> None:
    settings = FaceDetectorSection.model_validate({"backend": "yunet", "yunet": {"model": model}})
    with pytest.raises(ConfigurationError, match=r"face_detector\.yunet\.model"):
        load_detector(settings)


def test_auto_takes_yunet_where_its_model_is_set(shared_dir: Path) -> None:
    assert FaceDetectorSection().backend == "auto"
    assert load_detector(FaceDetectorSection()).name.startswith("viola-jones")
    assert load_detector(section("auto", shared_dir)).name == "yunet"


def test_auto_never_falls_back_from_a_model_that_cannot_be_used(
    tmp_path: Path, shared_dir: Path
) -> None:
    models = shared_dir / "data/models"
    whole = (models / "yunet_n_320_320.onnx").read_bytes()
    damaged, cut, pointer = (tmp_path / name for name in ("damaged.onnx", "cut.onnx", "lfs.onnx"))
    damaged.write_bytes(whole[:2000] + bytes(50_000) + whole[52_000:])
    cut.write_bytes(whole[: len(whole) // 2])
    pointer.write_text("version https://git-lfs.github.com/spec/v1\nsize 232589\n")
    other = models / "yamnet_spectra_in.tflite"
    for path in (damaged, cut, pointer, other, tmp_path, tmp_path / "missing.onnx"):
        settings = FaceDetectorSection.model_validate({"yunet": {"model": path}})
        with pytest.raises(ConfigurationError, match=path.name):
            load_detector(settings)
