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
    a KiB a second."""

    def __init__(self, port, count):
        super().__init__()
        self.port = port
        self.count = count
        self.filled = 0  # who could send no more

    def wait_until_filled(self):
        end = time.monotonic() + 20
        while self.filled < 0.9 * self.count and time.monotonic() < end:
            time.sleep(0.1)

    def run(self):
        peers = [self.connect() for _ in range(self.count)]
        frame = b"\x82\xfe" + struct.pack(">H", 16 * KIB) + bytes(4 + 16 * KIB)
        left = {peer: b"" for peer in peers}
        filled = set()
        while not self.over.wait(1):
            for peer in peers:
                if not fill(peer, left, frame):
                    filled.add(peer)
            self.filled = len(filled)
            for peer in peers[::2]:
                read(peer, KIB)
        for peer in peers:
            peer.close()

    def connect(self):
        peer = socket.create_connection(("127.0.0.1", self.port))
        peer.sendall(opening().replace(b"Sec-WebSocket-Extensions: permessage-deflate\r\n", b""))
        peer.setblocking(False)
        return peer


def fill(peer, left, frame):
    """False when it takes no more."""
    try:
        while True:
            left[peer] = left[peer] or frame
            left[peer] = left[peer][peer.send(left[peer]):]
    except BlockingIOError:
        return False
    except OSError:
        return True  # it has been ended


def read(peer, size):
    try:
        peer.recv(size)
    except OSError:
        pass


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
