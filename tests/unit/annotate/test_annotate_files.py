"""annotate: which files it reads and writes, and what it says of the others."""

import os
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.annotate.video import constant_fps
from calmloop.camera.arrays import Picture
from tests.processes import clean_environment
from tests.variable_rate import hold_frames, write_gray_clip

pytestmark = pytest.mark.slow

CALMLOOP = Path(sys.executable).parent / "calmloop"
DARK, BRIGHT = 20, 230


def calmloop(*words: str | Path, cwd: Path, **more: object) -> tuple[int, str]:
    done = subprocess.run(  # type: ignore[call-overload]
        [CALMLOOP, "annotate", *words],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        **more,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def gray(level: int, width_px: int = 160, height_px: int = 120) -> Picture:
    return np.full((height_px, width_px, 3), level, np.uint8)


def level_of(path: Path) -> float:
    return float(np.asarray(cv2.imread(str(path))).mean())


def first_bright_s(path: Path) -> float:
    video = cv2.VideoCapture(str(path))
    while video.grab():
        if video.retrieve()[1].mean() > 128:
            return video.get(cv2.CAP_PROP_POS_MSEC) / 1000
    raise AssertionError("nothing bright")


def test_pictures_of_one_name_and_two_kinds_do_not_share_an_output(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.jpg"), gray(DARK))
    cv2.imwrite(str(folder / "a.png"), gray(BRIGHT))

    assert calmloop("in", "--out", "out", cwd=tmp_path)[0] == 0

    levels = {path.name: level_of(path) for path in (tmp_path / "out").iterdir()}
    assert levels == {
        "a.jpg-annotated.png": pytest.approx(DARK, abs=2),
        "a.png-annotated.png": pytest.approx(BRIGHT, abs=2),
    }


def test_a_folder_is_read_whole_and_what_is_left_out_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    kinds = ("gif", "tiff", "avif", "webp", "jp2")
    for kind in kinds:
        cv2.imwrite(str(folder / f"a.{kind}"), gray(DARK))
    write_gray_clip(folder / "clip.mp4", [DARK] * 5)
    (folder / "notes.txt").write_text("hello " * 50)

    code, told = calmloop("in", "--out", "out", cwd=tmp_path)

    assert code == 0
    assert "notes.txt is neither a picture nor a video" in told
    assert "deeper is no file" in told
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "clip.mp4-annotated.mp4",
        *(f"a.{kind}-annotated.png" for kind in kinds),
    }


@pytest.mark.parametrize("damage", ["empty", "text", "cut"])
def test_a_picture_that_cannot_be_read_is_named_and_the_others_are_written(
    tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    cv2.imwrite(str(folder / "good.png"), gray(DARK))
    whole = (folder / "good.png").read_bytes()
    (folder / "bad.png").write_bytes({"empty": b"", "text": b"?" * 99, "cut": whole[:30]}[damage])

    code, told = calmloop("in", "--out", "out", cwd=tmp_path)

    assert code == 1
    assert "bad.png" in told
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.png-annotated.png"]
    assert calmloop("in/bad.png", "--out", "out2", cwd=tmp_path)[0] != 0
    assert not list((tmp_path / "out2").glob("*"))


def test_a_picture_of_too_many_pixels_is_passed_over_and_no_failure_of_the_rest(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    cv2.imwrite(str(folder / "good.png"), gray(DARK))
    head = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    data = (folder / "good.png").read_bytes()
    huge = data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    (folder / "huge.png").write_bytes(huge)

    code, told = calmloop("in", "--out", "out", cwd=tmp_path)

    assert code == 0
    assert "huge.png has more pixels than can be read" in told
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.png-annotated.png"]
    assert calmloop("in/huge.png", "--out", "out2", cwd=tmp_path)[0] == 1


def test_a_jpeg_that_is_cut_is_not_read_as_a_whole_one(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.jpg"), noise)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) * 2 // 5])

    code, told = calmloop("a.jpg", "--out", "out", cwd=tmp_path)

    assert code == 1
    assert "a.jpg" in told
    assert not list((tmp_path / "out").glob("*"))


def test_a_clip_of_which_nothing_decodes_writes_nothing_and_says_so(tmp_path: Path) -> None:
    write_gray_clip(tmp_path / "c.mp4", [DARK] * 5)
    data = bytearray((tmp_path / "c.mp4").read_bytes())
    begin, end = data.find(b"mdat") + 4, data.find(b"moov") - 4
    data[begin:end] = bytes(end - begin)
    (tmp_path / "c.mp4").write_bytes(bytes(data))

    code, told = calmloop("c.mp4", "--out", "out", cwd=tmp_path)

    assert code != 0
    assert "c.mp4" in told
    assert not list((tmp_path / "out").glob("*"))


def test_a_change_is_put_where_its_time_stamp_says(tmp_path: Path) -> None:
    clip = tmp_path / "phone.mp4"
    write_gray_clip(clip, [DARK] * 12 + [BRIGHT] * 28)
    hold_frames(clip, 12, 5)

    assert calmloop("phone.mp4", "--out", "out", cwd=tmp_path)[0] == 0

    out = tmp_path / "out" / "phone.mp4-annotated.mp4"
    assert first_bright_s(out) == pytest.approx(6.0, abs=0.1)
    video = cv2.VideoCapture(str(out))
    seconds = video.get(cv2.CAP_PROP_FRAME_COUNT) / video.get(cv2.CAP_PROP_FPS)
    assert seconds == pytest.approx(8.8, abs=0.2)


def test_a_constant_rate_is_kept_as_it_is() -> None:
    times = [round(n / 29.97, 3) for n in range(3000)]
    assert constant_fps(times, 29.97) == 29.97
    assert constant_fps([0.0, 0.5, 0.6, 0.7], 25.0) == pytest.approx(10.0, rel=0.01)


@pytest.mark.parametrize("name", ["2026-01-05T12:30:00.mp4", "-clip.mp4", os.fsdecode(b"\xff.mp4")])
def test_a_clip_of_any_name_is_read(tmp_path: Path, name: str) -> None:
    write_gray_clip(tmp_path / "clip.mp4", [DARK] * 3)
    (tmp_path / "clip.mp4").rename(tmp_path / name)
    assert calmloop("--out", "out", "--", name, cwd=tmp_path)[0] == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{name}-annotated.mp4"]


def test_a_picture_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), gray(DARK))
    (tmp_path / "a.png").rename(tmp_path / os.fsdecode(b"\xff.png"))
    assert calmloop(os.fsdecode(b"\xff.png"), "--out", "out", cwd=tmp_path)[0] == 0


@pytest.mark.parametrize("out", ["a.png", "a.png/deeper", "/proc/1/none"])
def test_an_out_that_can_be_no_folder_is_refused_before_anything_is_read(
    tmp_path: Path, out: str
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), gray(DARK))
    code, told = calmloop("a.png", "--out", out, cwd=tmp_path)
    assert code == 2
    assert "--out" in told


def test_a_disk_that_fills_up_ends_with_the_files_name_and_leaves_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), noise)
    write_gray_clip(tmp_path / "c.mp4", [level % 256 for level in range(0, 9000, 60)])
    for source in ("a.png", "c.mp4"):
        code, told = calmloop(
            source,
            "--out",
            "out",
            cwd=tmp_path,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )
        assert code == 1
        assert f"{source}-annotated" in told
        assert not list((tmp_path / "out").glob("*"))


def test_the_simulated_child_is_a_camera_too(tmp_path: Path) -> None:
    assert calmloop("sim", "--out", "out", "--seconds", "1", cwd=tmp_path)[0] == 0
    video = cv2.VideoCapture(str(tmp_path / "out" / "camera-annotated.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) / video.get(cv2.CAP_PROP_FPS) == pytest.approx(
        1.0, abs=0.1
    )
