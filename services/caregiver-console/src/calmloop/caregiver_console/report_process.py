"""Has a report made by `python -m calmloop.report`: one at a time, bounded in time and size.

What renders is never loaded into the console: that process restrains itself and ends, and its
environment holds none of the console's. The log's token goes to its standard input.
"""

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from calmloop.base.errors import CalmloopError

MODULE = "calmloop.report"
CHECK = "--check"
IMAGE_PYTHON = Path("/opt/reports/bin/python")
LIMIT_S = 150.0
MAX_BYTES = 4 * 1024 * 1024
"""Of a report: one of a course of twenty sessions has 0.06 MB. The console holds it whole."""
CHUNK_BYTES = 64 * 1024
BUSY_TEXT = "report: another one is being made: try again in a moment"
HANDED_ON = ("PATH", "TZ", "LD_LIBRARY_PATH")


class Hindrance(StrEnum):
    """Why there is no report; the first three as the other process names them."""

    NOT_KEPT = "NothingKeptError"
    LOG_AWAY = "LogAwayError"
    NOT_INSTALLED = "RendererError"
    BUSY = "busy"
    TOO_SLOW = "too slow"
    FAILED = "failed"


class ReportRefusedError(CalmloopError):
    """No report was made; the text says what to do."""

    def __init__(self, hindrance: Hindrance, text: str) -> None:
        super().__init__(text)
        self.hindrance = hindrance


class ReportProcess:
    """Makes one report at a time; whoever stops waiting ends what makes theirs."""

    def __init__(self, python: Path, limit_s: float = LIMIT_S, max_bytes: int = MAX_BYTES) -> None:
        """Starts nothing yet.

        Args:
            python: The one that has calmloop-report.
            limit_s: After which the process is ended.
            max_bytes: More than these, and it is ended.
        """
        self._python, self._limit_s, self._max_bytes = python, limit_s, max_bytes
        self._one = asyncio.Lock()
        self._making = self._installed = False

    @property
    def busy(self) -> bool:
        """Whether a report is being made."""
        return self._making

    async def missing(self) -> str:
        """What is missing for a report, in words; empty: nothing. Once it was there, it stays."""
        if self._installed:
            return ""
        async with self._one:
            try:
                await self._answer(b"", CHECK)
            except ReportRefusedError as error:
                return str(error)
        self._installed = True
        return ""

    async def make(self, asked: Mapping[str, str | int]) -> bytes:
        """The report as PDF.

        Args:
            asked: As `calmloop.report.__main__` takes it.

        Raises:
            ReportRefusedError: there is none, and why.
        """
        if self._making:
            raise ReportRefusedError(Hindrance.BUSY, BUSY_TEXT)
        self._making = True
        try:
            async with self._one:
                return await self._answer(json.dumps(asked).encode())
        finally:
            self._making = False

    async def _answer(self, given: bytes, *arguments: str) -> bytes:
        # Its caches go into a folder that is removed here: it may be killed before it can.
        with tempfile.TemporaryDirectory(prefix="calmloop-report-") as folder:
            process = await self._started(folder, arguments)
            try:
                async with asyncio.timeout(self._limit_s):
                    said = await self._read(process, given)
                    code = await process.wait()
            except TimeoutError:
                raise ReportRefusedError(
                    Hindrance.TOO_SLOW,
                    f"report: not made within {self._limit_s:g} s: try again when the chair rests",
                ) from None
            finally:
                await _end(process)
        if code != 0:
            raise _refusal(said, code)
        return said

    async def _started(self, folder: str, arguments: tuple[str, ...]) -> Process:
        kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        try:
            return await asyncio.create_subprocess_exec(
                self._python,
                *("-I", "-m", MODULE, *arguments),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                cwd=folder,
                env=kept | {"TMPDIR": folder},
                start_new_session=True,
            )
        except OSError as error:
            raise ReportRefusedError(
                Hindrance.NOT_INSTALLED,
                f"reports need {self._python}, which cannot be started ({error.strerror}):"
                " check caregiver_console.report_python",
            ) from None

    async def _read(self, process: Process, given: bytes) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(given)
        process.stdin.close()
        said = bytearray()
        while chunk := await process.stdout.read(CHUNK_BYTES):
            said += chunk
            if len(said) > self._max_bytes:
                raise ReportRefusedError(
                    Hindrance.FAILED,
                    f"report: more than {self._max_bytes} bytes: `calmloop report` has no bound",
                )
        return bytes(said)


async def _end(process: Process) -> None:
    """Ends it where it still runs; what it has written is read, since wait() waits for that."""
    assert process.stdout is not None
    if process.returncode is None:
        process.kill()
    while await process.stdout.read(CHUNK_BYTES):
        pass
    await process.wait()


def _refusal(said: bytes, code: int) -> ReportRefusedError:
    try:
        told = json.loads(said)
        return ReportRefusedError(Hindrance(told["kind"]), told["error"])
    except (ValueError, TypeError, KeyError):
        pass
    return ReportRefusedError(
        Hindrance.FAILED,
        f"report: what renders ended with {code}: `make reports` installs it, `calmloop report`"
        " shows what hinders it",
    )


def installed_python() -> Path:
    """That of the image, else the one that runs this."""
    return IMAGE_PYTHON if IMAGE_PYTHON.exists() else Path(sys.executable)
