"""The page of the fleet: who may see it, what it says of a chair, and that it is well made."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from calmloop.base.clock import ManualClock
from calmloop.fleet_centre.people import HASHER
from calmloop.fleet_centre.serving import WebServer, tls_of
from calmloop.fleet_centre.settings import ServedSettings
from calmloop.fleet_ingest.shown import ALARM, CHAIR, INSTALLED, SERVICE
from calmloop.fleet_ingest.storing import Trouble
from calmloop.fleet_page.app import FleetPages, page_app
from calmloop.fleet_page.chairs import CALIBRATED_EVERY, FleetChair, Known, NotStored
from calmloop.fleet_page.reading import FleetReader
from tests.unit.fleet_centre.fleet_certificates import HOST, make_certificates

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PASSWORD = "a long one of a test"
END_S = 20.0
VOID = {"meta", "link", "input"}


def chair(name: str = "chair-7", days: float = 0.0) -> FleetChair:
    return FleetChair(name, heard=NOW - timedelta(days=days), expires=NOW + timedelta(days=300))


def known(days: float = 0.0, **data: object) -> Known:
    return Known(data, NOW, NOW - timedelta(days=days))


def test_a_chair_of_which_nothing_is_wrong_wants_nothing() -> None:
    one = chair()
    one.latest[INSTALLED]["calibration"] = known(calibration="measured", days=364)
    one.latest[SERVICE]["camera"] = known(healthy=True)
    one.latest[CHAIR][""] = known(mode="active")
    one.latest[ALARM]["chair-fault"] = known(active=False)
    assert one.wants(NOW) == []


def test_what_is_wrong_is_said() -> None:
    one = chair(days=9)
    one.expires = NOW + timedelta(days=3)
    one.latest[INSTALLED]["calibration"] = known(calibration="measured", days=366)
    one.latest[SERVICE] = {
        "camera": known(healthy=False),
        "session-log": known(presence="offline", healthy=True),
    }
    one.latest[CHAIR][""] = known(mode="fault")
    one.latest[ALARM]["chair-fault"] = known(active=True)
    one.troubles[Trouble.REFUSED] = NotStored(3, "DataError: no", NOW)
    one.troubles[Trouble.UNREADABLE] = NotStored(3, "", NOW - timedelta(days=40))
    assert one.wants(NOW) == [
        "alarm chair-fault",
        "camera not well",
        "session-log offline",
        "chair fault",
        "calibration due: the same since 2025-11-29",
        "quiet for 9 days",
        "certificate ends 2026-12-03",
        "3 items set aside: DataError: no",
    ]
    one.revoked = NOW
    assert one.wants(NOW) == []


@pytest.mark.parametrize(
    ("origin", "days", "due"),
    [
        ("measured", CALIBRATED_EVERY.days - 1, False),
        ("measured", CALIBRATED_EVERY.days + 1, True),
        ("simulated", 0, True),
        ("none", 0, True),
        ("", 0, False),
    ],
)
def test_when_a_calibration_is_due(origin: str, days: float, due: bool) -> None:
    one = chair()
    one.latest[INSTALLED]["calibration"] = known(calibration=origin, days=days)
    assert bool(one.wants(NOW)) is due


def test_versions_are_told_by_service_the_most_usual_first() -> None:
    one = chair()
    services = {"a": "0.1.0", "b": "0.2.0", "c": "0.1.0"}
    one.latest[INSTALLED][""] = known(services=services, firmware="1.2")
    assert one.versions == [("0.1.0", ["a", "c"]), ("0.2.0", ["b"])]
    assert one.firmware == "1.2"


@pytest.mark.parametrize("odd", [[], None, 3, "x", {"a": []}])
def test_a_chair_that_says_something_odd_is_shown_all_the_same(odd: object) -> None:
    one = chair()
    for what in (INSTALLED, SERVICE, ALARM, CHAIR):
        values = dict.fromkeys(("services", "firmware", "mode", "presence", "active"), odd)
        one.latest[what][""] = Known(values, NOW, NOW)
    one.latest[INSTALLED]["calibration"] = known(calibration=odd)
    assert isinstance(one.versions, list)
    assert all(isinstance(line, str) for line in one.wants(NOW))


class MemoryReader(FleetReader):
    """What the database would say."""

    def __init__(self) -> None:
        self.people = {"anna": HASHER.hash(PASSWORD)}
        self.found = [chair("chair-7"), chair("<script>")]
        self.found[0].latest[INSTALLED][""] = known(services={"camera": "0.1.0"})
        self.found[0].latest[ALARM]["chair-fault"] = known(active=True)
        self.is_away = False

    def chairs(self, after: str) -> tuple[list[FleetChair], bool]:
        if self.is_away:
            raise psycopg.OperationalError("away")
        return self.found, not after

    def password_of(self, name: str) -> str | None:
        return self.people.get(name.casefold())


def test_every_chair_is_read_page_by_page() -> None:
    reader = MemoryReader()
    assert [one.name for one in reader.every_chair()] == ["chair-7", "<script>"] * 2, "two pages"
    reader.found = []
    assert list(reader.every_chair()) == []


class Browser:
    """Asks over TLS, and keeps its cookie."""

    def __init__(self, port: int, authority: Path) -> None:
        self._port, self._cookie = port, ""
        self._tls = ssl.create_default_context(cafile=str(authority))
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, **form: str) -> tuple[int, str]:
        connection = http.client.HTTPSConnection(HOST, self._port, context=self._tls)
        headers = {"Cookie": self._cookie} if self._cookie else {}
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        if "set-cookie" in self.headers:
            self._cookie = self.headers["set-cookie"].partition(";")[0]
        connection.close()
        return answer.status, text

    def log_in(self, password: str = PASSWORD) -> int:
        return self.ask("POST", "/login", name="Anna", password=password)[0]


@pytest.fixture
def reader() -> MemoryReader:
    return MemoryReader()


@pytest.fixture
def clock() -> ManualClock:
    made = ManualClock()
    made.wall = NOW - made.utc_now()
    return made


@pytest.fixture
def browser(tmp_path: Path, reader: MemoryReader, clock: ManualClock) -> Iterator[Browser]:
    make_certificates(tmp_path)
    settings = ServedSettings(
        postgres_file=tmp_path / "none",
        tls_certificate_file=tmp_path / "server.crt",
        tls_key_file=tmp_path / "server.key",
    )
    server = WebServer(page_app(FleetPages(reader, clock)), HOST, 0, tls_of(settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Browser(server.port, tmp_path / "authority.crt")
    server.stop()
    thread.join(END_S)


class Outline(HTMLParser):
    """Elements that are open, labels, ids and headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.seen if name == tag]


def assert_well_made(text: str) -> Outline:
    """What a screen reader needs."""
    outline = Outline(text)
    assert outline.open == []
    assert outline.of("html")[0]["lang"] == "en"
    assert len(outline.of("h1")) == len(outline.of("main")) == len(outline.of("title")) == 1
    labelled = {attrs["for"] for attrs in outline.of("label")}
    assert {attrs["id"] for attrs in outline.of("input")} == labelled
    assert all(attrs.get("scope") in ("col", "row") for attrs in outline.of("th"))
    assert len(outline.of("caption")) == len(outline.of("table"))
    assert not {"script", "style", "img", "iframe"} & {tag for tag, _ in outline.seen}
    return outline


def test_nobody_sees_the_fleet_who_has_not_logged_in(browser: Browser) -> None:
    status, text = browser.ask("GET", "/")
    assert (status, browser.headers["location"], text) == (303, "/login", "")
    status, text = browser.ask("GET", "/login")
    assert status == 200
    assert_well_made(text)
    assert browser.log_in("wrong") == 403
    assert browser.ask("GET", "/")[0] == 303


def test_the_fleet_is_shown_to_who_has_logged_in(browser: Browser) -> None:
    assert browser.log_in() == 303
    cookie = browser.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("secure", "httponly", "samesite=strict", "__host-"))
    status, text = browser.ask("GET", "/")
    assert status == 200
    outline = assert_well_made(text)
    assert len(outline.of("tr")) == 3
    assert "alarm chair-fault" in text
    assert "&lt;script&gt;" in text
    assert "/?after=%3Cscript%3E" in text
    assert browser.headers["content-security-policy"].startswith("default-src 'none'")
    assert browser.headers["cache-control"] == "no-store"
    assert browser.ask("GET", "/?after=chair-7")[0] == 200
    assert browser.ask("GET", "/fleet.css")[0] == 200


def test_a_login_ends_by_itself_by_hand_and_with_another_password(
    browser: Browser, reader: MemoryReader, clock: ManualClock
) -> None:
    browser.log_in()
    assert browser.ask("POST", "/logout")[0] == 303
    assert browser.ask("GET", "/")[0] == 303
    browser.log_in()
    clock.advance(3601.0)
    assert browser.ask("GET", "/")[0] == 303
    browser.log_in()
    reader.people["anna"] = HASHER.hash("another long password")
    assert browser.ask("GET", "/")[0] == 303


def test_who_guesses_is_locked_out_even_with_the_right_password(browser: Browser) -> None:
    assert [browser.log_in("wrong") for _ in range(5)] == [403] * 5
    assert browser.log_in() == 429
    assert_well_made(browser.ask("POST", "/login", name="Anna", password=PASSWORD)[1])


def test_it_reads_and_offers_nothing_else(browser: Browser) -> None:
    browser.log_in()
    for method in ("POST", "PUT", "DELETE"):
        assert browser.ask(method, "/")[0] == 405
    outline = assert_well_made(browser.ask("GET", "/")[1])
    assert [attrs["action"] for attrs in outline.of("form")] == ["/logout"]


def test_a_database_that_is_away_is_said(browser: Browser, reader: MemoryReader) -> None:
    browser.log_in()
    reader.is_away = True
    status, text = browser.ask("GET", "/")
    assert status == 503
    assert_well_made(text)
