"""All rows of tests/data that a peer may send to a server, in random order and random cuts.

The K rows are what a server answers to a client: they mean nothing to a server."""

import json
import os
import random
import socket
import struct
import threading
import time

from peers import EXTENSIONS, HOST, frame, opening


class Row:
    """`steps` are bytes to send, seconds to wait, or "FIN" and "RST"."""

    def __init__(self, name, steps):
        self.name = name
        self.steps = steps


def hostile_rows():
    rows = [Row(row["id"], [joined(row["bytes"])]) for row in rows_of("http_requests.json")]
    rows += [Row(row["id"], [opening(fields=offer_of(row)), *map(step_of, row["steps"])])
             for row in rows_of("frames.json")]
    rows += [Row(row["id"], [opening(fields=EXTENSIONS) + frame(0xC1, joined(row["bytes"]))])
             for row in rows_of("deflate.json")]
    return rows


def offer_of(row):
    extensions = row["extensions"]
    return f"Sec-WebSocket-Extensions: {extensions}\r\n".encode() if extensions else b""


def step_of(step):
    return joined(step["send"]) if "send" in step else step.get("pause_seconds") or step["do"]


def rows_of(name):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
    with open(os.path.join(folder, name)) as file:
        return json.load(file)


def joined(parts):
    return b"".join(bytes.fromhex(part["hex"]) * part.get("times", 1) for part in parts)


class HostilePeers:
    """Each goes through all rows, in an order of its own, until the end of the `with`."""

    def __init__(self, port, count):
        self.port = port
        self.rows = hostile_rows()
        self.stop = threading.Event()
        self.replayed = set()  # names of rows that went to their end, or to that of the connection
        self.count = 0         # of replays
        self.threads = [threading.Thread(target=self.run, args=(seed,)) for seed in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def run(self, seed):
        chance = random.Random(seed)
        while not self.stop.is_set():
            for row in chance.sample(self.rows, len(self.rows)):
                if self.stop.is_set():
                    return
                self.replay(row, chance)

    def replay(self, row, chance):
        try:
            peer = socket.create_connection((HOST, self.port), timeout=10)
        except OSError:
            return  # it was not the row that the server refused
        with peer:
            try:
                for step in row.steps:
                    take(step, peer, chance)
                leave(peer, chance)
            except TimeoutError:
                return  # neither taken nor refused
            except OSError:
                pass  # the server has ended it
        self.replayed.add(row.name)
        self.count += 1


def take(step, peer, chance):
    if step == "FIN":
        peer.shutdown(socket.SHUT_WR)
    elif step == "RST":
        reset(peer)
    elif isinstance(step, (int, float)):
        time.sleep(step)
    else:
        cut = chance.randrange(len(step) + 1)
        peer.sendall(step[:cut])
        time.sleep(chance.random() * 0.05)
        peer.sendall(step[cut:])


def leave(peer, chance):
    if chance.random() < 0.3:  # RST instead of FIN
        return reset(peer)
    peer.settimeout(0.2)
    try:
        peer.recv(4096)
    except TimeoutError:
        pass  # the row has not come to a message


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
