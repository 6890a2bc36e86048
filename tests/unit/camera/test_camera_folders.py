"""A folder of pictures as a source: what is shown, passed over and said."""

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog

from calmloop.base.errors import DeviceError
from calmloop.camera.choices import Playback
from tests.unit.camera.sources import mark_of, source_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for mark in (3, 1, 2):
        cv2.imwrite(str(tmp_path / f"{mark}.png"), np.full((48, 64, 3), 20 * mark, np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_a_directory_is_an_image_folder(folder: Path) -> None:
    assert type(source_of(str(folder))).__name__ == "ImageFolderSource"


def test_a_folder_shows_its_pictures_by_name_and_begins_again(folder: Path) -> None:
    source = source_of(str(folder))
    source.open()
    marks = []
    for _ in range(4):
        assert source.grab()
        marks.append(mark_of(source))
    assert marks == [1, 2, 3, 1]


def test_a_broken_picture_in_a_folder_is_passed_over(folder: Path) -> None:
    (folder / "0.jpg").write_bytes(b"not a jpeg")
    source = source_of(str(folder), Playback.ONCE)
    source.open()
    assert source.grab()
    assert source.picture() is None
    assert source.grab()
    assert mark_of(source) == 1


def test_a_folder_without_pictures_is_a_device_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="holds no pictures"):
        source_of(str(tmp_path)).open()


def test_a_picture_that_is_too_large_is_passed_over_and_named(folder: Path) -> None:
    (folder / "2.png").write_bytes(forged_png(40_000))
    source = source_of(str(folder), Playback.ONCE)
    source.open()
    shown = []
    with structlog.testing.capture_logs() as said:
        while source.grab():
            picture = source.picture()
            shown.append(picture is not None)
    assert shown == [True, False, True]
    assert [line["file"] for line in said] == [str(folder / "2.png")]


def forged_png(side_px: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("playback", Playback)
def test_a_folder_of_which_no_picture_can_be_read_is_lost(
    tmp_path: Path, playback: Playback
) -> None:
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"no picture")
    source = source_of(str(tmp_path), playback)
    source.open()
    with pytest.raises(DeviceError, match="of 2 files none is whole"):
        for _ in range(3):
            source.grab()
            assert source.picture() is None


@pytest.mark.parametrize("suffix", [".gif", ".tif", ".TIFF", ".avif", ".jp2", ".bmp", ".webp"])
def test_a_folder_shows_pictures_of_every_kind_that_can_be_read(
    tmp_path: Path, suffix: str
) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), np.full((48, 64, 3), 60, np.uint8))
    source = source_of(str(tmp_path))
    source.open()
    assert source.grab()
    assert mark_of(source) == 3


def test_a_picture_whose_name_is_no_text_is_shown_and_named_as_far_as_it_is(
    tmp_path: Path,
) -> None:
    good, bad = (os.fsdecode(name) for name in (b"a\xff.png", b"b\xff.png"))
    encoded = cv2.imencode(".png", np.full((48, 64, 3), 60, np.uint8))[1]
    (tmp_path / good).write_bytes(encoded.tobytes())
    (tmp_path / bad).write_bytes(b"no picture")
    source = source_of(str(tmp_path))
    source.open()
    assert source.grab()
    assert mark_of(source) == 3
    assert source.grab()
    with structlog.testing.capture_logs() as said:
        assert source.picture() is None
    assert said[0]["file"].encode()


def test_a_cut_jpeg_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    whole = cv2.imencode(".jpg", rng.integers(0, 60, (240, 320, 3), np.uint8))[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2] + b"\xff\xd9")
    (tmp_path / "b.jpg").write_bytes(whole)
    source = source_of(str(tmp_path), Playback.ONCE)
    source.open()
    shown = []
    while source.grab():
        shown.append(source.picture() is not None)
    assert shown == [False, True]


def test_what_a_folder_holds_beside_pictures_is_named(folder: Path) -> None:
    with structlog.testing.capture_logs() as said:
        source_of(str(folder)).open()
    assert (said[0]["count"], said[0]["first"]) == (1, "notes.txt")
