"""What goes wrong at a fleet, all in one run: nothing of it may lose an event or double one."""

import time
from dataclasses import dataclass

from tests.fleet.cable import ManyCables
from tests.fleet.centre import STORED_S, Centre, Chair, gapless
from tests.fleet.load import JOIN_S, PREFIX, Load, simulating
from tests.fleet.waiting import wait_until

RATINGS = 5
STORED = "SELECT count(*) FROM fleet_item WHERE starts_with(chair, %s)"
CAUGHT_UP = (
    "SELECT extract(epoch FROM max(stored)) FROM fleet_item"
    " WHERE starts_with(chair, %s) AND at < to_timestamp(%s)"
)
GAPS = (
    "SELECT chair, epoch, count(*), count(DISTINCT seq), max(last) FROM fleet_item"
    " GROUP BY chair, epoch HAVING count(*) != max(last) OR count(DISTINCT seq) != max(last)"
)
KEPT = 3


@dataclass(frozen=True)
class Plan:
    """What happens to it.

    Attributes:
        chairs: So many are simulated; one more is a real log with a real link.
        seconds: For so long events happen.
        cut_s: So long no chair reaches the centre.
        kills: So often the real chair's log is killed while it keeps what a caregiver enters.
    """

    chairs: int
    seconds: float
    cut_s: float
    kills: int


def go_through(centre: Centre, chair: Chair, plan: Plan) -> Load:
    """A node is killed, the cable pulled, the log killed again and again; then it is counted."""
    before, size = stored(centre), len(centre.broker.nodes)
    with (
        ManyCables(centre.broker.mqtt_ports) as cable,
        simulating(centre, [cable.port], plan.chairs, plan.seconds) as simulation,
    ):
        wait_until(lambda: stored(centre) > before, JOIN_S)
        wait_until(lambda: centre.broker.nodes[-1].queue_members() == size, STORED_S)
        centre.kill_broker(lambda: kill_log(chair, KEPT))
        pulled_s = time.monotonic()
        for one in (cable, chair.cable):
            one.pull()
        kill_log(chair, plan.kills - KEPT)
        wait_until(lambda: time.monotonic() - pulled_s >= plan.cut_s, plan.cut_s)
        plugged_at = time.time()
        for one in (cable, chair.cable):
            one.plug()
        load = simulation.end(JOIN_S + 2 * plan.seconds)
    wait_until(lambda: chair.waiting() == 0, STORED_S)
    wait_until(lambda: centre.broker.nodes[-1].queue_members() == size, STORED_S)
    ((caught_up_at,),) = centre.database.ask(CAUGHT_UP, PREFIX, plugged_at)
    print(f"all that had waited was stored {float(caught_up_at) - plugged_at:.0f} s after the cut")
    assert stored(centre) - before == load.events == load.held
    assert centre.database.ask(GAPS) == []
    assert gapless(centre.numbers(chair.name))
    assert centre.ratings(chair.name) == chair.entered
    return load


def kill_log(chair: Chair, times: int) -> None:
    """kill -9, and what was entered before is kept."""
    for _ in range(times):
        chair.rate(RATINGS)
        chair.kill_log()


def stored(centre: Centre) -> int:
    """Rows of the simulated chairs."""
    ((count,),) = centre.database.ask(STORED, PREFIX)
    return int(count)
