"""A release goes through a fleet ring by ring, and stops where chairs become ill."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calmloop.base.errors import InputError
from calmloop.fleet_ingest.shown import ALARM, CHAIR, INSTALLED, SERVICE
from calmloop.fleet_page.chairs import FleetChair, Known
from calmloop.fleet_page.health import ChairHealth, ChairIll
from calmloop.fleet_releases.desk import RolloutDesk
from calmloop.fleet_releases.judge import LASTING, SOAK, judge
from calmloop.fleet_releases.rollout import RINGS_PCT, Rollout
from tests.unit.fleet_releases.repository_rig import RepositoryRig

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
NAMES = [f"chair-{number}" for number in range(400)]
SOON = timedelta(minutes=1)
PROVEN = {"version": "0.2.0"}


def begun(names: Sequence[str] = NAMES) -> Rollout:
    return Rollout.begin("0.2.0", "0.1.0", names, NOW)


def ring(rollout: Rollout, names: Sequence[str] = NAMES) -> list[str]:
    return [name for name in names if rollout.reaches(name)]


def after_sessions(rollout: Rollout, *ills: tuple[str, datetime]) -> list[ChairHealth]:
    """Every chair that takes it has had a session; those named are ill."""
    chairs = []
    for name in NAMES:
        version = "0.2.0" if rollout.reaches(name) else "0.1.0"
        of = tuple(ChairIll(what="chair fault", since=since) for who, since in ills if who == name)
        chairs.append(ChairHealth(name=name, version=version, session=NOW + SOON, ills=of))
    return chairs


def test_the_rings_hold_their_share_and_who_is_in_one_stays_in_it() -> None:
    rollout, sizes, before = begun(), [], set[str]()
    for _ in RINGS_PCT:
        there = set(ring(rollout))
        assert before <= there
        before = there
        sizes.append(len(there))
        rollout = rollout.advanced(NAMES, NOW)
    assert sizes == [4, 20, 100, 400]
    assert rollout.reaches("chair that comes later")
    other = Rollout.begin("0.3.0", "0.2.0", NAMES, NOW)
    assert set(ring(other)) != set(ring(begun()))
    assert len(ring(begun(NAMES[:3]), NAMES[:3])) == 1
    with pytest.raises(InputError, match=r"has no chair: enrol one"):
        begun([])


def test_it_goes_on_after_a_day_and_with_sessions_in_half_of_the_ring() -> None:
    rollout = begun()
    nobody = [ChairHealth(name=name, version="0.1.0", session=NOW + SOON) for name in NAMES]
    assert judge(rollout, nobody, NOW + 9 * SOAK)[0] == rollout
    before = [chair.model_copy(update={"session": NOW - SOON}) for chair in after_sessions(rollout)]
    assert judge(rollout, before, NOW + 9 * SOAK)[0] == rollout
    well = after_sessions(rollout)
    same, why = judge(rollout, well, NOW + SOAK - SOON)
    assert same == rollout and "waits until 2026-12-01 12:00" in why
    further, why = judge(rollout, well, NOW + SOAK)
    assert (further.ring_pct, why) == (5, "goes on to 5 %: 4 of 4 chairs had a session with it")
    assert judge(further, well, NOW + 2 * SOAK)[0] == further, "16 of 20 had none"
    last = Rollout.model_validate(further.model_dump() | {"ring_pct": 100})
    assert judge(last, after_sessions(last), NOW + 9 * SOAK)[0] == last


def test_one_chair_that_stays_ill_halts_a_small_ring_and_one_of_many_does_not() -> None:
    rollout = begun()
    one = ring(rollout)[0]
    ill = after_sessions(rollout, (one, NOW + SOON))
    assert not judge(rollout, ill, NOW + LASTING)[0].halted, "it may be its start"
    halted, why = judge(rollout, ill, NOW + SOON + LASTING)
    assert halted.bad == ("0.2.0",) and f"1 of 4 chairs in the ring of 1 % are ill, {one}" in why
    assert judge(halted, after_sessions(rollout), NOW + 9 * SOAK)[0] == halted
    was = after_sessions(rollout, (one, NOW - SOON))
    assert not judge(rollout, was, NOW + SOAK)[0].halted, "it was ill before"
    wide = rollout.advanced(NAMES, NOW).advanced(NAMES, NOW)
    few = after_sessions(wide, *((name, NOW + SOON) for name in ring(wide)[:2]))
    assert not judge(wide, few, NOW + SOAK)[0].halted
    many = after_sessions(wide, *((name, NOW + SOON) for name in ring(wide)[:3]))
    assert judge(wide, many, NOW + SOAK)[0].halted


def test_a_chair_that_was_taken_out_counts_for_nothing() -> None:
    rollout = begun()
    one = ring(rollout)[0]
    chairs = [
        chair.model_copy(update={"revoked": chair.name == one})
        for chair in after_sessions(rollout, (one, NOW + SOON))
    ]
    assert judge(rollout, chairs, NOW + SOAK)[0].ring_pct == 5


def test_the_centre_says_what_is_ill_and_neither_what_a_person_did_nor_what_ended_in_order() -> (
    None
):
    def known(**data: object) -> Known:
        return Known(data, NOW, NOW - SOON)

    chair = FleetChair("chair-7")
    assert chair.health() == ChairHealth(name="chair-7")
    chair.latest[INSTALLED][""] = known(services={"camera": "0.2.0", "bridge": "0.2.0", "x": "9"})
    chair.latest[SERVICE] = {
        "camera": known(healthy=False, presence="online"),
        "bridge": known(presence="offline"),
        "log": known(presence="stopped", healthy=True),
    }
    chair.latest[CHAIR][""] = known(mode="estop")
    chair.latest[ALARM]["chair-fault"] = known(active=True)
    health = chair.health()
    assert (health.version, health.session) == ("0.2.0", NOW)
    assert [ill.what for ill in health.ills] == [
        "alarm chair-fault",
        "bridge offline",
        "camera not well",
    ]
    chair.latest[CHAIR][""] = known(mode="fault")
    assert chair.health().ills[-1] == ChairIll(what="chair fault", since=NOW - SOON)


# --- as people and the centre say it -------------------------------------------------------------

FLEET = [ChairHealth(name=name, version="0.1.0") for name in NAMES[:40]]


@pytest.fixture
def rig(tmp_path: Path) -> RepositoryRig:
    rig = RepositoryRig(tmp_path)
    rig.publish("0.2.0")
    return rig


def desk(
    rig: RepositoryRig, chairs: Callable[[], Iterable[ChairHealth]] = FLEET.copy
) -> RolloutDesk:
    return RolloutDesk(rig.served, rig.keys, chairs, lambda: rig.now)


def test_what_a_person_says(rig: RepositoryRig) -> None:
    here = desk(rig)
    assert here.show() == here.judge()[0] == "nothing is rolled out"
    with pytest.raises(InputError, match=r"0\.3\.0 .* publish it first; there are \['0\.2\.0'\]"):
        here.start("0.3.0")
    assert here.start("0.2.0") == "0.2.0: 1 %, 1 of 40 chairs"
    with pytest.raises(InputError, match="at 1 %: `halt` it, or wait; nothing was done"):
        here.start("0.2.0")
    said, new = here.judge()
    assert ("0 of 1 chairs" in said, new) == (True, False)
    assert here.advance() == "0.2.0: 5 %, 2 of 40 chairs"
    assert "goes back" in here.halt("it smells")
    assert here.show().startswith("0.2.0 after 0.1.0: 5 %")
    assert here.show().endswith("halted: it smells; bad: 0.2.0")
    with pytest.raises(InputError, match="`start` begins; nothing was done"):
        here.advance()
    here.start("0.2.0")
    assert here.show().endswith("bad: none")


def test_a_fleet_that_became_ill_is_halted_in_the_repository(rig: RepositoryRig) -> None:
    desk(rig).start("0.2.0")
    (one,) = [chair.name for chair in FLEET if rig.said.reaches(chair.name)]
    ill = ChairHealth(name=one, ills=(ChairIll(what="chair fault", since=rig.now + SOON),))
    rig.now += SOON + LASTING
    said, new = desk(rig, lambda: [ill]).judge()
    assert (new, rig.said.bad, f"{one}: chair fault" in said) == (True, ("0.2.0",), True)
    assert desk(rig).judge() == (said, False)


def test_a_halt_that_comes_while_the_fleet_is_judged_is_not_undone(rig: RepositoryRig) -> None:
    desk(rig).start("0.2.0")
    halting = threading.Thread(target=lambda: desk(rig).halt("a person says so"))

    def chairs() -> list[ChairHealth]:
        halting.start()
        halting.join(0.5)
        assert halting.is_alive(), "it waits for its turn"
        return [chair.model_copy(update=PROVEN | {"session": rig.now + SOON}) for chair in FLEET]

    rig.now += SOAK
    assert "goes on to 5 %" in desk(rig, chairs).judge()[0]
    halting.join()
    assert (rig.said.ring_pct, rig.said.halted) == (5, "a person says so")


def test_a_repository_that_is_not_there_or_says_something_else_is_refused(
    rig: RepositoryRig, tmp_path: Path
) -> None:
    away = RolloutDesk(tmp_path / "away", rig.keys, FLEET.copy, lambda: rig.now)
    with pytest.raises(InputError, match=r"away cannot be used .*: check its name"):
        away.judge()
    keyless = RolloutDesk(rig.served, tmp_path, FLEET.copy, lambda: rig.now)
    with pytest.raises(InputError, match="is not the repository's own; nothing was signed"):
        keyless.start("0.2.0")
    rig.repository().set_rollout(b"{}")
    with pytest.raises(InputError, match=r"rollout\.json .*'release'.*bring the centre up to date"):
        desk(rig).judge()
