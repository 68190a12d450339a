"""Duplex behind Debian's nginx, haproxy and stunnel, with the configurations of tools/proxy.

Usage: run.py DUPLEX_PROGRAM ROWS_SERVER WORK_FOLDER. Ends with "N passed, N failed".
"""
import asyncio
import contextlib
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import traceback

import websockets

import rows
from fronts import HOST, Front, make_certificate, trust
from peer import HANG_SECONDS, ask, connect, read_until, request

CLIENT = "127.0.0.9"  # where clients come from; the proxies come from 127.0.0.1
PROXY_PROTOCOL = ("haproxy-tcp", "stunnel")
KINDS = ("nginx", "haproxy", *PROXY_PROTOCOL)


class Child:
    """A server that says its port in its first line."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        self.port = int(re.search(r"(\d+)\s*$", line)[1])

    def stop(self):
        self.process.stdin.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(HANG_SECONDS)


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, test, *arguments):
        try:
            note = test(*arguments)
        except Exception:
            self.failed += 1
            print(f"FAILED  {name}")
            print("        " + traceback.format_exc().replace("\n", "\n        "))
        else:
            self.passed += 1
            print(f"ok      {name}" + (f" ({note})" if note else ""))
        sys.stdout.flush()


class World:
    """One front before one server, and how to trust it."""

    def __init__(self, front, context):
        self.front = front
        self.context = context

    def ask(self, path, **options):
        return ask(self.front.port, self.context, path, **options)

    def open(self, path):
        """To be used as `async with`."""
        return websockets.connect(
            f"wss://{HOST}:{self.front.port}{path}", ssl=self.context, max_size=None,
            local_addr=(CLIENT, 0), open_timeout=HANG_SECONDS)


# --- WebSocket, Server-Sent Events, long polls ----------------------------------------------------
def websocket_echoes(world):
    async def talk():
        async with world.open("/echo") as peer:
            for size in (0, 1, 126, 65536, 1 << 20):
                await peer.send(bytes(size))
                assert await peer.recv() == bytes(size), size
            await peer.send(["grüße ", "in ", "pieces"])
            assert await peer.recv() == "grüße in pieces"
            await asyncio.wait_for(await peer.ping(b"there?"), HANG_SECONDS)
        assert peer.close_code == 1000

    asyncio.run(talk())


def events_are_not_held_back(world):
    """Each is asked for when the one before has come."""
    with connect(world.front.port, world.context) as peer:
        peer.sendall(request("GET", "/events"))
        received = read_until(peer, rb"text/event-stream")
        for number in range(3):
            data = f"event {number}".encode()
            assert world.ask("/events", method="POST", body=data) == (200, b"sent")
            received = read_until(peer, rb"data: " + data + rb"\n\n", received)


def long_polls_wait(world):
    status, body = world.ask("/feed/sp")
    newest = int(body.split()[0]) if status == 200 else 0
    for _ in range(3):
        status, body = world.ask(f"/feed/lp?after={newest}")
        assert status == 200, status
        first = int(body.split()[0])
        assert first == newest + 1, (first, newest)
        newest = int(body.splitlines()[-1].split()[0])


# --- Who the client is ----------------------------------------------------------------------------
def client_is_known(world):
    assert world.ask("/client", source=CLIENT) == (200, CLIENT.encode() + b"\n")
    for claim in ("203.0.113.7", "127.0.0.1", "203.0.113.7, 127.0.0.1", "rubbish", ""):
        answer = world.ask("/client", fields=[f"X-Forwarded-For: {claim}"], source=CLIENT)
        assert answer == (200, CLIENT.encode() + b"\n"), (claim, answer)

    async def read():
        async with world.open("/client") as peer:
            return await peer.recv()

    assert asyncio.run(read()) == CLIENT


def nobody_else_is_believed(server, speaks_proxy_protocol):
    claim = ["X-Forwarded-For: 203.0.113.7"]
    answer = ask(server.port, None, "/client", fields=claim, source=CLIENT)
    assert answer == (200, CLIENT.encode() + b"\n"), answer
    header = b"PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n"
    for source in (CLIENT, HOST):
        believed = speaks_proxy_protocol and source == HOST
        with connect(server.port, None, source) as peer:
            peer.sendall(header + request("GET", "/client"))
            read_until(peer, rb"\n203\.0\.113\.7\n" if believed else rb"^HTTP/1\.1 (400|501) ")
    if speaks_proxy_protocol:
        assert ask(server.port, None, "/client", source=HOST)[0] == 400


# --- A proxy that ends, and comes again -----------------------------------------------------------
def connections_of(server):
    """Open ones, the asking one not counted. It comes from a peer that speaks no PROXY protocol."""
    _, body = ask(server.port, None, "/metrics", source=CLIENT)
    return int(re.search(rb"^duplex_connections (\d+)", body, re.M)[1]) - 1


def wait_for(condition):
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.05)


def proxy_drains(world, graceful):
    """Who has a connection keeps it; new ones are made by the next proxy."""
    async def talk():
        async with world.open("/echo") as old:
            previous = world.front.process
            world.front.signal(graceful)
            await asyncio.to_thread(wait_for, lambda: not is_listening(world.front.port))
            world.front.start()
            async with world.open("/echo") as new:
                for peer in (old, new):
                    await peer.send("still there")
                    assert await peer.recv() == "still there"
        await asyncio.to_thread(previous.wait, HANG_SECONDS)

    asyncio.run(talk())


def is_listening(port):
    try:
        connect(port).close()
    except ConnectionError:
        return False
    return True


def proxy_dies(world, server):
    """Nothing is left of what came through it, and the next one works."""
    async def leave():
        peers = [await world.open("/echo") for _ in range(5)]
        stream = connect(world.front.port, world.context)
        stream.sendall(request("GET", "/feed/sse"))
        read_until(stream, rb"data: ")
        world.front.kill()
        stream.close()
        for peer in peers:
            await asyncio.wait_for(peer.wait_closed(), HANG_SECONDS)

    asyncio.run(leave())
    wait_for(lambda: connections_of(server) == 0)
    world.front.start()
    websocket_echoes(world)


# --- A client without TLS -------------------------------------------------------------------------
@contextlib.contextmanager
def near_front(kind, work, far_port):
    """stunnel on the client's side, before whoever speaks TLS at that port."""
    front = Front(kind, work, far_port)
    try:
        yield front
    finally:
        front.stop()


def run_connect(duplex, url, lines):
    return subprocess.run([duplex, "connect", url], input="".join(lines), text=True,
                          capture_output=True, timeout=HANG_SECONDS)


def client_echoes(world, duplex, work):
    lines = ["grüße\n", "x" * 100_000 + "\n"]
    with near_front("stunnel-client", work, world.front.port) as near:
        result = run_connect(duplex, f"ws://{HOST}:{near.port}/echo", lines)
        assert (result.returncode, result.stdout) == (0, "".join(lines)), result


def requests_of(server):
    _, body = ask(server.port, None, "/metrics", source=CLIENT)
    return int(re.search(rb"^duplex_requests_total (\d+)", body, re.M)[1])


def client_trusts_nobody_else(world, server, duplex, work):
    """Nothing passes: not even the request reaches the server."""
    for kind, why in (("stunnel-client-for-another", "CERT: Subject checks failed"),
                      ("stunnel-client-of-another", "CERT: Pre-verification error")):
        before = requests_of(server)
        with near_front(kind, work, world.front.port) as near:
            result = run_connect(duplex, f"ws://{HOST}:{near.port}/echo", ["secret\n"])
            assert (result.returncode, result.stdout) == (2, ""), (kind, result)
            assert why in near.log(), near.log()
        assert requests_of(server) == before + 1, kind  # the one that asks


def client_says_the_host_of_its_url(duplex, work):
    """What stunnel passes on is what the client has written."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(work / "both.pem")
    with socket.create_server((HOST, 0)) as far, \
            near_front("stunnel-client", work, far.getsockname()[1]) as near:
        with subprocess.Popen([duplex, "connect", f"ws://localhost:{near.port}/"],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            head = head_over_tls(far, context)
    assert f"\r\nHost: localhost:{near.port}\r\n".encode() in head, head


def head_over_tls(listener, context):
    """The first one: whoever only looks whether the port is open says nothing."""
    listener.settimeout(HANG_SECONDS)
    for _ in range(3):
        with contextlib.suppress(OSError, EOFError):
            plain, _ = listener.accept()
            with plain, context.wrap_socket(plain, server_side=True) as peer:
                return read_until(peer, rb"\r\n\r\n")
    raise AssertionError("no request")


# --- All of it ------------------------------------------------------------------------------------
@contextlib.contextmanager
def world_of(kind, work, context, *command):
    """A server of that command, and a proxy before it."""
    server = Child(*command)
    try:
        front = Front(kind, work, server.port)
        try:
            yield World(front, context), server
        finally:
            front.stop()
    finally:
        server.stop()


def check_kind(report, kind, duplex, work, context):
    speaks_proxy_protocol = kind in PROXY_PROTOCOL
    options = ["--proxy-protocol"] if speaks_proxy_protocol else []
    with world_of(kind, work, context, duplex, "serve", "--port", "0", "--rate", "20/s",
                  "--trust-proxy", HOST, *options) as (world, server):
        report.check(f"{kind}: WebSocket", websocket_echoes, world)
        report.check(f"{kind}: long polls", long_polls_wait, world)
        report.check(f"{kind}: the client's address", client_is_known, world)
        report.check(f"{kind}: nobody else is believed", nobody_else_is_believed, server,
                     speaks_proxy_protocol)
        graceful = {"nginx": signal.SIGQUIT, "haproxy": signal.SIGUSR1}.get(kind)
        if graceful:
            report.check(f"{kind}: drains and comes again", proxy_drains, world, graceful)
        report.check(f"{kind}: a client without TLS, through stunnel", client_echoes, world,
                     duplex, work)
        report.check(f"{kind}: that client trusts nobody else", client_trusts_nobody_else, world,
                     server, duplex, work)
        report.check(f"{kind}: dies and comes again", proxy_dies, world, server)


def check_rows(report, kind, program, work, context):
    with world_of(kind, work, context, program, HOST) as (world, _):
        report.check(f"{kind}: hostile requests", rows.replay, "H", kind, world.front.port, context)
    with world_of(kind, work, context, program, "--openings", HOST) as (world, _):
        report.check(f"{kind}: hostile openings", rows.replay, "W", kind, world.front.port, context)


def check_events(report, kind, program, work, context):
    options = ["--proxy-protocol"] if kind in PROXY_PROTOCOL else []
    with world_of(kind, work, context, program, *options, HOST) as (world, _):
        report.check(f"{kind}: events are not held back", events_are_not_held_back, world)


def main(duplex, rows_server, work):
    work = pathlib.Path(work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    make_certificate(work)
    make_certificate(work / "other")
    context = trust(work)
    report = Report()
    for kind in KINDS:
        check_kind(report, kind, pathlib.Path(duplex).resolve(), work, context)
        check_events(report, kind, pathlib.Path(rows_server).resolve(), work, context)
    check_events(report, "nginx-buffering", pathlib.Path(rows_server).resolve(), work, context)
    report.check("a client says the Host of its URL", client_says_the_host_of_its_url,
                 pathlib.Path(duplex).resolve(), work)
    for kind in rows.REPAIRED:
        check_rows(report, kind, pathlib.Path(rows_server).resolve(), work, context)
    print(f"{report.passed} passed, {report.failed} failed")
    return report.failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
