"""`calmloop report`: a session, or a child's course, as a PDF for a clinician."""

from pathlib import Path
from typing import Annotated

import typer

from calmloop.base import settings
from calmloop.base.errors import CalmloopError, InputError
from calmloop.cli.failures import say
from calmloop.cli.outputs import file_option, whole_file
from calmloop.report.errors import NothingKeptError, ReportError
from calmloop.report.language import ReportLanguage
from calmloop.report.making import make_report
from calmloop.report.reading import LogAddress
from calmloop.session_log import DATABASE, Settings, access_tokens


def report(
    name: Annotated[str, typer.Argument(help="A session's id, or a child's code.")],
    output: Annotated[
        Path, file_option("--output", "-o", help="The PDF; it is in plain for whoever has it.")
    ] = Path("report.pdf"),
    language: Annotated[
        ReportLanguage, typer.Option(help="What it is written in.")
    ] = ReportLanguage.EN,
) -> None:
    """Writes a session, or all sessions of a child, as a PDF for a clinician.

    The session log has to run. Times are those of this machine's zone (TZ).
    """
    address = _address()
    try:
        pdf = make_report(name, address, language)
    except NothingKeptError as error:
        raise InputError(str(error)) from None
    except ReportError as error:
        raise CalmloopError(str(error)) from None
    with whole_file(output) as file:
        file.write(pdf)
    say(f"the report is in {output}, readable by anybody who has it")


def _address() -> LogAddress:
    section = settings.load(Settings).session_log
    held = section.read_token_file or section.data_dir / DATABASE
    if not held.is_file():
        raise InputError(f"{held}: there is no log: check session_log.data_dir")
    return LogAddress(section.http_host, section.http_port, access_tokens(section)[0])
