"""The figure behind the half hour of load: who was answered when, from the bytes on the line."""

import json
import math
from dataclasses import replace
from pathlib import Path

from calmloop.chair_link.frames import WireFrame, encode
from calmloop.chair_link.messages import Flags, Lease, Message, MessageKind, Status, read_message
from tests.hardware.leases import read_answers

MS = 10**6
BOOT_ID = 7


def line(at_ms: float, sender: str, message: Message) -> list[str]:
    """Two records of a log, the frame cut in the middle: its time is that of the second."""
    wire = encode(WireFrame(message.kind, 1, BOOT_ID, message.payload()))
    parts = ((at_ms - 1, wire[:5]), (at_ms, wire[5:]))
    return [
        json.dumps({"at_ns": round(ms * MS), "cycle": 0, "from": sender, "hex": part.hex()})
        for ms, part in parts
    ]


def asked(at_ms: float, nonce: int, *, fresh: bool = True) -> list[str]:
    status = read_message(WireFrame(MessageKind.STATUS, 1, BOOT_ID, bytes(48)))
    assert isinstance(status, Status)
    flags = Flags.FRESH_NONCE if fresh else Flags(0)
    return line(at_ms, "chair", replace(status, nonce=nonce, flags=flags))


def answered(at_ms: float, nonce: int) -> list[str]:
    return line(at_ms, "host", Lease(nonce, 1))


def test_answers_count_from_the_first_asking_to_the_first_answer(tmp_path: Path) -> None:
    log = tmp_path / "bytes.jsonl"
    lines = [
        asked(50, 1),  # before the span
        *(asked(100, 2), asked(120, 2, fresh=False), answered(130, 2), answered(140, 2)),
        *(asked(200, 3), answered(203, 3)),
        *(asked(300, 4), answered(801, 4)),  # dead by then
        asked(400, 5),  # never
        *(asked(900, 6), answered(901, 6)),  # behind the span
    ]
    log.write_text("\n".join(record for pair in lines for record in pair))
    answers = read_answers(log, 100 * MS, 900 * MS)
    assert answers.times_ms == [3.0, 30.0]
    assert answers.unanswered == 2
    assert answers.quantile_ms(0.25) == 3.0
    assert answers.quantile_ms(0.5) == 30.0
    assert answers.quantile_ms(0.51) == math.inf
    assert sum(count for _, _, count in answers.counts()) == 2
