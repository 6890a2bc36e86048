"""A JPEG is decoded whole or not at all."""

import cv2
import numpy as np
import pytest

from calmloop.camera.jpeg import END, MAX_PIXELS, decode_whole

KINDS = {
    "plain": [],
    "with restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 8],
    "4:4:4": [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
}
SCENES = ("noise", "gray", "dark")


def jpeg(scene: str, kind: str = "plain") -> bytes:
    rng = np.random.default_rng(1)
    shades = {"noise": (60, 120), "gray": (128, 129), "dark": (0, 3)}[scene]
    picture = rng.integers(*shades, (240, 320, 3), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85]
    return cv2.imencode(".jpg", picture, quality + KINDS[kind])[1].tobytes()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_is_decoded_as_it_is(scene: str, kind: str) -> None:
    data = jpeg(scene, kind)
    decoded = decode_whole(data)
    assert decoded is not None
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert expected is not None
    assert np.array_equal(decoded, expected)


@pytest.mark.parametrize("padding", [b"\0" * 500, b"\xff" * 3, b"\r\n--F\r\n"])
def test_what_a_camera_puts_behind_the_end_does_no_harm(padding: bytes) -> None:
    assert decode_whole(jpeg("noise") + padding) is not None


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("left", [0.05, 0.3, 0.4, 0.6, 0.8, 0.95])
@pytest.mark.parametrize("ending", [b"", END])
def test_a_cut_picture_is_none(scene: str, kind: str, left: float, ending: bytes) -> None:
    data = jpeg(scene, kind)
    cut = data[: round(left * len(data))].rstrip(b"\xff")
    assert decode_whole(cut + ending) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_with_a_gap_is_none(kind: str) -> None:
    data = jpeg("noise", kind)
    gap = data[: round(0.4 * len(data))] + data[round(0.6 * len(data)) :]
    assert decode_whole(gap) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"sensor error\n" * 20,
        bytes(range(256)) * 20,
        b"\xff\xd8" + b"\xff" * 4000,
        b"\xff\xd8\xff\xe0\x00\x00" * 500,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50 + END,
    ],
)
def test_what_is_no_jpeg_is_none(data: bytes) -> None:
    assert decode_whole(data) is None


def test_a_head_that_claims_a_huge_picture_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(jpeg("noise"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\x40\x00\x40\x00"
    assert MAX_PIXELS < 0x4000 * 0x4000

    def decode(*_: object) -> None:
        raise AssertionError("it must not get as far as the decoder")

    monkeypatch.setattr(cv2, "imdecode", decode)
    assert decode_whole(bytes(data)) is None
