"""The console by TLS, with a certificate of the device's own authority."""

import hashlib
import http.client
import json
import ssl
from pathlib import Path

import pytest

from calmloop.compose_init.certificates import new_authority, new_server
from tests.broker import Broker
from tests.contract.console_harness import PINS, running_console


def test_it_speaks_tls_alone_and_its_cookie_is_secure(broker: Broker, tmp_path: Path) -> None:
    authority = new_authority("test")
    pair = new_server(authority, ["localhost", "127.0.0.1"])
    files = {
        "server.crt": pair.certificate,
        "server.key": pair.key,
        "ca.crt": authority.certificate,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with running_console(
        broker,
        tmp_path,
        NAMES="calmloop.local",
        TLS_CERTIFICATE_FILE=str(tmp_path / "server.crt"),
        TLS_KEY_FILE=str(tmp_path / "server.key"),
        TLS_AUTHORITY_FILE=str(tmp_path / "ca.crt"),
    ) as console:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
        connection = http.client.HTTPSConnection("localhost", console.port, context=trusting)
        connection.request("GET", "/ca.crt")
        assert connection.getresponse().read() == authority.certificate
        connection.request("GET", "/api/authority")
        told = json.loads(connection.getresponse().read())
        der = ssl.PEM_cert_to_DER_cert(authority.certificate.decode())
        assert told == {"fingerprint": hashlib.sha256(der).hexdigest(), "names": ["calmloop.local"]}
        connection.request("POST", "/api/login", json.dumps({"name": "Anna", "pin": PINS["Anna"]}))
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-calmloop=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        connection.close()
        plain = http.client.HTTPConnection("127.0.0.1", console.port, timeout=5)
        plain.request("GET", "/")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()
        plain.close()
