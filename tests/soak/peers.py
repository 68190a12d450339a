"""Peers that mean no good, or take their time."""

import json
import os
import random
import socket
import struct
import time

from server import KIB, Meanwhile


class SlowReaders(Meanwhile):
    """Peers that send to the echo as long as it takes anything. Half of them never read, the others
    a KiB a second. Another one comes for each that the server has given up."""

    def __init__(self, port, count):
        super().__init__()
        self.port = port
        self.count = count
        self.stuck = [0]   # for each second: how many could send nothing in it
        self.given_up = 0  # by the server

    def wait_until_stuck(self):
        end = time.monotonic() + 20
        while self.stuck[-1] < 0.9 * self.count and time.monotonic() < end:
            time.sleep(0.1)
        self.stuck = self.stuck[-1:]

    def run(self):
        peers = [SlowReader(self.port) for _ in range(self.count)]
        while not self.over.wait(1):
            stuck = 0
            due = 50  # of those that come at once: they are no storm
            for i, peer in enumerate(peers):
                if peer is None:
                    if due > 0:
                        peers[i] = SlowReader(self.port)
                    due -= 1
                    continue
                try:
                    stuck += peer.fill() == 0
                    if i % 2 == 0:
                        peer.read(KIB)
                except OSError:
                    self.given_up += 1
                    peer.close()
                    peers[i] = None
            self.stuck.append(stuck)
        for peer in filter(None, peers):
            peer.close()


class SlowReader:
    FRAME = b"\x82\xfe" + struct.pack(">H", 16 * KIB) + bytes(4 + 16 * KIB)

    def __init__(self, port):
        self.left = b""  # of a frame, to be sent
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(
            opening().replace(b"Sec-WebSocket-Extensions: permessage-deflate\r\n", b""))
        self.socket.setblocking(False)

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


def half_openings(port, stop):
    kept = []
    while not stop.is_set():
        for _ in range(50):
            peer = socket.socket()
            peer.setblocking(False)
            peer.connect_ex(("127.0.0.1", port))
            kept.append(peer)
        time.sleep(0.01)
        for peer in kept[-50:]:
            try:
                peer.send(b"GET /echo HTTP/1.1\r\nHost: a\r\nUpgr")
            except OSError:
                pass
        while len(kept) > 10_000:
            kept.pop(0).close()
    for peer in kept:
        peer.close()


def opening():
    """With compression, which plain frames need not use."""
    return (b"GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")


def hostile_rows():
    """The bytes of all rows of tests/data, frames and compressed messages behind an opening."""
    rows = [joined(row["bytes"]) for row in rows_of("http_requests.json")]
    rows += [opening() + b"".join(joined(step.get("send", [])) for step in row["steps"])
             for row in rows_of("frames.json")]
    rows += [opening() + compressed_frame(joined(row["bytes"])) for row in rows_of("deflate.json")]
    return [row[:200_000] for row in rows]


def compressed_frame(payload):
    """A text whose payload an extension has made, masked with zeroes."""
    payload = payload[:0xFFFF]
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return b"\xc1" + length + bytes(4) + payload


def rows_of(name):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
    with open(os.path.join(folder, name)) as file:
        return json.load(file)


def joined(parts):
    return b"".join(bytes.fromhex(part["hex"]) * part.get("times", 1) for part in parts)


def hostile_peer(port, rows, seed, stop):
    chance = random.Random(seed)
    while not stop.is_set():
        row = chance.choice(rows)
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as peer:
                cut = chance.randrange(len(row) + 1)
                peer.sendall(row[:cut])
                time.sleep(chance.random() * 0.05)
                peer.sendall(row[cut:])
                if chance.random() < 0.3:  # RST instead of FIN
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    peer.settimeout(0.2)
                    peer.recv(4096)
        except OSError:
            pass
