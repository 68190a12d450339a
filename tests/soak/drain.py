"""What a server still owes when it is told to end."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

from peers import HOST, LateReader
from server import KIB

MESSAGES = [bytes([ord("a") + i]) * 16 * KIB for i in range(26)]


class LateReaders:
    """Peers whose messages the server has taken, and whose echoes nobody has read."""

    def __init__(self, test, server, count):
        self.peers = [LateReader(server.port, b"/echo", MESSAGES) for _ in range(count)]
        self.taken = self.send_until_no_more_is_taken(server)
        waiting = server.metrics()["queued_bytes"]
        test.demand(self.taken >= count and waiting > 0,
                    f"{self.taken:.0f} messages of {count} peers are taken, "
                    f"{waiting / KIB:.0f} KiB of their echoes wait in the server")
        # The server may not wait for this one for ever.
        self.silent = LateReader(server.port, b"/echo", MESSAGES)
        self.silent.fill()

    def send_until_no_more_is_taken(self, server):
        """A server reads no more when too many of the echoes wait."""
        taken = -1
        while taken != (taken := server.metrics()["messages_received_total"]):
            for _ in range(20):
                time.sleep(0.05)
                for peer in self.peers:
                    peer.fill()
        return taken

    def read(self, test):
        with ThreadPoolExecutor(len(self.peers)) as threads:
            seen = list(threads.map(LateReader.read_all, self.peers))
        echoes = sum(len(texts) for texts, _ in seen)
        right = all(texts == MESSAGES[:len(texts)] for texts, _ in seen)
        told = sum(code == 1001 for _, code in seen)
        test.demand(echoes >= self.taken and right and told == len(seen),
                    f"of {self.taken:.0f} messages taken before, {echoes} echoes came, "
                    f"{'each' if right else 'not each'} in its place, and then 1001 to {told} of "
                    f"{len(seen)}")


class RequestUnderWay:
    """A request of which the server has only a part."""

    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), timeout=10)
        self.socket.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")

    def is_answered(self):
        """Once the rest has come: whole, and as the last one."""
        self.socket.sendall(b"56789")
        text = b""
        while piece := self.socket.recv(4096):
            text += piece
        head, _, body = text.partition(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 200 ") and b"Connection: close" in head and (
            body == b"0123456789")


def is_refused(port):
    """At once: the listener closes in the turn that sees the signal."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        time.sleep(0.01)
    return False
