"""The reader finds every whole frame in whatever surrounds it."""

from hypothesis import given
from hypothesis import strategies as st

from calmloop.chair_link.errors import WireFrameError
from calmloop.chair_link.frames import (
    STUFFED_MAX,
    FrameReader,
    WireFrame,
    decode,
    encode,
)

frames = st.builds(
    WireFrame,
    kind=st.integers(0, 255),
    seq=st.integers(0, 65535),
    boot_id=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=48),
    version=st.integers(0, 255),
)


@given(frames)
def test_what_is_encoded_is_decoded(frame: WireFrame) -> None:
    wire = encode(frame)
    assert wire.index(0) == len(wire) - 1 <= STUFFED_MAX
    assert decode(wire[:-1]) == frame


@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 400), max_size=8))
def test_pieces_do_not_matter(sent: list[WireFrame], cuts: list[int]) -> None:
    stream = b"".join(map(encode, sent))
    reader, got, begin = FrameReader(), [], 0
    for end in [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]:
        got += reader.feed(stream[begin:end])
        begin = end
    assert got == sent
    assert reader.bad == 0


@given(st.lists(st.one_of(frames, st.binary(min_size=1, max_size=300)), max_size=8))
def test_frames_survive_garbage_around_them(parts: list[WireFrame | bytes]) -> None:
    stream = b"".join(encode(p) if isinstance(p, WireFrame) else b"\0" + p + b"\0" for p in parts)
    assert [p for p in parts if isinstance(p, WireFrame)] == [
        frame for frame in FrameReader().feed(stream) if frame in parts
    ]


@given(st.binary(max_size=2000))
def test_no_bytes_upset_the_reader(data: bytes) -> None:
    reader = FrameReader()
    for frame in reader.feed(data):
        assert encode(frame)
    after = WireFrame(1, 2, 3, b"after")
    assert reader.feed(b"\0" + encode(after)) == [after]


@given(frames, st.integers(0, 60), st.integers(1, 255))
def test_one_changed_byte_never_passes(frame: WireFrame, at: int, change: int) -> None:
    wire = bytearray(encode(frame)[:-1])
    wire[at % len(wire)] ^= change
    try:
        assert decode(bytes(wire)) == frame, "another frame passed"
        raise AssertionError("the changed frame passed")
    except WireFrameError:
        pass


def test_a_stream_joined_in_the_middle_is_no_bad_frame() -> None:
    frame = WireFrame(0x81, 1, 2, bytes(48))
    reader = FrameReader()
    assert reader.feed(encode(frame)[30:] + encode(frame)) == [frame]
    assert reader.bad == 0
    reader.feed(b"\x05\x11\0")
    assert reader.bad == 1
