"""The page's words: each language has all of them, and the page none that there is not."""

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

from calmloop.contract.messages.camera import CameraCondition
from calmloop.contract.messages.chair import CalibrationOrigin, ChairMode
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.face import NoFaceReason
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.session import Change, Channel, Mode, Phase
from calmloop.scenario_selector.contraindications import CONTRAINDICATIONS

SOURCES = Path(__file__).resolve().parents[3] / "services/caregiver-console/page/src"
PLURALS = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "lt": {"one", "few", "many", "other"},
    "lv": {"zero", "one", "other"},
}
"""Categories of CLDR for whole numbers and fractions."""
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
FROM_THE_CONTRACT: dict[str, type[StrEnum]] = {
    "phase": Phase,
    "change": Change,
    "face": Label,
    "channel": Channel,
    "mode": Mode,
    "alarm": AlarmKind,
    "chair": ChairMode,
    "calibration": CalibrationOrigin,
    "camera": CameraCondition,
    "noface": NoFaceReason,
}


def catalogue(language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((SOURCES / f"languages/{language}.json").read_text())
    return words


def base(key: str, words: dict[str, str]) -> str:
    """`now.left` of `now.left.few`: a key whose text differs by number."""
    stem, _, category = key.rpartition(".")
    return stem if category in CATEGORIES and f"{stem}.one" in words else key


def bases(language: str) -> set[str]:
    words = catalogue(language)
    return {base(key, words) for key in words}


def used() -> tuple[set[str], set[str]]:
    """Keys that the sources name whole, and beginnings of those that they put together."""
    text = "\n".join(path.read_text() for path in sorted(SOURCES.rglob("*.js")))
    quoted = set(re.findall(r"[\"`]([a-z][a-z-]*(?:\.[a-z-]+)*)[\"`]", text))
    beginnings = set(re.findall(r"`([a-z]+(?:\.[a-z]+)*\.)\$\{", text))
    return quoted, beginnings


@pytest.mark.parametrize("language", ["de", "lt", "lv"])
def test_a_language_has_the_keys_of_english(language: str) -> None:
    assert bases(language) == bases("en")


@pytest.mark.parametrize("language", PLURALS)
def test_a_text_by_number_has_every_form_of_its_language(language: str) -> None:
    words = catalogue(language)
    by_number = {base(key, words) for key in words if base(key, words) != key}
    for stem in by_number:
        forms = {key.rpartition(".")[2] for key in words if base(key, words) == stem}
        assert forms == PLURALS[language], stem


@pytest.mark.parametrize("language", PLURALS)
def test_no_text_is_empty_and_each_fills_in_the_same_values(language: str) -> None:
    english, words = catalogue("en"), catalogue(language)
    for key, text in words.items():
        assert text.strip(), key
        stem = base(key, words)
        original = english.get(key) or english.get(stem) or english[f"{stem}.other"]
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", original)), key


@pytest.mark.parametrize("language", ["de", "lt", "lv"])
def test_few_texts_are_the_same_as_in_english(language: str) -> None:
    english, words = catalogue("en"), catalogue(language)
    same = {key for key in words if len(words[key]) > 14 and words[key] == english.get(key)}
    assert not same


@pytest.mark.parametrize("group", FROM_THE_CONTRACT)
def test_whatever_a_service_can_say_has_its_word(group: str) -> None:
    wanted = {f"{group}.{value}" for value in FROM_THE_CONTRACT[group]}
    assert wanted - bases("en") == set()


def test_each_contraindication_has_its_words() -> None:
    assert {f"against.{code}" for code in CONTRAINDICATIONS} <= bases("en")


def test_no_word_is_left_that_the_pages_do_not_use() -> None:
    quoted, beginnings = used()
    unused = {
        key
        for key in bases("en")
        if key not in quoted and not any(key.startswith(each) for each in beginnings)
    }
    assert unused == set()


def test_every_word_that_the_pages_use_is_there() -> None:
    quoted, beginnings = used()
    groups = {key.split(".")[0] for key in bases("en") if "." in key}
    wanted = {key for key in quoted if "." in key and key.split(".")[0] in groups}
    assert {key for key in wanted if key not in bases("en")} - FILES == set()
    assert all(any(key.startswith(each) for key in bases("en")) for each in beginnings)


FILES: set[str] = set()
"""What looks like a key and is none."""
