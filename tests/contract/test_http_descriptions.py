"""What the HTTP interfaces say of themselves holds, whatever they are asked."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.broker import Broker
from tests.contract.console_harness import ROOT, Browser, RunningConsole, logged_in, running_console
from tests.contract.log_harness import LogClient, logging
from tests.processes import start_service

REPOSITORY = Path(__file__).resolve().parents[2]
API = REPOSITORY / "services/caregiver-console/API.md"
SCHEMATHESIS = REPOSITORY / ".venv/bin/schemathesis"
CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "unsupported_method",
        "ignored_auth",
    )
)


@contextmanager
def whole_console(broker: Broker, folder: Path) -> Iterator[tuple[RunningConsole, LogClient]]:
    """A console beside a real log and a real selector, so that no answer is missing."""
    with ExitStack() as stack:
        _, log = stack.enter_context(logging(broker, folder / "log"))
        stack.enter_context(
            start_service(
                "scenario_selector",
                broker,
                folder / "selector-logs",
                instance="test",
                ready=True,
                SCENARIO_SELECTOR__DATA_DIR=str(folder / "selector"),
            )
        )
        files = {f"LOG_{n.upper()}_TOKEN_FILE": str(log.token_file(n)) for n in ("read", "write")}
        console = stack.enter_context(
            running_console(broker, folder, LOG_HOST="127.0.0.1", LOG_PORT=str(log.port), **files)
        )
        console.client.wait_for(f"{ROOT}/profiles/state")
        yield console, log


def attack(folder: Path, address: str, logins: dict[str, str], *options: str) -> None:
    """Asks all that the document has, and much that it forbids; the same each time.

    Args:
        folder: For what it writes.
        address: Of the document.
        logins: What each of its security schemes needs, as schemathesis.toml has it.
        options: Of schemathesis, further ones.
    """
    if not SCHEMATHESIS.exists():
        pytest.skip("schemathesis is not installed: run `make test-slow`")
    (folder / "schemathesis.toml").write_text(
        "".join(f"[auth.openapi.{scheme}]\n{line}\n" for scheme, line in logins.items())
    )
    command = (
        *(str(SCHEMATHESIS), "run", address, "--generation-deterministic", "--mode", "all"),
        *("--checks", CHECKS, "--max-failures", "20", "--request-timeout", "30", "--no-color"),
        *options,
    )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_every_address_of_the_console_is_described(broker: Broker, tmp_path: Path) -> None:
    with running_console(broker, tmp_path) as console:
        answer = console.browser.ask("GET", "/api/openapi.json")
    assert answer.status == 200
    document: dict[str, Any] = answer.json
    Draft202012Validator.check_schema(document["components"]["schemas"])
    told = API.read_text()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"]
            # API.md writes what stands in an address in capitals.
            address = path.replace("{name}", "NAME").replace("{code}", "CODE")
            shown = f"`{method.upper()} {address.replace('{path}', 'PATH')}`"
            assert shown in told, shown


BRIEFLY = ("--phases", "fuzzing", "--max-examples", "10")
THOROUGHLY = ("--phases", "examples,coverage,fuzzing", "--max-examples", "50")
LONG = (pytest.mark.long, pytest.mark.timeout(900))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param(None, BRIEFLY, id="nobody"),
        pytest.param("Tom", BRIEFLY, id="technician"),
        *(pytest.param(each, THOROUGHLY, marks=LONG) for each in (None, "Vida", "Anna", "Tom")),
    ],
)
def test_the_console_keeps_to_its_description(
    broker: Broker, tmp_path: Path, name: str | None, options: tuple[str, ...]
) -> None:
    with whole_console(broker, tmp_path) as (console, _log):
        person = logged_in(console, name) if name else Browser(console.port)
        _, _, secret = person.cookie.partition("=")
        logins = {"login": f'api_key = "{secret}"', "csrf": f'api_key = "{person.csrf}"'}
        attack(
            tmp_path,
            f"http://127.0.0.1:{console.port}/api/openapi.json",
            logins if name else {},
            *("--rate-limit", "45/s", "--exclude-path", "/api/events"),
            # Who logs out, or locks out, is asked nothing more.
            *(("--exclude-path-regex", "^/api/log") if name else ()),
            *options,
        )
        assert console.process.running


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("token", "options"),
    [
        pytest.param("write", BRIEFLY, id="briefly"),
        *(pytest.param(each, THOROUGHLY, marks=LONG) for each in (None, "read", "write")),
    ],
)
def test_the_session_log_keeps_to_its_description(
    broker: Broker, tmp_path: Path, token: str | None, options: tuple[str, ...]
) -> None:
    with logging(broker, tmp_path / "log") as (process, log):
        bearer = f'bearer = "{log.token_file(token).read_text().strip()}"' if token else ""
        attack(
            tmp_path,
            f"http://127.0.0.1:{log.port}/openapi.json",
            {"HTTPBearer": bearer} if token else {},
            *options,
        )
        assert process.running
