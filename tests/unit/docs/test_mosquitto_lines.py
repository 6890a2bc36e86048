"""Every line for Mosquitto's clients speaks MQTT 5: by an older one a refused stop is not told."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```\w*\n(.*?)^```|((?:^ {4}[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\bmosquitto_(?:pub|sub) +[-$].*")
VERSION = re.compile(r"-V (?:5|mqttv5)\b")


def without_version(text: str) -> list[str]:
    """Commands of a page that name no MQTT 5, neither themselves nor by their block's `login`."""
    missing = []
    blocks = [fenced or indented for fenced, indented in BLOCK.findall(text)]
    for part in [*blocks, BLOCK.sub("", text)]:
        login = re.search(r"^ *login=.*", part, re.MULTILINE)
        by_login = login is not None and VERSION.search(login[0]) is not None
        for command in COMMAND.findall(part):
            if not (VERSION.search(command) or (by_login and "$login" in command)):
                missing.append(command)
    return missing


PAGES = {
    str(page.relative_to(ROOT)): page.read_text()
    for page in sorted(ROOT.rglob("*.md"))
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
}
WITH_COMMANDS = [name for name, text in PAGES.items() if COMMAND.search(text)]


def test_the_pages_with_such_lines_are_found() -> None:
    assert {"README.md", "compose/README.md"} <= set(WITH_COMMANDS)


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_each_line_speaks_mqtt_5(name: str) -> None:
    assert without_version(PAGES[name]) == []


@pytest.mark.parametrize("name", ["README.md", "compose/README.md"])
def test_a_stop_is_followed_by_a_look_at_whether_it_arrived(name: str) -> None:
    lines = PAGES[name].splitlines()
    stop = next(i for i, line in enumerate(lines) if re.search(r"_pub .*\$R/stop -n", line))
    look = lines[stop + 1]
    assert "$R/stop/state" in look
    assert """grep -o '"latched":true'""" in look
    assert " -R " in look, "what the broker kept is no answer to this stop"


@pytest.mark.parametrize(
    ("page", "missing"),
    [
        ("```sh\nlogin='-h x'\nmosquitto_pub $login -t a -n\n```\n", 1),
        ("```sh\nlogin='-V 5 -h x'\nmosquitto_pub $login -t a -n\n```\n", 0),
        ("```sh\nlogin='-V 5'\n```\n\n```sh\nmosquitto_pub $login -n\n```\n", 1),
        ("```sh\nlogin='-V 5'\nmosquitto_sub -h x -t a\n```\n", 1),
        ("so:\n\n    mosquitto_sub $login -t a\n", 1),
        ("`mosquitto_sub -V 5 -t a` and `mosquitto_pub`\n", 0),
        ("by `mosquitto_pub -t a -n`\n", 1),
    ],
)
def test_a_line_without_it_is_found(page: str, missing: int) -> None:
    assert len(without_version(page)) == missing
