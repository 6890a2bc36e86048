"""Whatever bytes arrive, the core stays whole and its invariants hold."""

from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.chair_link.errors import WireFrameError
from calmloop.chair_link.frames import WireFrame, decode, encode
from calmloop.chair_link.messages import State
from tests.unit.firmware_core.core import CoreChair

frames = st.builds(
    WireFrame,
    kind=st.sampled_from([1, 2, 3, 4, 5, 0, 6, 0x81, 0xFF]),
    seq=st.integers(0, 65535),
    boot_id=st.sampled_from([0x1A2B3C4D, 0, 1]),
    payload=st.binary(max_size=48),
    version=st.sampled_from([1, 1, 1, 0, 2]),
)
garbage = st.one_of(st.binary(max_size=200), st.builds(encode, frames))


def is_frame(stuffed: bytes) -> bool:
    try:
        decode(stuffed)
    except WireFrameError:
        return False
    return True


@given(st.lists(garbage, max_size=20))
def test_no_bytes_bring_a_chair_that_is_safe_to_anything(pieces: list[bytes]) -> None:
    chair = CoreChair().boot()
    for piece in pieces:
        chair.receive(piece)
        chair.run(5)
        assert chair.state() in (State.SAFE, State.FAULT)
        assert not chair.felt


@given(st.lists(garbage, max_size=10))
@settings(max_examples=50)
def test_no_bytes_make_an_active_chair_break_its_envelope(pieces: list[bytes]) -> None:
    chair = CoreChair().active(200)
    for piece in pieces:
        before = chair.view
        chair.receive(piece)
        chair.run(3)
        view = chair.view
        assert view.vibration_ppm - before.vibration_ppm <= 3 * 200
        assert abs(view.red_ppm - before.red_ppm) <= 3 * 200
        assert 100 * (view.green_ppm + view.blue_ppm) >= 43 * view.red_ppm
        assert view.lease_left_ms <= 500


@given(st.binary(max_size=80))
def test_both_ends_agree_on_what_is_a_frame(data: bytes) -> None:
    """Bytes without a zero: the chair counts a bad frame exactly where the host sees none."""
    stuffed = data.replace(b"\0", b"\1")
    chair = CoreChair()
    chair.receive(stuffed + b"\0")
    bad = chair.view.bad_frames
    assert bad == (bool(stuffed) and not is_frame(stuffed))


@given(frames, st.integers(0, 61), st.integers(1, 255))
def test_one_changed_byte_never_passes(frame: WireFrame, at: int, change: int) -> None:
    wire = bytearray(encode(frame)[:-1])
    at %= len(wire)
    wire[at] ^= change
    if 0 in wire:
        return
    chair = CoreChair()
    chair.receive(bytes(wire) + b"\0")
    assert chair.view.bad_frames == 1


@given(st.binary(max_size=300), st.data())
def test_pieces_do_not_matter(data: bytes, draw: st.DataObject) -> None:
    whole, parted = CoreChair(), CoreChair()
    whole.receive(data)
    cut = draw.draw(st.integers(0, len(data)))
    parted.receive(data[:cut])
    parted.receive(data[cut:])
    assert whole.view == parted.view
