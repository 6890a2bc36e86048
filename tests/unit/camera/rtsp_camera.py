"""An RTSP camera on loopback: MPEG-4 made by OpenCV's own writer, over interleaved TCP."""

import hashlib
import re
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

CLOCK_HZ = 90_000
PAYLOAD_BYTES = 1400
NO_PICTURE = b"\x00\x00\x01\xb6\x50\x9f"
"""A picture of MPEG-4 that is not coded."""
NONCE, REALM = "abc123", "cam"


def mpeg4(folder: Path, count: int) -> list[bytes]:
    """Packets of noisy pictures, 320 x 240, each brighter by 5; every twelfth stands alone."""
    path = folder / "stream.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"XVID"), 15.0, (320, 240))
    rng = np.random.default_rng(1)
    for n in range(count):
        writer.write(rng.integers(5 * n, 5 * n + 40, (240, 320, 3), np.uint8))
    writer.release()
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    capture.set(cv2.CAP_PROP_FORMAT, -1)
    packets = []
    while capture.grab():
        packets.append(np.asarray(capture.retrieve()[1]).tobytes())
    capture.release()
    return packets


class RtspCamera:
    """Sends packets at a rate to each client, some first that give no picture.

    Asks for a digest login where one is given; keeps the line for `silent_s` after the last.
    """

    def __init__(
        self,
        packets: list[bytes],
        fps: float,
        login: tuple[str, str] | None = None,
        undecodable: int = 0,
        silent_s: float = 0.0,
    ) -> None:
        self._packets = packets
        self._sent = [NO_PICTURE] * undecodable + packets
        self._period_s = 1.0 / fps
        self._login = login
        self._silent_s = silent_s
        self._gone = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._gone.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        while not self._gone.is_set():
            with suppress(OSError):
                client, _ = self._server.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with suppress(OSError), client, client.makefile("rb") as lines:
            while True:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    line = lines.readline()
                    if not line:
                        return
                    request += line
                method = request.split()[0].decode()
                client.sendall(self._answer(method, request.decode()))
                if method == "PLAY":
                    self._play(client)
                    return

    def _answer(self, method: str, request: str) -> bytes:
        number = re.search(r"CSeq: *(\d+)", request, re.IGNORECASE)
        url = request.split()[1]
        head, body = {
            "DESCRIBE": (f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\n", self._sdp()),
            "SETUP": ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n", ""),
            "PLAY": ("Session: 1\r\n", ""),
        }.get(method, ("", ""))
        status = "200 OK"
        if self._login and method != "OPTIONS" and not self._may_in(method, request):
            status, body = "401 Unauthorized", ""
            head = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}"\r\n'
        return (
            f"RTSP/1.0 {status}\r\nCSeq: {number[1] if number else 0}\r\n{head}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _may_in(self, method: str, request: str) -> bool:
        fields = dict(re.findall(r'(\w+)="([^"]*)"', request))
        user, password = self._login or ("", "")
        secret = _md5(f"{user}:{REALM}:{password}")
        asked = _md5(f"{method}:{fields.get('uri', '')}")
        expected = _md5(f"{secret}:{NONCE}:{asked}")
        return fields.get("response") == expected

    def _sdp(self) -> str:
        config = self._packets[0].partition(b"\x00\x00\x01\xb6")[0].hex()
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=c\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            "c=IN IP4 0.0.0.0\r\na=rtpmap:96 MP4V-ES/90000\r\n"
            f"a=fmtp:96 profile-level-id=1; config={config}\r\na=control:track1\r\n"
        )

    def _play(self, client: socket.socket) -> None:
        number = 0
        for n, packet in enumerate(self._sent):
            stamp = round(n * self._period_s * CLOCK_HZ)
            for at in range(0, len(packet), PAYLOAD_BYTES):
                part = packet[at : at + PAYLOAD_BYTES]
                mark = 0x80 if at + PAYLOAD_BYTES >= len(packet) else 0
                rtp = struct.pack("!BBHII", 0x80, 96 | mark, number & 0xFFFF, stamp, 7) + part
                client.sendall(b"$\0" + struct.pack("!H", len(rtp)) + rtp)
                number += 1
            if self._gone.wait(self._period_s):
                return
        self._gone.wait(self._silent_s)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
