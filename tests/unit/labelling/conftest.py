"""A page that is being served, over a clip of 2.4 s in three segments of 0.8 s."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calmloop.labelling.desk import Desk
from calmloop.labelling.segments import open_clip, segments_of
from calmloop.labelling.server import LabelServer
from calmloop.labelling.store import LabelStore
from tests.unit.labelling.counted import write_clip

EVERY_S = 0.8


@dataclass(frozen=True)
class Served:
    """Where the page is, and where its labels go."""

    server: LabelServer
    labels: Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    clip = open_clip(write_clip(tmp_path / "child.mp4", frames=72, fps=30.0))
    segments = segments_of(clip, EVERY_S)
    labels = tmp_path / "anna.csv"
    desk = Desk(clip, segments, LabelStore(labels, [segment.item for segment in segments]))
    with LabelServer(desk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Served(server, labels)
        server.shutdown()
        thread.join()
    desk.close()
