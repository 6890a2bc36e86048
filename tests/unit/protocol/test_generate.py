"""The wire is written from `protocol.toml` everywhere; a definition that cannot be is refused."""

from pathlib import Path

import pytest

from tests.unit.protocol.scratch import ROOT, STRUCTS, changed, copied, generate

TOML = Path("firmware-bridge/protocol.toml")
OUTPUTS = (
    "firmware-bridge/firmware/core/protocol.h",
    "firmware-bridge/firmware/core/protocol.c",
    "firmware-bridge/src/calmloop/chair_link/wire/messages.py",
    "firmware-bridge/PROTOCOL.md",
    str(STRUCTS),
)
TAG = '{ name = "tag", type = "u16", min = 1, text = "comes back in STATUS once applied" },'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copied(tmp_path)


def test_what_is_committed_is_what_the_generator_writes() -> None:
    done = generate(ROOT, "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_change_is_found_and_written_everywhere(copy: Path) -> None:
    changed(copy / TOML, TAG, TAG.replace('"tag"', '"number"'))
    done = generate(copy, "--check")
    assert done.returncode == 1
    assert [name for name in OUTPUTS if name in done.stderr] == list(OUTPUTS)
    assert "make protocol" in done.stderr
    for name in OUTPUTS:
        assert (copy / name).read_text() == (ROOT / name).read_text(), "--check wrote"
    assert generate(copy).returncode == 0
    for name in OUTPUTS:
        assert "number" in (copy / name).read_text()
    assert generate(copy, "--check").returncode == 0


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_changed_by_hand_is_named(copy: Path, name: str) -> None:
    text = (copy / name).read_text()
    (copy / name).write_text(text.replace("SETPOINT", "SETPOINTS").replace("Setpoint", "Set"))
    done = generate(copy, "--check")
    assert done.returncode == 1
    assert name in done.stderr


def test_a_cap_changes_its_hash_and_its_table(copy: Path) -> None:
    changed(copy / TOML, 'name = "RISE_MS"\nvalue = 5000', 'name = "RISE_MS"\nvalue = 6000')
    assert generate(copy).returncode == 0
    numbers = (copy / "firmware-bridge/src/calmloop/chair_link/wire/numbers.py").read_text()
    assert "0xBF7501D5" not in numbers
    page = (copy / "firmware-bridge/PROTOCOL.md").read_text()
    assert "| rise to the ceiling, ms | 6000 |" in page
    assert "0xBF7501D5" not in page.split("## 7.")[0].split("## 6.")[1]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('from = "host"\nresult = "ArmBlock"', 'from = "chair"\nresult = "ArmBlock"', "0x02"),
        ("type = 0x04", "type = 0x05", "0x05 stands there twice"),
        ('name = "LEASE"\ntype', 'name = "STOP"\ntype', "STOP stands there twice"),
        (TAG, TAG.replace("u16", "u24"), "message.SETPOINT.fields.tag.type: 'u24': "),
        (TAG, TAG.replace("min = 1", "min = true"), "message.SETPOINT.fields.tag.min"),
        (TAG, f"{TAG}\n{TAG}", "fields of SETPOINT: tag stands there twice"),
        (TAG, TAG.replace("min = 1", "min = 70000"), "SETPOINT.tag: range 70000 to 65535"),
        (TAG, TAG.replace("min = 1", 'min = "NOTHING"'), "NOTHING is no constant"),
        (TAG, TAG.replace("min = 1", 'code = "Moods"'), "SETPOINT.tag: Moods"),
        (TAG, TAG.replace("min = 1", "size = 2"), "SETPOINT.tag: bytes have a size"),
        (TAG, TAG.replace("min = 1", "minimum = 1"), "message.SETPOINT.fields.tag.minimum"),
        (
            '{ name = "proof", type = "u32" },',
            '{ name = "proof", type = "bytes", size = 60 },',
            "64",
        ),
        ('result = "ArmBlock"', 'result = "Answers"', "ARM: result Answers"),
        ('value = 2, name = "LEASE"', 'value = 1, name = "LEASE"', "StopReason: 1 stands there"),
        (
            'value = 1, name = "SAFE"',
            'value = 256, name = "SAFE"',
            "State.codes.SAFE.value: 256",
        ),
    ],
)
def test_a_definition_that_cannot_be_is_refused_and_nothing_is_written(
    copy: Path, old: str, new: str, says: str
) -> None:
    changed(copy / TOML, old, new)
    done = generate(copy)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert (copy / OUTPUTS[0]).read_text() == (ROOT / OUTPUTS[0]).read_text()


def test_a_marker_that_means_nothing_is_refused(copy: Path) -> None:
    changed(
        copy / "firmware-bridge/PROTOCOL.md", "<!-- protocol: caps -->", "<!-- protocol: cups -->"
    )
    done = generate(copy)
    assert done.returncode == 2
    assert "'cups'" in done.stderr
