"""A stream that a test can stop, and what to look for in what a camera service sends."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import cv2
import numpy as np

from calmloop.contract import topics
from tests.processes import CHAIR, Client

FRAME = topics.CAMERA_FRAME.name(CHAIR)
STATE = topics.CAMERA_STATE.name(CHAIR)
SET = topics.CAMERA_SET.name(CHAIR)
REJECTED = topics.REJECTED.name(CHAIR)
ALL = f"calmloop/{CHAIR}/#"
FPS = 20.0


def noisy_jpeg(rng: np.random.Generator) -> bytes:
    picture = rng.integers(0, 60, (240, 320, 3), np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


class MjpegStreamer:
    """A network camera of the test: MJPEG over HTTP or plain TCP; can hang, go and come back."""

    def __init__(self, scheme: str, port: int = 0) -> None:
        self._scheme = scheme
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self._gone = threading.Event()
        self._flowing = threading.Event()
        self._stuck = threading.Event()
        self._spoil: Callable[[bytes], bytes] = bytes
        self.clients = 0
        self._flowing.set()
        self.hung_up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def hang(self) -> None:
        """Keeps the connection and sends nothing any more."""
        self._flowing.clear()

    def stick(self) -> None:
        """Goes on, with one and the same picture."""
        self._stuck.set()

    def spoil(self, change: Callable[[bytes], bytes]) -> None:
        """Goes on with changed pictures, until a client comes anew."""
        self._spoil = change

    def flow(self) -> None:
        self._flowing.set()
        self._stuck.clear()

    def close(self) -> None:
        self._gone.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._gone.is_set():
            with suppress(OSError):
                client, _ = self._server.accept()
                self.hung_up.clear()
                self.clients += 1
                self._spoil = bytes
                try:
                    with client:
                        self._stream_to(client)
                finally:
                    self.hung_up.set()

    def _stream_to(self, client: socket.socket) -> None:
        rng = np.random.default_rng(1)
        if self._scheme == "http":
            client.recv(4096)
            client.sendall(
                b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=F\r\n\r\n"
            )
        client.settimeout(0.2)
        jpeg = noisy_jpeg(rng)
        while not self._gone.wait(1 / FPS):
            if not self._flowing.is_set():
                if _has_left(client):
                    return
                continue
            if not self._stuck.is_set():
                jpeg = self._spoil(noisy_jpeg(rng))
            head = b"--F\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            client.sendall(head + jpeg + b"\r\n" if self._scheme == "http" else jpeg)


def _has_left(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False


def state_is(condition: str, **fields: object) -> "StateMatch":
    return StateMatch(condition, fields)


class StateMatch:
    def __init__(self, condition: str, fields: dict[str, object]) -> None:
        self._wanted = {"condition": condition, **fields}

    def __call__(self, body: dict[str, object]) -> bool:
        return all(body.get(key) == value for key, value in self._wanted.items())


def frames_since(listener: Client, mark: int) -> int:
    return sum(message.name == FRAME for message in listener.received[mark:])


class SnapshotServer:
    """A camera's address that gives one picture to each asker and hangs up."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        rng = np.random.default_rng(1)
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                with suppress(OSError), client:
                    client.recv(4096)
                    jpeg = noisy_jpeg(rng)
                    head = (
                        b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                    )
                    client.sendall(head % len(jpeg) + jpeg)
