"""A stream's address: FFmpeg gets all of it, people only scheme, host and port."""

import pytest
from pydantic import ValidationError

from calmloop.base.clock import ManualClock
from calmloop.base.errors import ConfigurationError
from calmloop.camera import address
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import open_source


@pytest.mark.parametrize(
    ("text", "shown", "handed_on"),
    [
        ("rtsp://anna:se@cret@10.0.0.2:554/a", "rtsp://10.0.0.2:554", "anna:se%40cret@10"),
        ("rtsp://anna:se[cret@10.0.0.2/a", "rtsp://10.0.0.2", "anna:se%5Bcret@10.0.0.2/a"),
        ("rtsp://anna:se cret@10.0.0.2/a", "rtsp://10.0.0.2", "anna:se%20cret@10.0.0.2/a"),
        ("rtsp://anna:se%2Fcret@cam/a", "rtsp://cam", "rtsp://anna:se%2Fcret@cam/a"),
        ("rtsp://anna:100%@cam/a", "rtsp://cam", "rtsp://anna:100%25@cam/a"),
        ("rtsp://anna:grün@cam/a", "rtsp://cam", "rtsp://anna:gr%C3%BCn@cam/a"),
        ("http://10.0.0.2/v?user=anna&pwd=x#y", "http://10.0.0.2", "10.0.0.2/v?user=anna&pwd=x#y"),
        ("rtsps://10.0.0.2:7441/aBcSecret?enableSrtp", "rtsps://10.0.0.2:7441", "aBcSecret"),
        ("rtsp://cam/user=a_password=b_channel=1", "rtsp://cam", "/user=a_password=b_channel=1"),
        ("RTSP://[fe80::1]:554/a", "rtsp://[fe80::1]:554", "rtsp://[fe80::1]:554/a"),
        (" tcp://10.0.0.2:8888\n", "tcp://10.0.0.2:8888", "tcp://10.0.0.2:8888"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_key(
    text: str, shown: str, handed_on: str
) -> None:
    parsed = address.parse(text)
    assert parsed.origin == shown
    assert handed_on in parsed.url
    assert "url" not in repr(parsed)
    section = CameraSection(source=text)
    assert open_source(section, ManualClock()).origin == shown
    assert text not in repr(section)


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://anna:geh/eim9@10.0.0.2/live",
        "rtsp://anna:12/eim9@10.0.0.2/live",
        "rtsp://anna:geh#eim9@10.0.0.2/live",
        "rtsp://anna:geh?eim9@10.0.0.2/live",
        "rtsp://geh/eim9@10.0.0.2",
        "rtsp://anna:geheim9@",
        "rtsp://anna:geheim9@10.0.0.2:rtsp/",
        "rtsp://anna:geheim9@10.0.0.2:99999/",
        "rtsp://anna:geheim9@[10.0.0.2/",
        "rtsp://anna:geheim9:10.0.0.2/",
        "rtsp://anna:gehe\nim9@10.0.0.2/",
        "anna:geheim9@rtsp://10.0.0.2/",
        "://anna:geheim9@10.0.0.2/",
        "ftp://anna:geheim9@10.0.0.2/",
        "rtsp:///anna:geheim9@10.0.0.2/",
        "http://10.0.0.2/video\r\nX-Key: geheim9",
    ],
)
def test_an_address_that_is_not_understood_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"camera\.source") as refusal:
        address.parse(text)
    with pytest.raises(ValidationError) as wrong:
        CameraSection(source=text)
    for said in (str(refusal.value), str(wrong.value)):
        assert not [part for part in ("geh", "eim9", "im9", "anna") if part in said]


def test_an_address_of_another_kind_is_refused_with_what_is_possible() -> None:
    with pytest.raises(ConfigurationError, match=r"ftp://.*rtsp"):
        address.parse("ftp://10.0.0.2/x")
