"""The processes that do the sessions: order, errors, and one that is lost."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from calmloop.simulate.processes import Processes, WorkerLostError

LARGE = 1 << 20
"""More than a pipe holds."""


@pytest.fixture
def crew() -> Iterator[Processes]:
    crew = Processes(2)
    yield crew
    crew.close()


def doubled(number: int) -> int:
    return 2 * number


def large(number: int) -> bytes:
    return bytes([number]) * LARGE


def whose(_task: int) -> int:
    return os.getpid()


def refused(number: int) -> int:
    if number == 3:
        raise ValueError(f"{number} is one too many")
    return number


def killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def interrupted(number: int) -> int:
    """Its own process ignores Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)
    return number


def test_results_come_in_the_order_of_the_tasks_however_large(crew: Processes) -> None:
    assert list(crew.run(doubled, range(20))) == [2 * number for number in range(20)]
    assert [each[0] for each in crew.run(large, range(6))] == list(range(6))
    assert list(crew.run(doubled, [])) == []


def test_the_processes_stay_for_the_next_run(crew: Processes) -> None:
    first, second = set(crew.run(whose, range(20))), set(crew.run(whose, range(20)))
    assert first | second == first and os.getpid() not in first
    assert len(first) <= 2


def test_an_error_is_raised_here_and_says_where_it_was(crew: Processes) -> None:
    results = crew.run(refused, range(20))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3 is one too many") as caught:
        list(results)
    assert "in refused" in caught.value.__notes__[0]
    assert list(crew.run(doubled, range(3))) == [0, 2, 4]


def test_a_process_that_is_lost_ends_the_run_with_a_sentence(crew: Processes) -> None:
    with pytest.raises(WorkerLostError, match=r"ended with -9: .*fewer --jobs"):
        list(crew.run(killed, range(20)))
    assert list(crew.run(doubled, range(3))) == [0, 2, 4]


def test_what_was_left_undone_is_no_result_of_the_next_run(crew: Processes) -> None:
    results = crew.run(large, range(20))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert list(crew.run(doubled, range(3))) == [0, 2, 4]


def test_ctrl_c_is_not_for_them(crew: Processes) -> None:
    assert list(crew.run(interrupted, range(4))) == list(range(4))


def test_they_may_be_asked_from_any_thread(crew: Processes) -> None:
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.extend(crew.run(doubled, range(4))))
    thread.start()
    thread.join()
    assert results == [0, 2, 4, 6]
