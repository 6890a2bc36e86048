"""The whole loop as processes on one emulated chair, in real time, with a caregiver beside it."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from calmloop.demo.chair import Chair, ChairKind
from calmloop.demo.report import DemoReport
from calmloop.demo.run import Demo
from calmloop.demo.stack import Stack, StackOptions
from calmloop.emulator import Emulator
from tests.hardware.measured import within

MEMORY = Path("/dev/shm")
LAG_MAX_PCT = 5.0
BASELINE_S = 2.0


class EmulatedChair(Chair):
    """The demo's chair, with the emulator's own records.

    Attributes:
        emulator: It.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ChairKind.EMULATOR)
        self.emulator = Emulator(folder, bytes_log=True)

    def start(self) -> None:
        """Starts it and waits for its port."""
        self.emulator.start()

    def stop(self) -> None:
        """Ends it."""
        self.emulator.stop()


class Loop(Demo):
    """A running loop.

    Attributes:
        emulator: Its chair.
    """

    def __init__(self, stack: Stack, emulator: Emulator, report: DemoReport) -> None:
        super().__init__(stack, report)
        self.emulator = emulator

    @property
    def felt(self) -> bool:
        """Whether anything is felt now, at the pins."""
        given = self.emulator.given()
        return bool(given) and given[-1].felt


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory: a disk that is slow for a moment would hold up the emulated chip."""
    parent = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="loop-", dir=parent) as folder:
        yield Path(folder)


@contextmanager
def running_loop(
    folder: Path,
    what: str,
    tracks: Path | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Loop]:
    """A loop whose services are ready. Its chair must have kept up with real time at the end.

    Args:
        folder: For logs, sockets and records.
        what: For the table's line on how far the emulator lagged.
        tracks: What its sound player plays, into a recording; None: it has none.
        settings: Further CALMLOOP_* variables, without the prefix.
    """
    options = StackOptions(
        source="sim",
        baseline_s=BASELINE_S,
        warm_up_s=0.0,
        chair=ChairKind.EMULATOR,
        tracks=tracks,
        settings={"CAMERA__SIM_MOOD": "neutral", **settings},
    )
    stack = Stack(folder, options)
    chair = EmulatedChair(folder)
    stack.chair = chair
    with stack:
        loop = Loop(
            stack, chair.emulator, DemoReport(source="sim", chair=options.chair, seconds=0.0)
        )
        try:
            loop.wait_until_ready()
            loop.begin()
            yield loop
            lag_pct = chair.emulator.metrics().lag_pct
            within(f"lag behind real time, {what}", lag_pct, LAG_MAX_PCT, "%")
        except BaseException:
            for account in sorted(stack.accounts):
                print(f"{account}: {stack.tail(account)}")
            raise
        finally:
            loop.observer.bus.close()
