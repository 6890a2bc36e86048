"""What somebody sees who logs in to the page of a fleet."""

import http.client
import ssl
from pathlib import Path
from urllib.parse import urlencode

HOST = "127.0.0.1"


def page_of(port: int, authority: Path, name: str, password: str) -> str:
    """The page, as HTML; it fails unless the login is taken."""
    tls = ssl.create_default_context(cafile=str(authority))
    connection = http.client.HTTPSConnection(HOST, port, context=tls)
    connection.request("POST", "/login", urlencode({"name": name, "password": password}))
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303
    cookie = str(answer.getheader("set-cookie")).partition(";")[0]
    connection.request("GET", "/", headers={"Cookie": cookie})
    text = connection.getresponse().read().decode()
    connection.close()
    return text
