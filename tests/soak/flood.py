"""Half openings that nobody finishes, and when the server has ended them.

`flood.py PORT SOURCE RATE SECONDS PATIENCE` opens RATE of them a second from the address SOURCE,
for SECONDS, and waits until the server has ended the last one, but at most PATIENCE seconds. It
closes none that the server has not ended. A line when it begins, and then JSON of what it saw."""

import json
import os
import resource
import select
import socket
import subprocess
import sys
import time

HALF_OPENING = b"GET /echo HTTP/1.1\r\nHost: a\r\nUpgr"
IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h: connect() picks a port, which others may use elsewhere
MOST_AT_ONCE = 100


class HalfOpening:
    def __init__(self, port, source):
        self.asked = time.monotonic()
        self.connected = None
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        self.socket.bind((source, 0))
        self.socket.connect_ex(("127.0.0.1", port))

    def begin(self):
        self.connected = time.monotonic()
        self.socket.send(HALF_OPENING)

    def has_ended(self):
        """By the server: an answer is no end."""
        try:
            while self.socket.recv(4096) != b"":
                pass
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True


class Flood:
    def __init__(self, port, source, rate):
        self.port = port
        self.source = source
        self.rate = rate
        self.epoll = select.epoll()
        self.kept = {}  # by descriptor: those which the server has not ended
        self.asked = self.begun = self.failed = 0
        self.least = float("inf")  # seconds from connect() to the end
        self.most = 0.0            # seconds from the established connection to the end

    def run(self, seconds, patience):
        start = time.monotonic()
        while (elapsed := time.monotonic() - start) < seconds:
            for _ in range(min(int(self.rate * elapsed) - self.asked, MOST_AT_ONCE)):
                self.open_one()
            self.hear(0.005)
        end = time.monotonic() + patience
        while self.kept and time.monotonic() < end:
            self.hear(0.1)
        return {"begun": self.begun, "failed": self.failed, "kept": len(self.kept),
                "rate": self.begun / elapsed, "least": self.least,
                "most": float("inf") if self.kept else self.most}

    def open_one(self):
        self.asked += 1
        peer = HalfOpening(self.port, self.source)
        self.kept[peer.socket.fileno()] = peer
        self.epoll.register(peer.socket, select.EPOLLOUT | select.EPOLLIN | select.EPOLLET)

    def hear(self, seconds):
        for descriptor, _ in self.epoll.poll(seconds):
            peer = self.kept[descriptor]
            if peer.connected is None and not self.begin(peer):
                continue
            if peer.has_ended():
                now = time.monotonic()
                self.least = min(self.least, now - peer.asked)
                self.most = max(self.most, now - peer.connected)
                self.forget(peer)

    def begin(self, peer):
        try:
            peer.begin()
        except OSError:
            self.failed += 1
            self.forget(peer)
            return False
        self.begun += 1
        return True

    def forget(self, peer):
        del self.kept[peer.socket.fileno()]
        peer.socket.close()


class FloodProcesses:
    """Several of them, each from an address of its own: one has 28,000 ports, and a process 20,000
    descriptors."""

    def __init__(self, port, rate, seconds, patience, processes=4):
        self.processes = [
            subprocess.Popen([sys.executable, "-B", os.path.abspath(__file__), str(port),
                              f"127.0.0.{2 + i}", str(rate / processes), str(seconds),
                              str(patience)], stdout=subprocess.PIPE, text=True)
            for i in range(processes)]

        for process in self.processes:
            process.stdout.readline()  # when it begins

    def result(self):
        """Of all together."""
        results = [json.loads(process.communicate()[0]) for process in self.processes]
        total = {name: sum(result[name] for result in results)
                 for name in ("begun", "failed", "kept", "rate")}
        total["least"] = min(result["least"] for result in results)
        total["most"] = max(result["most"] for result in results)
        return total

    def kill(self):
        for process in self.processes:
            process.kill()

    def wait(self):
        for process in self.processes:
            process.wait()


def judge(test, seen, rate, deadline, slack):
    """`seen` is what the processes saw; the server has to end each half opening by itself,
    `deadline` seconds after it was accepted, and not much later."""
    test.demand(seen["rate"] >= rate, f"{seen['rate']:.0f} half openings a second, "
                                      f"demanded {rate:.0f}; {seen['failed']} more failed")
    test.demand(seen["begun"] > 0 and seen["failed"] + seen["kept"] == 0,
                f"of {seen['begun']} the server has ended all but {seen['kept']}")
    test.demand(seen["least"] >= deadline and seen["most"] <= deadline + slack,
                f"the first was ended after {seen['least']:.2f} s and the last after "
                f"{seen['most']:.2f} s, demanded {deadline} to {deadline + slack} s")


def main(port, source, rate, seconds, patience):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    flood = Flood(int(port), source, float(rate))
    print("begins", flush=True)
    print(json.dumps(flood.run(float(seconds), float(patience))))


if __name__ == "__main__":
    main(*sys.argv[1:])
