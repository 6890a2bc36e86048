"""A frequency that follows its sound is seen before a child feels it, and so is one that cannot."""

from pathlib import Path

from calmloop.base.tracks import TrackLibrary
from calmloop.scenario_selector import load_scenarios
from calmloop.scenarios.timeline import timeline
from tests.sound_tracks import tone, write_track
from tests.unit.scenarios.conftest import SHARED, Calmloop

TONES = """
  - {title: Tones, duration_s: 30, sound: {track: %s, level_pct: 50},
     vibration: {frequency_hz: 40, level_pct: 60, frequency_follows: sound}}
"""


def test_a_frequency_that_follows_is_shown_and_where_it_cannot_it_says_so(
    calmloop: Calmloop, own: Path, tracks: TrackLibrary
) -> None:
    write_track(tracks.folder, "hum", tone(55.0), tone_hz=[55.0] * 80)
    write_track(tracks.folder, "old", tone(55.0))
    for name in ("hum", "old", "mine", "gone"):
        (own / f"by-{name}.yaml").write_text(SHARED + TONES % name)
    code, told = calmloop("preview", "by-hum")
    assert code == 0
    assert "Tones, 30 s: hum, and vibration's frequency follows it" in told
    assert "frequency 55 to 55 Hz" in told
    assert timeline(load_scenarios(own)["by-old"], 100.0, tracks).vibration_hz.max() == 40.0
    code, told = calmloop("check", own)
    assert code == 2, "of the one that is gone"
    lines = {line.split(":")[1].strip(): line for line in told.splitlines() if "by-" in line}
    assert lines["by-hum"].endswith("good: by-hum: T, 0 min")
    keeps = "vibration keeps its own frequency beside"
    assert f"{keeps} 'old': its sidecar is from before tones were looked for" in lines["by-old"]
    assert f"{keeps} 'mine': its low band has no clear tone" in lines["by-mine"]
