import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.agreement.answers import AgreementError, Rater, read_answers
from calmloop.agreement.compare import compare
from calmloop.cli.main import app
from calmloop.contract.messages.emotion import Label

RUNNER = CliRunner()
WIDE = {"COLUMNS": "160"}


def write(path: Path, column: str, answers: list[str]) -> Path:
    rows = [f"clip-{n},{answer}" for n, answer in enumerate(answers)]
    path.write_text("\n".join([f"item,{column}", *rows]) + "\n")
    return path


@pytest.fixture
def table_1(tmp_path: Path) -> list[Path]:
    """The main paper's Table 1: 160 expressions, one expert, two systems (misses made neutral)."""
    truth = ["negative"] * 53 + ["neutral"] * 53 + ["positive"] * 54

    def hitting(negative: int, neutral: int, positive: int) -> list[str]:
        return [
            *["negative"] * negative,
            *["neutral"] * (53 - negative),
            *["neutral"] * neutral,
            *["positive"] * (53 - neutral),
            *["positive"] * positive,
            *["negative"] * (54 - positive),
        ]

    return [
        write(tmp_path / "human.csv", "label", truth),
        write(tmp_path / "system-1.csv", "prediction", hitting(37, 37, 36)),
        write(tmp_path / "system-2.csv", "prediction", hitting(50, 50, 50)),
    ]


def test_table_1_of_the_paper_comes_out_again(table_1: list[Path]) -> None:
    result = RUNNER.invoke(app, ["agree", *map(str, table_1)], env=WIDE)
    assert result.exit_code == 0, result.output
    lines = {line.split("│")[1].strip(): line for line in result.output.splitlines() if "│" in line}
    assert "68.8% (61." in lines["accuracy"]
    assert "93.8% (89.4% to 97.5%)" in lines["accuracy"]
    metrics = json.loads(RUNNER.invoke(app, ["agree", *map(str, table_1), "--json"]).output)
    assert metrics["shown"] == {"negative": 53, "neutral": 53, "positive": 54}
    first, second = metrics["systems"]
    assert [first["groups"][group]["hits"] for group in metrics["shown"]] == [37, 37, 36]
    assert [second["groups"][group]["hits"] for group in metrics["shown"]] == [50, 50, 50]
    assert first["kappa"]["high"] < second["kappa"]["low"]
    assert metrics["among_experts"] is None


def test_several_experts_are_one_by_their_commonest_label(tmp_path: Path) -> None:
    experts = [
        ["positive", "negative", "neutral", "positive"],
        ["happy", "sad", "negative", "neutral"],
        ["positive", "angry", "neutral", "negative"],
    ]
    files = [write(tmp_path / f"expert-{n}.csv", "label", one) for n, one in enumerate(experts)]
    files.append(write(tmp_path / "s.csv", "prediction", ["happy", "fear", "unknown", "positive"]))
    agreement = compare([read_answers(path) for path in files])
    assert agreement.undecided == 1
    assert agreement.shown == {Label.NEGATIVE: 1, Label.NEUTRAL: 1, Label.POSITIVE: 1}
    (system,) = agreement.systems
    assert system.accuracy.value == pytest.approx(2 / 3)
    assert system.unknown == 1
    assert agreement.among_experts is not None
    # By hand: agreement 1, 1, 1/3, 0; label shares 5, 3 and 4 of 12.
    expected = (7 / 12 - (25 + 9 + 16) / 144) / (1 - (25 + 9 + 16) / 144)
    assert agreement.among_experts.fleiss.value == pytest.approx(expected)


def test_what_one_expert_would_not_decide_is_left_out_for_all(tmp_path: Path) -> None:
    anna = write(tmp_path / "anna.csv", "label", ["positive", "unsure", "neutral", "sad"])
    bo = write(tmp_path / "bo.csv", "label", ["positive", "neutral", "neutral"])
    bo.write_text(bo.read_text() + "clip-3,Unsure\n")
    system = write(tmp_path / "s.csv", "prediction", ["happy", "sad", "unknown", "happy"])
    agreement = compare([read_answers(path) for path in (anna, bo, system)])
    assert (agreement.items, agreement.unsure) == (2, 2)
    assert agreement.systems[0].accuracy.value == 0.5
    result = RUNNER.invoke(app, ["agree", str(anna), str(bo), str(system)], env=WIDE)
    assert "2 items, 2 expert(s); 2 left out as unsure" in result.output


def test_experts_who_are_never_both_sure_are_refused(tmp_path: Path) -> None:
    anna = write(tmp_path / "anna.csv", "label", ["positive", "unsure"])
    bo = write(tmp_path / "bo.csv", "label", ["unsure", "neutral"])
    with pytest.raises(AgreementError, match="no item has a label of every expert"):
        compare([read_answers(anna), read_answers(bo)])


def test_a_system_may_not_be_unsure_nor_an_item_be_named_twice(tmp_path: Path) -> None:
    system = write(tmp_path / "s.csv", "prediction", ["happy", "unsure"])
    with pytest.raises(AgreementError, match="line 3: prediction is 'unsure'"):
        read_answers(system)
    twice = tmp_path / "twice.csv"
    twice.write_text("item,label\na,unsure\na,happy\n")
    with pytest.raises(AgreementError, match="line 3: item 'a' is empty or named before"):
        read_answers(twice)


def test_experts_alone_are_compared_with_each_other(tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"{name}.csv", "label", ["positive", "negative", "neutral"])
        for name in ("anna", "bo")
    ]
    result = RUNNER.invoke(app, ["agree", *map(str, files)], env=WIDE)
    assert result.exit_code == 0, result.output
    assert "1.00 (1.00 to 1.00)" in result.output


def test_a_surprise_that_a_system_sees_is_doubt_and_an_expert_may_not_doubt(
    tmp_path: Path,
) -> None:
    predicted = read_answers(write(tmp_path / "s.csv", "prediction", ["surprise", "Happy "]))
    assert predicted.rater is Rater.SYSTEM
    assert list(predicted.by_item.values()) == [Label.UNKNOWN, Label.POSITIVE]
    for answer in ("unknown", "surprise", "bored", ""):
        path = write(tmp_path / "e.csv", "label", ["happy", answer])
        with pytest.raises(AgreementError, match=f"line 3: label is '{answer}'; one of negative"):
            read_answers(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("item,answer\na,happy\n", "has the columns answer, item; 'item' and either 'label'"),
        ("item,label,prediction\na,happy,sad\n", "either 'label'"),
        ("", "has the columns none"),
        ("item,label\n", "holds no answer"),
        ("item,label\na,happy\na,sad\n", "line 3: item 'a' is empty or named before"),
        ("item,label\n,happy\n", "line 2: item '' is empty"),
        ("item,label\na\n", "line 2: label is ''"),
    ],
)
def test_a_broken_file_is_refused_with_the_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(AgreementError) as refusal:
        read_answers(path)
    assert complaint in str(refusal.value)


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    human = write(tmp_path / "human.csv", "label", ["happy"] * 3)
    short = write(tmp_path / "short.csv", "prediction", ["happy"] * 2)
    long = write(tmp_path / "long.csv", "label", ["happy"] * 4)
    (tmp_path / "more").mkdir()
    twin = write(tmp_path / "more" / "human.csv", "prediction", ["happy"] * 3)
    for files, complaint in (
        ([human, short], "short lacks 1 of the 3 items of human, 'clip-2' the first"),
        ([human, long], "long labels 1 items that human does not"),
        ([human, twin], "two files are called 'human'"),
        ([human], "name a second file"),
        ([short, twin], "no file has a 'label' column"),
        ([human, tmp_path / "none.csv"], "cannot be read"),
    ):
        result = RUNNER.invoke(app, ["agree", *map(str, files)])
        assert result.exit_code == 2
        assert complaint in result.output


def test_what_else_a_system_answered_is_passed_over(tmp_path: Path) -> None:
    human = read_answers(write(tmp_path / "human.csv", "label", ["happy", "sad"]))
    system = read_answers(write(tmp_path / "s.csv", "prediction", ["happy", "sad", "sad"]))
    (metrics,) = compare([human, system]).systems
    assert metrics.accuracy.value == 1
