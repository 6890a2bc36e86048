"""Labels and predictions are of the same items, cut by one rule from frames that are counted."""

from pathlib import Path

import pytest

from calmloop.base.errors import ConfigurationError, DeviceError, InputError
from calmloop.labelling.segments import Clip, Reel, open_clip, segments_of
from tests.unit.labelling.counted import number_of, write_clip
from tests.variable_rate import hold_frames, write_gray_clip


def clip(frames: int, fps: float) -> Clip:
    return Clip(Path("/clips/anna.mp4"), fps, frames)


def test_a_segment_is_named_by_the_clip_and_its_seconds() -> None:
    items = [segment.item for segment in segments_of(clip(150, 25.0), 2.0)]
    assert items == ["anna.mp4@0.00-2.00", "anna.mp4@2.00-4.00", "anna.mp4@4.00-6.00"]


def test_a_short_rest_joins_the_last_segment() -> None:
    assert [s.item for s in segments_of(clip(72, 30.0), 1.0)] == [
        "anna.mp4@0.00-1.00",
        "anna.mp4@1.00-2.40",
    ]
    assert len(segments_of(clip(75, 30.0), 1.0)) == 3
    assert [s.item for s in segments_of(clip(6, 30.0), 2.0)] == ["anna.mp4@0.00-0.20"]


@pytest.mark.parametrize("fps", [5.0, 23.671646, 25.0, 29.97, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("every_s", [0.2, 0.3, 0.7, 1.0, 2.0])
def test_every_shown_frame_is_in_one_segment_at_no_more_than_the_cameras_rate(
    fps: float, every_s: float
) -> None:
    whole = clip(round(9.2 * fps), fps)
    segments = segments_of(whole, every_s)
    frames = [number for segment in segments for number in segment.frames]
    assert frames == sorted(set(frames))
    assert frames[0] == 0
    assert whole.frames - whole.stride <= frames[-1] < whole.frames
    assert len({segment.item for segment in segments}) == len(segments)
    for number, segment in enumerate(segments):
        assert len(segment.frames) > 0
        assert segment.frames[0] / fps >= number * every_s - 1e-6
        assert (segment.frames[0] - 1) / fps < number * every_s
    assert fps / whole.stride <= 15.0


def test_a_rounded_sum_does_not_push_a_frame_into_the_segment_before() -> None:
    fifth = segments_of(clip(240, 24.0), 0.4)[5]
    assert 5 * (0.4 * 24.0) > 48
    assert fifth.frames[0] == 48


@pytest.mark.parametrize(("every_s", "fps"), [(0.1, 30.0), (0.0, 30.0), (-1.0, 30.0), (0.5, 1.0)])
def test_a_segment_without_a_frame_of_its_own_is_refused(every_s: float, fps: float) -> None:
    least = "1.00" if fps == 1.0 else "0.20"
    with pytest.raises(ConfigurationError, match=f"choose {least} or more"):
        segments_of(clip(100, fps), every_s)


def test_frames_are_found_by_number_forward_and_back(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "counted.mp4", frames=60, fps=30.0)
    opened = open_clip(path)
    assert (opened.frames, opened.fps, opened.name) == (60, 30.0, "counted.mp4")
    reel = Reel(path)
    for number in (0, 1, 7, 30, 59, 3, 3, 58):
        assert number_of(reel.picture(number)) == number
    with pytest.raises(DeviceError, match="has lost its frame 60"):
        reel.picture(60)
    reel.close()


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video")
    for path, complaint in (
        (tmp_path / "missing.mp4", "is not there or is no file: name one video file"),
        (tmp_path, "is not there or is no file"),
        (text, "cannot be opened: check that it is a video"),
    ):
        with pytest.raises(InputError, match=complaint):
            open_clip(path)


def test_a_name_that_is_no_text_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / b"z\xf6e.mp4".decode("utf-8", "surrogateescape")
    assert Clip(path, 30.0, 1).name == "z\ufffde.mp4"


def test_segments_are_cut_by_time_stamps_where_the_rate_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    write_gray_clip(path, [20] * 12 + [230] * 28)
    hold_frames(path, 12, 5)
    clip = open_clip(path)
    segments = segments_of(clip, 2.0)
    assert [segment.item.partition("@")[2] for segment in segments] == [
        "0.00-2.00",
        "2.00-4.00",
        "4.00-6.00",
        f"6.00-{clip.length_s:.2f}",
    ]
    assert clip.length_s == pytest.approx(8.9, abs=0.3)
    reel = Reel(path)
    bright = [reel.picture(segment.frames[0]) for segment in segments]
    reel.close()
    assert [one is not None and one.mean() > 128 for one in bright] == [False] * 3 + [True]


def test_a_segment_in_which_no_frame_begins_has_the_one_that_is_still_shown() -> None:
    clip = Clip(Path("a.mp4"), 1.0, 3, (0.0, 5.0, 6.0))
    assert [list(one.frames) for one in segments_of(clip, 2.0)] == [[0], [0], [1], [2]][:4]
