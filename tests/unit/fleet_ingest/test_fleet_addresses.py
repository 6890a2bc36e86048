"""Where a worker finds the broker."""

from pathlib import Path

import pytest

from calmloop.fleet_ingest.settings import IngestSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "amqp"


def settings(file: Path) -> IngestSettings:
    return IngestSettings(amqp_file=file, postgres_file=file)


def test_each_node_has_a_line(file: Path) -> None:
    file.write_text("amqp://a:b@one/%2F\namqp://a:b@two/%2F\n")
    assert settings(file).amqp() == ["amqp://a:b@one/%2F", "amqp://a:b@two/%2F"]


def test_a_file_without_one_is_refused(file: Path) -> None:
    file.write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        settings(file).amqp()
