"""Logs hold no picture, whatever fails and wherever they are read."""

import pytest

from calmloop.base import logs
from calmloop.base.freshness import Received
from calmloop.base.settings import LogFormat, LogSettings
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.topics import Account
from tests.doubles import memory_bus


@pytest.mark.parametrize("log_format", [LogFormat.CONSOLE, LogFormat.JSON])
def test_a_handler_that_fails_logs_no_byte_of_the_picture(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(LogSettings(format=log_format))
    bus, transport = memory_bus(Account.FACE_DETECTOR)

    def fail(received: Received[FrameHeader]) -> None:
        raise ValueError("on purpose")

    bus.subscribe(topics.CAMERA_FRAME, fail)
    header = FrameHeader(frame_seq=1, captured_ns=1, width_px=64, height_px=48)
    transport.send(topics.CAMERA_FRAME, header, data=b"the-picture")
    bus.dispatch()
    logged = capsys.readouterr().err
    assert "on purpose" in logged
    assert "the-picture" not in logged
