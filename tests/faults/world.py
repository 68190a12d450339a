"""What the fault tests share: servers, peers of bare bytes, and namespaces."""

import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

OPENING = (b"GET %s HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
MASK = b"\x37\xfa\x21\x3d"


class Impossible(Exception):
    """The machine does not allow the fault to be made."""


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def eventually(condition, what, seconds=10):
    """Waits for the condition, which is looked at every few milliseconds."""
    end = time.monotonic() + seconds
    while not condition():
        require(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(0.02)


def run(*command):
    """A command that makes a fault."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Impossible(f"{' '.join(command)}: {result.stderr.strip()}")


def succeeds(command):
    return subprocess.run(command, capture_output=True).returncode == 0


def need(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise Impossible("not installed: " + ", ".join(missing))


def need_namespace():
    if os.environ.get("FAULTS_IN_NAMESPACE") != "1":
        raise Impossible("no network namespace of its own (unshare --net: run as root)")


def innermost(pid):
    """The process at the end of a chain of wrappers."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        children = file.read().split()
    return innermost(int(children[0])) if children else pid


class Server:
    """A `duplex serve`; `wrapper` is what it is started by."""

    def __init__(self, duplex, *arguments, wrapper=(), port=0):
        command = [*wrapper, duplex, "serve", "--port", str(port), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("did not start: " + self.process.stderr.read())
        self.port = int(line.rsplit(":", 1)[1])
        self.pid = innermost(self.process.pid)
        self.watcher = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        if self.watcher:
            self.watcher.close()
        self.process.stdout.close()
        self.process.stderr.close()

    def signal(self, number):
        if self.process.poll() is None:
            os.kill(self.pid, number)

    def watch(self):
        """Opens the connection that metrics() asks through, while there are descriptors."""
        self.watcher = socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def metrics(self):
        """The server's counters, by name; system calls as "epoll_wait()"."""
        self.watcher.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        text = receive_until(self.watcher, b"\r\n\r\n")
        head, body = text.split(b"\r\n\r\n", 1)
        size = int(re.search(rb"Content-Length: (\d+)", head).group(1))
        while len(body) < size:
            body += self.watcher.recv(65536)
        lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
        pairs = (line.rsplit(" ", 1) for line in lines)
        return {re.sub(r'.*call="(\w+)"}', r"\1()", name).removeprefix("duplex_"): float(value)
                for name, value in pairs}


def receive_until(peer, end):
    data = b""
    while end not in data:
        piece = peer.recv(65536)
        require(piece, f"ended after {data!r}")
        data += piece
    return data


class Peer:
    """A WebSocket client of bare bytes."""

    def __init__(self, port, path=b"/echo", host="127.0.0.1", timeout=20):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.sendall(OPENING % path)
        answer = receive_until(self.socket, b"\r\n\r\n")
        require(answer.startswith(b"HTTP/1.1 101"), answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, text):
        masked = bytes(byte ^ MASK[i % 4] for i, byte in enumerate(text))
        self.socket.sendall(bytes([0x81, 0x80 | len(text)]) + MASK + masked)

    def echo(self, text=b"hello"):
        """Sends at most 125 bytes and demands them back."""
        self.send(text)
        expected = bytes([0x81, len(text)]) + text
        got = b""
        while len(got) < len(expected):
            piece = self.socket.recv(len(expected) - len(got))
            require(piece, "closed instead of an echo")
            got += piece
        require(got == expected, got)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def ended(self):
        """Whether nothing more comes, read without waiting."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.socket.settimeout(20)


@contextlib.contextmanager
def setting(name, value):
    """A setting of the kernel, for this network namespace."""
    path = "/proc/sys/" + name.replace(".", "/")
    with open(path) as file:
        before = file.read()
    with open(path, "w") as file:
        file.write(value)
    try:
        yield
    finally:
        with open(path, "w") as file:
            file.write(before)


@contextlib.contextmanager
def named(name, *addresses):
    """A name for these addresses, in this mount namespace."""
    with tempfile.NamedTemporaryFile("w") as hosts:
        hosts.writelines(f"{address} {name}\n" for address in addresses)
        hosts.flush()
        os.chmod(hosts.name, 0o644)
        run("mount", "--bind", hosts.name, "/etc/hosts")
        try:
            yield
        finally:
            run("umount", "/etc/hosts")


@contextlib.contextmanager
def lossy_line():
    """Loopback loses a fifth of its packets."""
    need("nft")
    run("nft", "add table inet faults")
    run("nft", "add chain inet faults in { type filter hook input priority 0 ; }")
    run("nft", "add rule inet faults in iif lo meta l4proto tcp numgen random mod 100 < 20 drop")
    try:
        yield
    finally:
        run("nft", "delete table inet faults")


@contextlib.contextmanager
def slow_line():
    """Loopback carries 1 Mbit/s, in packets of the usual size."""
    need("tc", "ip")
    run("ip", *"link set lo mtu 1500".split())
    run("tc", *"qdisc add dev lo root tbf rate 1mbit burst 32k latency 400ms".split())
    try:
        yield
    finally:
        run("tc", *"qdisc del dev lo root".split())
        run("ip", *"link set lo mtu 65536".split())


@contextlib.contextmanager
def other_host():
    """A namespace 10.77.0.2 beside our 10.77.0.1: how to run a command there."""
    need("unshare", "nsenter", "ip")
    holder = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
    inside = ["nsenter", "--target", str(holder.pid), "--net"]
    try:
        eventually(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") !=
                   os.readlink("/proc/self/ns/net"), "a second namespace")
        run(*"ip link add near type veth peer name far netns".split(), str(holder.pid))
        run(*"ip addr add 10.77.0.1/24 dev near".split())
        run(*"ip link set near up".split())
        run(*inside, *"ip addr add 10.77.0.2/24 dev far".split())
        run(*inside, *"ip link set far up".split())
        yield inside
    finally:
        holder.kill()
        holder.wait()
