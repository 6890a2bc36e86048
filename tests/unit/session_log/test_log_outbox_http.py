"""Who holds the outbox's token takes from the outbox, and gets nothing else of the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.contract.messages.fleet import FleetBatch
from calmloop.session_log.outbox import OutboxRules
from calmloop.session_log.records import LogEventKind
from tests.unit.session_log.log_rig import note
from tests.unit.session_log.test_log_http import READ, TAKE, WRITE, HttpRig


@pytest.fixture
def http(tmp_path: Path) -> Iterator[HttpRig]:
    rig = HttpRig(tmp_path)
    rig.store.outbox.allow(OutboxRules(events=True, max_waiting=100))
    stopped = note("").model_copy(update={"kind": LogEventKind.STOP, "data": {"latched": True}})
    rig.writer.enter([stopped, stopped]).result(10)
    yield rig
    rig.close()


def test_what_waits_is_taken_and_goes_once_it_is_acknowledged(http: HttpRig) -> None:
    status, said = http.ask("/v1/outbox", token=TAKE)
    batch = FleetBatch.model_validate(said)
    assert (status, batch.first, batch.last) == (200, 1, 2)
    ack = {"epoch": batch.epoch, "up_to": 1}
    assert http.ask("/v1/outbox/acknowledged", "POST", ack, TAKE)[0] == 204
    assert [item["seq"] for item in http.ask("/v1/outbox", token=TAKE)[1]["items"]] == [2]
    assert http.ask("/v1/outbox/acknowledged", "POST", ack | {"up_to": 2}, TAKE)[0] == 204
    assert http.ask("/v1/outbox", token=TAKE) == (200, None)


@pytest.mark.parametrize("token", [READ, WRITE, ""])
def test_no_other_token_takes_from_the_outbox(http: HttpRig, token: str) -> None:
    assert http.ask("/v1/outbox", token=token)[0] in (401, 403)
    ack = {"epoch": "0" * 16, "up_to": 1}
    assert http.ask("/v1/outbox/acknowledged", "POST", ack, token)[0] in (401, 403)


def test_its_token_reads_nothing_else_and_enters_nothing(http: HttpRig) -> None:
    assert http.ask("/v1/children", token=TAKE)[0] == 401
    assert http.ask("/v1/entries", "POST", {"kind": "note"}, TAKE)[0] in (401, 403)


@pytest.mark.parametrize("ack", [{}, {"epoch": "x", "up_to": 1}, {"epoch": "0" * 16, "up_to": -1}])
def test_what_is_no_acknowledgement_is_refused(http: HttpRig, ack: dict[str, object]) -> None:
    assert http.ask("/v1/outbox/acknowledged", "POST", ack, TAKE)[0] == 422
