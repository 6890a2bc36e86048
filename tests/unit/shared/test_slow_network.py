"""The slow network of the tests: late as asked, but in order, as TCP delivers it."""

import socket

from tests.slow_network import SlowNetwork

PIECES = [bytes([number]) for number in range(200)]
PATIENCE_S = 5.0


def test_what_waits_comes_in_its_order_also_once_the_delay_is_gone() -> None:
    with SlowNetwork() as network, socket.create_server(("127.0.0.1", 0)) as server:
        network.target_port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", network.port), PATIENCE_S) as sender:
            sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            receiver, _address = server.accept()
            with receiver:
                receiver.settimeout(PATIENCE_S)
                # The proxy has read it once it has come out, so that no two are read as one piece.
                network.delay_s, network.loss = 0.3, 0.05
                for piece in PIECES[:100]:
                    sender.sendall(piece)
                network.delay_s = network.loss = 0.0
                for piece in PIECES[100:]:
                    sender.sendall(piece)
                assert received(receiver, len(PIECES)) == b"".join(PIECES)


def received(receiver: socket.socket, length: int) -> bytes:
    came = b""
    while len(came) < length:
        came += receiver.recv(length - len(came))
    return came
