"""The page's requests, and all that is refused: only a browser here with the address gets in."""

import http.client
import json
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from calmloop.base.errors import ConfigurationError
from calmloop.labelling.server import LabelServer
from tests.unit.labelling.conftest import Served
from tests.unit.labelling.counted import number_of

JSON = {"Content-Type": "application/json"}


def ask(
    served: Served,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    token: str | None = None,
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", served.server.server_port, timeout=10)
    whole = f"/{served.server.token if token is None else token}/{path}"
    sent = (JSON if body is not None else {}) | (headers or {})
    connection.request("GET" if body is None else "POST", whole, body, sent)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def answer(served: Served, segment: int, given: str) -> int:
    return ask(served, "answer", json.dumps({"segment": segment, "answer": given}))[0].status


def test_the_page_is_whole_and_loads_nothing_from_elsewhere(served: Served) -> None:
    got, page = ask(served, "")
    policy = got.headers["Content-Security-Policy"]
    assert got.status == 200
    assert "default-src 'none'" in policy
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert page.count(f'nonce="{nonce}"'.encode()) == 2
    assert b"http://" not in page
    assert b"https://" not in page
    assert ask(served, "")[0].headers["Content-Security-Policy"] != policy


def test_the_state_says_what_is_answered_and_nothing_of_a_prediction(served: Served) -> None:
    assert answer(served, 1, "positive") == 200
    state = json.loads(ask(served, "state")[1])
    assert state == {
        "clip": "child.mp4",
        "labels": str(served.labels),
        "fps": 15.0,
        "segments": [
            {"frames": 12, "answer": None},
            {"frames": 12, "answer": "positive"},
            {"frames": 12, "answer": None},
        ],
    }


def test_the_pictures_are_the_segments_own_frames(served: Served) -> None:
    for segment, frame in ((2, 11), (0, 0), (1, 5)):
        got, content = ask(served, f"segments/{segment}/{frame}.jpg")
        assert got.headers["Content-Type"] == "image/jpeg"
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        assert number_of(np.asarray(decoded, np.uint8)) == 24 * segment + 2 * frame
    for path in ("segments/3/0.jpg", "segments/0/12.jpg", "segments/-1/0.jpg", "segments/0/0.png"):
        assert ask(served, path)[0].status == 404


def test_answers_and_undo_are_in_the_file_when_the_reply_comes(served: Served) -> None:
    assert answer(served, 0, "negative") == 200
    assert answer(served, 2, "unsure") == 200
    assert served.labels.read_text() == (
        "item,label\nchild.mp4@0.00-0.80,negative\nchild.mp4@1.60-2.40,unsure\n"
    )
    assert json.loads(ask(served, "undo", "{}")[1]) == {"segment": 2, "answer": None}
    assert json.loads(ask(served, "undo", "{}")[1]) == {"segment": 0, "answer": None}
    assert json.loads(ask(served, "undo", "{}")[1]) == {"segment": None, "answer": None}
    assert served.labels.read_text() == "item,label\n"


def test_a_file_that_another_program_changed_is_told_to_the_expert(served: Served) -> None:
    served.labels.write_text("item,label\nchild.mp4@0.00-0.80,positive\n")
    got, content = ask(served, "answer", '{"segment": 0, "answer": "negative"}')
    assert got.status == 500
    assert "was changed by another program" in json.loads(content)["error"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "not json",
        '{"segment": 3, "answer": "positive"}',
        '{"segment": -1, "answer": "positive"}',
        '{"segment": 0, "answer": "happy"}',
        '{"segment": 0, "answer": "positive", "more": 1}',
        " " * 2000 + '{"segment": 0, "answer": "positive"}',
    ],
)
def test_an_answer_that_is_none_is_refused(served: Served, body: str) -> None:
    got, content = ask(served, "answer", body)
    assert got.status == 400
    assert json.loads(content)["error"]
    assert served.labels.read_text() == "item,label\n"


def test_without_the_token_there_is_nothing(served: Served) -> None:
    for token in ("", "wrong", served.server.token[:-1], "%00", "%C3%A4"):
        got, content = ask(served, "state", token=token)
        assert got.status == 404
        assert b"child" not in content
    assert (
        ask(served, "answer", '{"segment":0,"answer":"positive"}', token="wrong")[0].status == 404
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"Host": "attacker.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": ""},
        {"Origin": "http://attacker.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost:{port}"},
    ],
)
def test_a_page_from_elsewhere_is_refused_even_with_the_token(
    served: Served, headers: dict[str, str]
) -> None:
    filled = {k: v.format(port=served.server.server_port) for k, v in headers.items()}
    body = '{"segment": 0, "answer": "positive"}'
    for path, sent in (("", None), ("state", None), ("answer", body), ("undo", "{}")):
        got, content = ask(served, path, sent, filled)
        assert got.status == 403
        assert b"child" not in content
    assert served.labels.read_text() == "item,label\n"


def test_the_pages_own_origin_is_let_in(served: Served) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{served.server.server_port}"
        headers = {"Host": host, "Origin": f"http://{host}"}
        body = '{"segment": 0, "answer": "neutral"}'
        assert ask(served, "answer", body, headers)[0].status == 200


def test_a_form_of_another_page_cannot_post(served: Served) -> None:
    """What a page may send elsewhere without asking first has one of these types."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = '{"segment": 0, "answer": "positive"}'
        assert ask(served, "answer", body, {"Content-Type": kind})[0].status == 415
    assert served.labels.read_text() == "item,label\n"


def test_it_listens_on_loopback_only_and_the_address_is_new_each_time(served: Served) -> None:
    assert served.server.socket.getsockname()[0] == "127.0.0.1"
    assert urlsplit(served.server.url).hostname == "127.0.0.1"
    with LabelServer(served.server.desk) as other:
        assert other.token != served.server.token
        assert len(other.token) >= 20


def test_a_taken_port_is_named(served: Served) -> None:
    port = served.server.server_port
    with pytest.raises(ConfigurationError, match=f"--port {port} cannot be used"):
        LabelServer(served.server.desk, port)


def test_a_browser_that_goes_away_is_passed_over_and_a_fault_is_not(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    for fault, told in ((ConnectionResetError("gone"), ""), (ValueError("a fault"), "a fault")):
        try:
            raise fault
        except Exception:  # noqa: BLE001
            served.server.handle_error(None, ("127.0.0.1", 1))
        assert told in (shown := capsys.readouterr().err)
        assert bool(shown) is bool(told)
