"""Peers that speak for themselves, byte by byte, and take their time."""

import socket
import statistics
import struct
import time

from server import KIB, Meanwhile

EXTENSIONS = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
HOST = "127.0.0.1"


def opening(path=b"/echo", fields=b""):
    return (b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n" + fields + b"\r\n")


def frame(first, payload):
    """Masked with zeroes. `first` is its first byte: FIN, RSV and opcode."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size <= 0xFFFF:
        length = b"\xfe" + struct.pack(">H", size)
    else:
        length = b"\xff" + struct.pack(">Q", size)
    return bytes([first]) + length + bytes(4) + payload


class SlowReaders(Meanwhile):
    """Peers that send to the echo as long as it takes anything. Half of them never read, the others
    a KiB a second. Another one comes for each that the server has given up, or should have."""

    SLOTS = 50  # of a second: one comes in each, and its share sends. All at once were a storm
    GIVEN_UP = 21  # seconds without progress: the server's TCP_USER_TIMEOUT is 20
    WAITS = 40 * KIB  # for each: the server reads no more from one for which 64 KiB wait

    def __init__(self, server, count):
        super().__init__()
        self.server = server
        self.count = count
        self.waiting = [0]  # for each second: the bytes that waited in the server
        self.given_up = 0   # by the server

    def wait_until_stuck(self):
        end = time.monotonic() + 20
        while self.waiting[-1] < self.count * self.WAITS and time.monotonic() < end:
            time.sleep(0.1)
        self.waiting = self.waiting[-1:]

    def demand_stuck(self, test):
        waiting, demanded = statistics.median(self.waiting), 0.8 * self.count * self.WAITS
        test.demand(waiting > demanded,
                    f"{waiting / KIB:.0f} KiB waited for {self.count} slow readers in the median "
                    f"second, demanded more than {demanded / KIB:.0f} KiB; {self.given_up} were "
                    "given up, and others came")

    def run(self):
        peers = [SlowReader(self.server.port) for _ in range(self.count)]
        slot = 0
        while not self.over.wait(1 / self.SLOTS):
            turn = range(slot, self.count, self.SLOTS)
            gone = [i for i in turn if peers[i] is None]
            for i in turn:
                if peers[i] and not peers[i].take_turn(reads=i % 4 < 2):
                    self.given_up += 1
                    peers[i].close()
                    peers[i] = None
            for i in gone[:1]:
                peers[i] = SlowReader(self.server.port)
            slot = (slot + 1) % self.SLOTS
            if slot == 0:
                self.waiting.append(self.server.metrics()["queued_bytes"])
        for peer in filter(None, peers):
            peer.close()


def narrow_connection(port):
    """The kernel takes little for it: buffers are counted in segments, which over loopback have
    64 KiB. Not blocking."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * KIB)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    connection.connect((HOST, port))
    connection.setblocking(False)
    return connection


class SlowReader:
    FRAME = frame(0x82, bytes(16 * KIB))

    def __init__(self, port):
        self.left = opening()  # or of a frame, to be sent
        self.socket = narrow_connection(port)
        self.progress = time.monotonic()

    def take_turn(self, reads):
        """False: the server has given it up."""
        try:
            if self.fill() > 0:
                self.progress = time.monotonic()
            if reads:
                self.read(KIB)
        except OSError:
            return False
        # A kernel tells nobody that it gives up; the next packet does, which may come much later.
        return time.monotonic() - self.progress < SlowReaders.GIVEN_UP

    def fill(self):
        """Sends what is taken; returns how many bytes that were."""
        sent = 0
        try:
            while True:
                self.left = self.left or self.FRAME
                count = self.socket.send(self.left)
                self.left = self.left[count:]
                sent += count
        except BlockingIOError:
            return sent

    def read(self, size):
        try:
            if self.socket.recv(size) == b"":
                raise ConnectionResetError
        except BlockingIOError:
            pass

    def close(self):
        self.socket.close()


class LateReader:
    """Asks for much, and reads nothing until it is told to."""

    def __init__(self, port, path, messages=()):
        self.left = opening(path) + b"".join(frame(0x81, text) for text in messages)
        self.socket = narrow_connection(port)
        self.fill()

    def fill(self):
        """Sends what is taken."""
        try:
            while self.left:
                self.left = self.left[self.socket.send(self.left):]
        except BlockingIOError:
            pass

    def read_all(self):
        """The payloads of text messages until the end, and the code of the Close frame, or None."""
        texts, code = [], None
        self.socket.settimeout(10)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * KIB)
        try:
            for first, payload in frames_of(self.socket):
                if first == 0x81:
                    texts.append(payload)
                elif first == 0x88:
                    code = int.from_bytes(payload[:2], "big")
                    self.socket.sendall(frame(0x88, payload))
        except OSError:
            pass  # what came is what counts
        return texts, code

    def close(self):
        self.socket.close()


def frames_of(connection):
    """Behind an HTTP head: the first byte and the payload of each frame that comes whole."""
    with connection.makefile("rb") as stream:
        while stream.readline() not in (b"\r\n", b""):
            pass
        while len(head := stream.read(2)) == 2:
            size = size_of(head, stream)
            payload = stream.read(size)
            if len(payload) == size:
                yield head[0], payload


def size_of(head, stream):
    """Bytes of the payload; the rest of a frame's length is read from the stream."""
    longer = {126: 2, 127: 8}.get(head[1], 0)
    return int.from_bytes(stream.read(longer), "big") if longer else head[1]
