"""Tables as people and their programs save them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.agreement.answers import read_answers
from calmloop.base.errors import InputError
from calmloop.cli.main import app
from calmloop.cli.measurements import Measurements
from calmloop.cli.tables import read_table
from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.labelling.store import ExpertAnswer, LabelStore
from calmloop.training.data.readers import load_faces

ROWS = [(2, {"item": "a", "label": "happy"}), (3, {"item": "b, c", "label": "sad"})]
SPELLINGS = {
    "plain": b'item,label\na,happy\n"b, c",sad\n',
    "BOM": b'\xef\xbb\xbfitem,label\na,happy\n"b, c",sad\n',
    "CRLF": b'item,label\r\na,happy\r\n"b, c",sad\r\n',
    "blanks": b'item , Label\n a, happy \n"b, c" ,sad\n',
    "semicolons": b"item;label\na;happy\nb, c;sad\n",
    "tabs, UTF-16": "item\tlabel\na\thappy\nb, c\tsad\n".encode("utf-16"),
    "other columns": b'label,rated by,item\nhappy,anna,a\nsad,,"b, c"\n',
    "trailing commas": b'item,label,,\na,happy,,\n"b, c",sad,,,,\n',
    "no last line end": b'item,label\na,happy\n"b, c",sad',
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_table_is_read_however_it_was_saved(tmp_path: Path, spelling: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(SPELLINGS[spelling])
    assert list(read_table(path, ("item", "label"))) == ROWS


def test_lines_that_hold_nothing_are_passed_over_and_still_counted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"sep=;\r\n\r\nitem;label\r\n;\r\n  \r\na;happy\r\n")
    assert list(read_table(path, ("item", "label"))) == [(6, {"item": "a", "label": "happy"})]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "lacks the column.*item, label.*none"),
        (b"item,label\na\n", "line 2: the row ends"),
        (b"item,label\na,0,5\n", "line 2: the row has 3 cells and the header 2"),
        (b"item,label,item\na,b,c\n", "has the column item twice"),
        ("item,label\nÄ,b\n".encode("latin-1"), "save it as UTF-8"),
        (bytes(range(256)), "save it as UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(
    tmp_path: Path, text: bytes, complaint: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    with pytest.raises(InputError, match=complaint):
        list(read_table(path, ("item", "label")))


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match=f"{path} cannot be read"):
            list(read_table(path, ("item",)))


def test_every_reader_of_a_table_takes_what_excel_saves(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfitem;label\r\na;positive\r\n;\r\n")
    assert read_answers(path).by_item == {"a": Label.POSITIVE}
    assert LabelStore(path, ["a"]).answers() == [ExpertAnswer.POSITIVE]
    path.write_bytes(b"\xef\xbb\xbfwhat;drive_pct;measured\r\n30;10,0;0,115\r\n")
    (measurement,) = Measurements.begin(path, path).readings
    assert (measurement.drive_permille, measurement.m_s2) == (100, 0.115)


def test_kaggles_other_name_and_header_are_known(tmp_path: Path) -> None:
    pixels = " ".join(["7"] * 2304)
    rows = [f"{n},Training,{pixels}" for n in range(len(EMOTIONS))]
    text = "\n".join(["emotion, Usage, pixels", *rows, f"3,PublicTest,{pixels}", ""])
    (tmp_path / "icml_face_data.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    faces = load_faces(tmp_path)
    assert (len(faces), faces.emotion[-1], faces.usage[-1]) == (8, 3, "PublicTest")
    told = CliRunner().invoke(app, ["data", "describe", str(tmp_path), "--json"])
    assert json.loads(told.stdout)["faces"] == 8
