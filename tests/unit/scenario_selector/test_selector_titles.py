"""What a scenario is called, what it is for, and its picture: shipped ones and one's own."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.base.languages import Language
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.scenario import Scenario

SHIPPED = scenario.load()
DRAWN = {"path", "circle", "rect"}
PLAIN = """
title: Brook
description: Water.
contraindications: [none known]
phases: [{title: All, duration_s: 60}]
"""


def parse(text: str) -> Scenario:
    return scenario.parse(strict_yaml.parse(text.encode(), "brook.yaml"))


def test_at_least_ten_ship_each_with_all_that_a_person_reads() -> None:
    assert len(SHIPPED) >= 10
    for one in SHIPPED.values():
        assert one.purpose, one.name
        assert set(one.titles) == set(Language) - {Language.EN}, one.name


def test_no_two_have_the_same_title_in_any_language() -> None:
    for language in Language:
        titles = {one.title_in(language) for one in SHIPPED.values()}
        assert len(titles) == len(SHIPPED), language


@pytest.mark.parametrize("name", SHIPPED)
def test_each_has_a_plain_picture_that_takes_the_colour_of_its_page(name: str) -> None:
    drawn = ET.fromstring(scenario.icon(name) or "")
    assert drawn.get("viewBox") == "0 0 64 64"
    assert drawn.get("stroke") == "currentColor"
    shapes = list(drawn.iter())[1:]
    assert shapes
    assert {shape.tag.rpartition("}")[2] for shape in shapes} <= DRAWN


def test_a_scenario_needs_none_of_it() -> None:
    plain = parse(PLAIN)
    assert (plain.purpose, plain.titles) == ("", {})
    assert plain.title_in("de") == plain.title_in("fr") == "Brook"
    assert scenario.icon("brook") is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("titles: {fr: Ruisseau}", "titles.fr"),
        ("titles: {de: ''}", "titles.de"),
        (f"purpose: {'x' * 201}", "purpose: String should have at most 200"),
    ],
)
def test_what_is_wrong_of_it_is_refused(line: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        parse(f"{PLAIN}{line}\n")


def test_one_s_own_picture_comes_first_and_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "night-sky.svg").write_text("<svg/>")
    assert scenario.icon("night-sky", tmp_path) == "<svg/>"
    assert scenario.icon("deep-hum", tmp_path) == scenario.icon("deep-hum")
    (tmp_path / "night-sky.svg").write_text("<svg/>" + " " * 20_000)
    with pytest.raises(ConfigurationError, match=r"night-sky\.svg: has 20006 bytes, above 20000"):
        scenario.icon("night-sky", tmp_path)
    (tmp_path / "night-sky.svg").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"night-sky\.svg: cannot be read .*: save it"):
        scenario.icon("night-sky", tmp_path)
