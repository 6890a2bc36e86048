"""What sounds begins and ends softly, loops without a seam, and lasts no longer than it may."""

import numpy as np
import pytest

from calmloop.sound_player.limiter import LOOKAHEAD
from calmloop.sound_player.mixer import CROSSFADE_S, FADE_IN_S, FADE_OUT_S
from tests.sound_tracks import AMPLITUDE, tone
from tests.unit.sound_player.decks import BLOCK, BUFFER_NS, RATE_HZ, Asked, deck_in_memory

HZ = 250.0
BLOCK_S = BLOCK / RATE_HZ
PEAK = AMPLITUDE / 32768
STEP = 1.01 * PEAK * 2 * np.pi * HZ / RATE_HZ
SOFT_STEP = 1.05 * STEP


def asked(name: str = "surf", seconds: float = 2.0) -> Asked:
    """One that may sound for long, with a track."""
    asked = Asked()
    deck = deck_in_memory(name, tone(HZ, seconds))
    deck.fill()
    asked.mixer.select(deck)
    asked.permit(1000.0)
    return asked


def last_sound_s(sound: np.ndarray) -> float:
    return float(np.flatnonzero(sound[:, 0])[-1] + 1) / RATE_HZ


def test_nothing_sounds_without_leave_or_track() -> None:
    player = asked()
    player.mixer.permit(0)
    assert not np.any(player.blocks(0.5))
    assert player.mixer.place is None
    player.permit(10.0)
    player.mixer.select(None)
    assert not np.any(player.blocks(0.5))


def test_it_begins_softly_and_loops_without_a_seam() -> None:
    player = asked(seconds=1.0)
    sound = player.blocks(5.0)[:, 0]
    assert np.abs(np.diff(sound)).max() <= STEP
    rise = np.abs(sound[: round(0.05 * RATE_HZ)]).max()
    assert 0.0 < rise < 0.2 * PEAK
    whole = round(FADE_IN_S * RATE_HZ) + LOOKAHEAD
    expected = np.tile(tone(HZ, 1.0)[:, 0] / 32768, 6)[whole - LOOKAHEAD :]
    assert np.allclose(sound[whole:], expected[: len(sound) - whole], atol=1e-6)


def test_it_ends_softly_once_it_may_no_longer_without_anybody_s_doing() -> None:
    player = asked()
    player.permit(1.0)
    sound = player.blocks(2.0)
    assert last_sound_s(sound) <= 1.0 + FADE_OUT_S + BLOCK_S
    assert np.abs(np.diff(sound[:, 0])).max() <= SOFT_STEP
    assert player.mixer.place is None


def test_what_is_taken_back_at_once_ends_at_once_and_comes_again_softly() -> None:
    player = asked()
    player.blocks(1.0)
    player.mixer.permit(0)
    sound = [player.blocks(0.5)]
    assert last_sound_s(sound[0]) <= FADE_OUT_S + BLOCK_S
    player.permit(10.0)
    sound.append(player.blocks(1.0))
    assert np.abs(np.diff(np.concatenate(sound)[:, 0])).max() <= SOFT_STEP
    assert np.abs(sound[1]).max() == pytest.approx(PEAK, rel=0.01)


def test_a_fade_that_is_turned_round_has_no_step() -> None:
    player = asked()
    heard = [player.blocks(1.0)]
    for _ in range(5):
        player.mixer.permit(0)
        heard.append(player.blocks(0.04))
        player.permit(10.0)
        heard.append(player.blocks(0.1))
    assert np.abs(np.diff(np.concatenate(heard)[:, 0])).max() <= SOFT_STEP


def test_one_track_goes_over_into_another_at_equal_power() -> None:
    player = asked()
    before = player.blocks(1.0)
    player.mixer.select(deck_in_memory("hum", tone(330.0, 2.0)))
    sound = player.blocks(CROSSFADE_S + 1.0)
    assert np.abs(np.concatenate([before, sound])).max() <= np.sqrt(2) * 1.01 * PEAK
    windows = sound[: len(sound) // 4800 * 4800, 0].reshape(-1, 4800)
    rms = np.sqrt((windows**2).mean(axis=1))
    assert rms.min() >= 0.85 * PEAK / np.sqrt(2)
    assert rms.max() <= 1.15 * PEAK / np.sqrt(2)
    assert [deck.sidecar.name for deck in player.mixer.decks] == ["hum"]


def test_tracks_that_change_within_a_crossfade_stay_soft() -> None:
    player = asked()
    heard = [player.blocks(1.0)]
    for name, hz in (("a", 250.0), ("b", 200.0), ("c", 150.0)):
        player.mixer.select(deck_in_memory(name, tone(hz, 2.0)))
        heard.append(player.blocks(0.5))
    heard.append(player.blocks(3.0))
    sound = np.concatenate(heard)[:, 0]
    assert np.abs(np.diff(sound)).max() <= 2 * STEP
    assert [deck.sidecar.name for deck in player.mixer.decks] == ["c"]


def test_a_change_in_silence_takes_no_time() -> None:
    player = asked()
    player.blocks(0.5)
    player.mixer.permit(0)
    player.blocks(0.5)
    player.mixer.select(deck_in_memory("hum", tone(330.0, 2.0)))
    assert [deck.sidecar.name for deck in player.mixer.decks] == ["hum"]


def test_an_output_that_was_stopped_for_a_while_begins_again_from_silence() -> None:
    player = asked()
    player.blocks(1.0)
    player.now_ns += 400_000_000
    sound = player.blocks(1.0)
    assert np.abs(sound[:BLOCK]).max() < 0.1 * PEAK
    assert np.abs(np.diff(sound[:, 0])).max() <= STEP


def test_an_output_that_ran_dry_begins_again_from_silence() -> None:
    player = asked()
    player.blocks(1.0)
    player.mixer.break_off()
    sound = player.blocks(1.0)
    assert abs(sound[0, 0]) == 0.0
    assert np.abs(np.diff(sound[:, 0])).max() <= STEP


def test_a_track_that_is_not_decoded_in_time_fades_out_and_is_counted() -> None:
    player = asked()
    player.blocks(0.5)
    player.filling = False
    sound = player.blocks(2.0)
    assert player.mixer.starved == 1
    assert np.abs(np.diff(sound[:, 0])).max() <= 2 * STEP
    assert not np.any(sound[-RATE_HZ // 2 :])
    player.filling = True
    assert np.abs(player.blocks(1.0)).max() == pytest.approx(PEAK, rel=0.01)


def test_it_tells_which_frame_is_at_the_output_when() -> None:
    player = asked()
    player.blocks(1.0)
    began_ns = player.now_ns
    sound = player.blocks(BLOCK_S)
    place = player.mixer.place
    assert place is not None
    assert place.output_ns == began_ns + BUFFER_NS
    samples = tone(HZ, 2.0)[:, 0] / 32768
    assert np.allclose(sound[:, 0], samples[place.frame : place.frame + len(sound)], atol=1e-6)


def test_a_track_that_is_no_loop_fades_at_both_ends() -> None:
    player = Asked()
    samples = np.full((RATE_HZ * 2, 2), AMPLITUDE, np.int16)
    player.mixer.select(deck_in_memory("bell", samples, loop=False))
    player.permit(100.0)
    sound = player.blocks(6.0)[:, 0]
    assert np.abs(np.diff(sound)).max() <= 1e-3
    seam = sound[2 * RATE_HZ + LOOKAHEAD - 10 : 2 * RATE_HZ + LOOKAHEAD + 10]
    assert np.abs(seam).max() <= 1e-3
    assert sound[RATE_HZ] == pytest.approx(PEAK, rel=0.01)


@pytest.mark.parametrize("blocks", [1, 2, 40, 41])
def test_its_place_is_never_at_the_end_before_it_has_begun(blocks: int) -> None:
    """A track of one second, in blocks of 25 ms: its first two, its last, and its second round."""
    player = asked(seconds=1.0)
    began_ns = player.now_ns
    player.blocks(blocks * BLOCK_S)
    place = player.mixer.place
    assert place is not None
    played_s = (place.output_ns - BUFFER_NS - began_ns) / 1e9 - LOOKAHEAD / RATE_HZ
    assert played_s > -1.0 / RATE_HZ
    assert place.frame == round(RATE_HZ * played_s) % RATE_HZ
