"""An erasure reaches all that the selector has of a child, but for what bounds its dose today."""

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Ages
from calmloop.contract.messages.learning import LearningAction, LearningCommand
from calmloop.contract.messages.profiles import (
    ErasedPart,
    ProfileBounds,
    ProfileCommand,
    ProfilesState,
)
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.erasing import Eraser
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.plan import Tuning
from calmloop.scenario_selector.profile_desk import ProfileDesk
from calmloop.scenario_selector.records import Folder

ALL = (ErasedPart.LEARNED, ErasedPart.DOSE, ErasedPart.PROFILE)


class Rig:
    """A selector at rest, with two children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = clock = ManualClock()
        self.today = clock.utc_now().date()
        self.records = Folder(folder)
        self.engine = Engine(
            clock=clock,
            ages=Ages(clock, "here"),
            library={},
            records=self.records,
            tuning=Tuning(),
            rng=random.Random(1),
        )
        self.desk = ProfileDesk(folder, ())
        self.eraser = Eraser(self.engine, self.records, self.desk, lambda: self.today)
        for code in ("k7", "k8"):
            self.know(code)

    def know(self, code: str) -> None:
        for ceiling_pct in (30, 40):  # twice, so that there are copies
            bounds = ProfileBounds(ceiling_pct=ceiling_pct)
            assert not self.desk.obey(
                ProfileCommand(action="write", profile=code, bounds=bounds)
            ).refusal
            self.records.save_learned(code, self.records.learned(code))
            self.give(code, self.today - timedelta(days=1))
        self.engine.lessons.obey(
            LearningCommand(action=LearningAction.SHOW, profile=code),
            None,
            self.clock.utc_now(),
        )

    def give(self, code: str, day: date) -> None:
        ledger = self.records.ledger(code)
        ledger.add(day, 600, intensity_pct=20, vibration_pct=10, sound_pct=10)
        self.records.save_ledger(code, ledger)

    def erase(self, code: str, token: str | None = None) -> ProfilesState:
        token = self.engine.state.start_token if token is None else token
        command = ProfileCommand(action="erase", profile=code, token=token or None, request="r")
        return self.eraser.obey(command)

    def files(self) -> set[str]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        named = (path for path in paths if "k7" in path.name or "k7" in path.read_text())
        return {str(path.relative_to(self.folder)) for path in named}


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_all_of_it_goes_with_its_copies_and_no_other_child(rig: Rig) -> None:
    assert len(rig.files()) == 6
    answer = rig.erase("k7")
    assert (answer.erased, answer.left, answer.refusal) == (ALL, (), "")
    assert (answer.codes, answer.request) == (("k8",), "r")
    assert rig.files() == set()
    assert rig.records.ledger("k8").days
    rig.records.write_queued()
    rig.records.write_what_is_left()
    assert rig.files() == set()


def test_of_an_unknown_child_nothing_is_erased(rig: Rig) -> None:
    answer = rig.erase("k9")
    assert (answer.erased, answer.left, answer.refusal) == ((), (), "")


def test_what_was_last_told_of_it_is_told_no_more(rig: Rig) -> None:
    rig.erase("k7")
    assert rig.engine.lessons.state.profile == "k8"
    rig.erase("k8")
    assert rig.engine.lessons.state.profile == ""


@pytest.mark.parametrize("token", ["", "made-up"])
def test_nobody_present_erases_nothing(rig: Rig, token: str) -> None:
    before = rig.files()
    answer = rig.erase("k7", token)
    assert "token" in answer.refusal
    assert answer.erased == ()
    assert rig.files() == before


def test_the_minutes_of_today_stay_until_tomorrow(rig: Rig) -> None:
    today = rig.today
    rig.give("k7", today)
    answer = rig.erase("k7")
    assert (answer.left, ErasedPart.DOSE in answer.erased) == ((ErasedPart.DOSE,), False)
    assert list(rig.records.ledger("k7").days) == [today]
    assert rig.files() == {"dose/k7.json", "dose/k7.erased"}
    rig.eraser.sweep()
    assert rig.records.ledger("k7").minutes_on(today) == 10.0
    rig.today += timedelta(days=1)
    rig.eraser.sweep()
    assert rig.files() == set()
    assert rig.records.ledger("k7") == Ledger()


def test_a_child_that_gets_the_code_anew_keeps_its_own(rig: Rig) -> None:
    today = rig.today
    rig.give("k7", today)
    rig.erase("k7")
    rig.know("k7")
    rig.today += timedelta(days=1)
    rig.eraser.sweep()
    assert rig.records.ledger("k7").minutes_on(today) == 10.0
