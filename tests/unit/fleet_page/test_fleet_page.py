"""The page of the fleet: who may see it, what it says of all chairs, and that it is well made."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from calmloop.base.clock import ManualClock
from calmloop.contract.fleet_rollout import FleetRollout
from calmloop.fleet_centre.people import HASHER
from calmloop.fleet_centre.serving import WebServer, tls_of
from calmloop.fleet_centre.settings import ServedSettings
from calmloop.fleet_ingest.shown import ALARM, INSTALLED
from calmloop.fleet_page.app import FleetPages, page_app
from calmloop.fleet_page.chairs import FleetChair
from calmloop.fleet_page.reading import FleetReader
from calmloop.fleet_page.releases import rollout_of
from calmloop.fleet_releases.rollout import Rollout
from tests.unit.fleet_centre.fleet_certificates import HOST, make_certificates
from tests.unit.fleet_page.known_chairs import NOW, chair, known
from tests.unit.fleet_releases.repository_rig import RepositoryRig

PASSWORD = "a long one of a test"
END_S = 20.0
VOID = {"meta", "link", "input"}


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
def releases(tmp_path: Path) -> RepositoryRig:
    return RepositoryRig(tmp_path / "releases")


@pytest.fixture
def browser(
    tmp_path: Path, reader: MemoryReader, clock: ManualClock, releases: RepositoryRig
) -> Iterator[Browser]:
    make_certificates(tmp_path)
    settings = ServedSettings(
        postgres_file=tmp_path / "none",
        tls_certificate_file=tmp_path / "server.crt",
        tls_key_file=tmp_path / "server.key",
    )
    pages = FleetPages(reader, clock, releases.served)
    server = WebServer(page_app(pages), HOST, 0, tls_of(settings))
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


def say(releases: RepositoryRig, rollout: Rollout) -> None:
    releases.repository().set_rollout(rollout.model_dump_json().encode())


def test_it_says_what_is_rolled_out_and_to_whom(browser: Browser, releases: RepositoryRig) -> None:
    browser.log_in()
    assert "Release" not in browser.ask("GET", "/")[1]
    rollout = Rollout.begin("0.1.0", "0.0.9", ["chair-7"], NOW)
    say(releases, rollout)
    assert rollout_of(releases.served) == FleetRollout.model_validate(rollout.model_dump())
    _, text = browser.ask("GET", "/")
    assert_well_made(text)
    assert "Release 0.1.0 goes to 1 % of the chairs, after 0.0.9, since" in text
    assert "is to take" not in text, "chair-7 has it"
    say(releases, rollout.model_copy(update={"release": "0.2.0"}).advanced(["chair-7"], NOW))
    _, text = browser.ask("GET", "/")
    assert text.count("is to take 0.2.0") == 1
    say(releases, rollout.halt("chair-7 is ill"))
    _, text = browser.ask("GET", "/")
    assert "Release 0.1.0 was halted: chair-7 is ill. Who has it goes back" in text
    assert "is to take" not in text


@pytest.mark.parametrize("kind", ["metadata", "targets"])
def test_a_damaged_repository_is_told_and_the_chairs_are_shown(
    browser: Browser, releases: RepositoryRig, kind: str
) -> None:
    say(releases, Rollout.begin("0.2.0", "", ["chair-7"], NOW))
    for file in (releases.served / kind).glob("*rollout.json"):
        file.write_text("{}")
    browser.log_in()
    _, text = browser.ask("GET", "/")
    assert "What is rolled out cannot be read" in text
    assert "chair-7" in text
