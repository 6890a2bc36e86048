"""What people write in YAML says one thing to every reader, or is refused with file, line, key."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from calmloop.base.errors import ConfigurationError
from calmloop.base.strict_yaml import MAX_FILE_BYTES, FilePart, parse, read


def refusal(data: bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(data, "seat.yaml")
    text = str(caught.value)
    assert text.startswith("seat.yaml")
    assert len(text) < 300
    return text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"# ceiling_pct: 40\n",
        b"---\n",
        b"null\n",
        b"~",
        b"false\n",
        b"[]\n",
        b"{}\n",
        b"- a\n",
        b"40\n",
        b"\xef\xbb\xbf# only a byte order mark and this\n",
    ],
)
def test_a_file_without_keys_and_values_is_refused(data: bytes) -> None:
    assert "must hold keys and values" in refusal(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a: 1\nb: 2\na: 1\n", ["line 3", "a: the key stands twice", "first on line 1"]),
        (b"a:\n  b: 1\n  'b': 2\n", ["line 3", "a.b: the key stands twice", "first on line 2"]),
        (b"a: [{b: 1}, {b: 1, b: 2}]\n", ["a.1.b: the key stands twice"]),
        (b"a: 1\n---\nb: 2\n", ["line 2", "a second document"]),
        (b"a: 1\nb: *one\n", ["line 2", "b: anchors and aliases"]),
        (b"a: &one 1\n", ["line 1", "a: anchors and aliases"]),
        (b"&one a: 1\n", ["line 1", "key must be a word alone"]),
        (b"? [a, b]\n: 1\n", ["line 1", "key must be a word alone"]),
        (b"a: !!int '040'\n", ["line 1", "a: tags are not read"]),
        (b"!!python/object:os.system {a: 1}\n", ["line 1", "tags are not read"]),
        (b"a: " + b"[" * 50 + b"]" * 50, ["nested more than 20 deep"]),
        (b"a:\n\t- b\n", ["line 2", "not valid YAML"]),
        (b"a: [\n", ["not valid YAML"]),
        (b"a: \0\n", ["not valid YAML"]),
        ("a: 1\n".encode("utf-16"), ["not UTF-8"]),
        (b"a: \xff\n", ["not UTF-8"]),
        (b"a: 1 #" + b"x" * MAX_FILE_BYTES, ["larger than"]),
    ],
)
def test_what_readers_of_yaml_disagree_about_is_refused_with_line_and_key(
    data: bytes, words: list[str]
) -> None:
    text = refusal(data)
    for word in words:
        assert word in text


AMBIGUOUS = (
    "yes No on OFF y 040 -017 0o17 0x1F 00.5 1:30 -1:30:00 1_000 .nan .inf -.Inf 1e999"
    " 99999999999999999999999999999999999999999"
)


@pytest.mark.parametrize("value", AMBIGUOUS.split())
def test_an_ambiguous_or_boundless_scalar_is_refused_unless_it_is_quoted(value: str) -> None:
    text = refusal(f"b: 1\na: {value}\n".encode())
    assert "line 2: a: " in text
    assert parse(f"a: '{value}'\n".encode(), "seat.yaml").data == {"a": value}


def test_plain_scalars_are_those_of_yaml_1_2() -> None:
    text = (
        "a: 40\nb: -2.5\nc: 1e3\nd: .5\ne: 0\nf: true\ng: False\nh: null\ni: ~\nj:\n"
        "k: 2026-01-01\nl: 2026-01-05T12:30:00.mp4\nm: forest-rain\nn: 40 %\no: '1'\n"
        "p: rtsp://host:8554/x\nq: 1.2.3\n40: forty\n<<: {r: 1}\n"
    )
    assert parse(text.encode(), "seat.yaml").data == {
        **{"a": 40, "b": -2.5, "c": 1000.0, "d": 0.5, "e": 0, "f": True, "g": False},
        **{"h": None, "i": None, "j": None, "k": "2026-01-01", "l": "2026-01-05T12:30:00.mp4"},
        **{"m": "forest-rain", "n": "40 %", "o": "1", "p": "rtsp://host:8554/x", "q": "1.2.3"},
        **{"40": "forty", "<<": {"r": 1}},
    }


def test_an_unreadable_line_is_never_quoted() -> None:
    for text in (
        b"source: 'rtsp://child:hunter2@host/x\n",
        b"source: rtsp://child:hunter2@host/x: y\n",
        b"source: [rtsp://child:hunter2@host/x\n",
        b"a: 1\nsource: rtsp://child:hunter2@host/x\n- b\n",
        b"source: &x rtsp://child:hunter2@host/x\n",
    ):
        assert "hunter2" not in refusal(text)


def test_a_fault_is_located_as_far_as_the_file_has_its_keys() -> None:
    written = parse(b"phases:\n  - title: One\n    sound:\n      track: x\n", "seat.yaml")
    assert written.locate(("phases", 0, "sound", "track")) == (
        "seat.yaml line 4: phases.0.sound.track"
    )
    assert written.locate(("phases", 0, "duration_s")) == "seat.yaml line 2: phases.0.duration_s"
    assert written.locate(("titel",)) == "seat.yaml: titel"


def test_a_file_of_comments_may_be_one_that_sets_nothing() -> None:
    assert parse(b"# camera:\n", "seat.yaml", may_be_empty=True).data == {}
    with pytest.raises(ConfigurationError, match="not nothing"):
        parse(b"null\n", "seat.yaml", may_be_empty=True)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", tmp_path, Path("/dev/zero")):
        with pytest.raises(ConfigurationError, match="no regular file"):
            read(path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere.yaml")


class Seat(FilePart):
    level_pct: float = 0.0
    seats: int | None = None
    heated: bool = False


@pytest.mark.parametrize(
    "data",
    [
        {"level_pct": True},
        {"seats": False},
        {"level_pct": float("nan")},
        {"level_pct": "inf"},
        {"level": 1},
        {"level_pct": None},
    ],
)
def test_a_value_of_another_kind_is_no_number(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Seat.model_validate(data)


def test_true_is_taken_where_it_belongs() -> None:
    assert Seat.model_validate({"heated": True, "seats": 2, "level_pct": 1}).heated
