#!/usr/bin/env python3
"""Faults that only a real kernel can make. Usage: run.py DUPLEX [ROW...]

Runs in a network namespace of its own, where it may lose packets and set limits. Each row says
"ok", "FAILED" and why, or "not possible here" and why. Ends with 1 when a row failed."""

import inspect
import os
import re
import shutil
import socket
import subprocess
import sys
import time

from signal import SIGCONT, SIGINT, SIGSTOP, SIGTERM
from world import (Impossible, OPENING, Peer, Server, eventually, lossy_line, named, need,
                   need_namespace, other_host, require, run, setting, slow_line,
                   succeeds)

TCP_REPAIR = 19


def limited(descriptors):
    return ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"]


def failing(call, error, when="1"):
    """strace, which makes the n-th of these system calls fail."""
    need("strace")
    if not succeeds(["strace", "-o", "/dev/null", "true"]):
        raise Impossible("strace may not trace here")
    return ["strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={when}"]


def r04_descriptors_run_out(duplex):
    """EMFILE: the peers that come are turned away, those that are there stay, nothing spins."""
    with Server(duplex, wrapper=limited(64)) as server:
        server.watch()
        with Peer(server.port) as first:
            crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
            eventually(lambda: server.metrics()["refused_total"] > 0, "somebody turned away")
            first.echo()
            before = server.metrics()["epoll_wait()"]
            time.sleep(2)
            waits = server.metrics()["epoll_wait()"] - before
            require(waits < 100, f"{waits} waits in 2 s of rest")
            for peer in crowd:
                peer.close()
            eventually(lambda: server.metrics()["connections"] <= 2, "the crowd has gone")
            with Peer(server.port) as last:
                last.echo()


def r01_r03_r05_r06_accept_fails(duplex):
    """accept4 fails with each errno of its manual page: whoever waits is served all the same."""
    for error in ("EINTR", "ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN", "ENFILE", "ENOBUFS",
                  "ENOMEM", "EMFILE"):
        with Server(duplex, wrapper=failing("accept4", error, "1..3")) as server:
            try:
                Peer(server.port).echo()
            except (OSError, AssertionError):
                require(error == "EMFILE", error)  # the spare descriptor turned it away
            with Peer(server.port) as peer:
                peer.echo()


def r10_r19_reads_and_writes_fail(duplex):
    """EINTR and EAGAIN in reading, EINTR, EAGAIN and no buffers in writing: nothing is lost."""
    faults = [("recvfrom", "EINTR"), ("recvfrom", "EAGAIN"), ("sendto", "EINTR"),
              ("sendto", "EAGAIN"), ("sendto", "ENOBUFS"), ("sendto", "ENOMEM")]
    for call, error in faults:
        with Server(duplex, wrapper=failing(call, error, "2+3")) as server:
            with Peer(server.port) as peer:
                for i in range(20):
                    peer.echo(b"%d" % i)


def r09_the_accept_queue_is_full(duplex):
    """100 clients and a queue of 4, while the server stands still: all are served."""
    need_namespace()
    with setting("net.core.somaxconn", "4"), Server(duplex) as server:
        server.signal(SIGSTOP)
        peers = [socket.socket() for _ in range(100)]
        for peer in peers:
            peer.setblocking(False)
            peer.connect_ex(("127.0.0.1", server.port))
        time.sleep(0.5)
        server.signal(SIGCONT)
        for peer in peers:
            peer.settimeout(30)
            send_when_connected(peer, OPENING % b"/echo")
            require(peer.recv(12) == b"HTTP/1.1 101", "an answer")
            peer.close()


def send_when_connected(peer, data):
    for _ in range(1500):
        try:
            return peer.sendall(data)
        except (BlockingIOError, OSError) as error:
            require(not isinstance(error, ConnectionError), error)
            time.sleep(0.02)
    raise AssertionError("never connected")


def r22_t21_stopped_and_continued(duplex):
    """SIGSTOP and SIGCONT, 100 times under an echo: waits are interrupted, nothing is lost."""
    with Server(duplex) as server, Peer(server.port) as peer:
        for i in range(100):
            server.signal(SIGSTOP)
            peer.send(b"%02d" % i)
            server.signal(SIGCONT)
        got = b""
        while len(got) < 400:
            got += peer.socket.recv(400 - len(got))
        require(got == b"".join(b"\x81\x02%02d" % i for i in range(100)), got)


def r22_t21_stopped_for_longer_than_a_head_may_take(duplex):
    """SIGSTOP for 12 s under heads, which have 10 s: what is whole then, or soon, is answered."""
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with Server(duplex) as server:
        peers = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(1500)]
        for peer in peers:
            peer.sendall(head[:20])
        server.signal(SIGSTOP)
        for peer in peers[1:]:
            peer.sendall(head[20:])
        time.sleep(12)
        server.signal(SIGCONT)
        time.sleep(0.5)
        answers = [exchange(peers[0], head[20:]), *(exchange(peer, b"") for peer in peers[1:])]
        late = sum(not answer.startswith(b"HTTP/1.1 200") for answer in answers)
        require(late == 0, f"{late} of {len(peers)} were late")


def r29_too_few_descriptors_to_start(duplex):
    """A server that cannot have its descriptors says so and ends with an error."""
    for limit in range(4, 9):
        command = [*limited(limit), duplex, "serve", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        line = process.stdout.readline()
        process.terminate()
        problem = process.communicate()[1]
        started = line.startswith("listening")
        require(started or "Too many open files" in problem, (limit, line, problem))
        require(process.returncode in ((0,) if started else (1, 2)), process.returncode)


def r35_the_answer_before_the_body_is_read(duplex):
    """413 to a body of 1 MiB arrives whole, although most of the body is never read."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n"
    with Server(duplex) as server:
        for size in (0, 1000, 200_000, 1_048_576):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
                answer = exchange(peer, head + bytes(size))
            require(answer.startswith(b"HTTP/1.1 413") and answer.endswith(b"15.5.14)\n"), answer)


def exchange(peer, data):
    answer = b""
    try:
        peer.sendall(data)
        while piece := peer.recv(65536):
            answer += piece
    except OSError:
        while piece := final_piece(peer):  # what came before the reset
            answer += piece
    return answer


def final_piece(peer):
    try:
        return peer.recv(65536)
    except OSError:
        return b""


def r36_r37_the_peer_vanishes(duplex):
    """A cable is pulled: unacknowledged data ends one connection, silence the other."""
    need_namespace()
    listen = ["--host", "10.77.0.1"]
    with other_host() as inside, Server(duplex, *listen) as server:
        server.watcher = socket.create_connection(("10.77.0.1", server.port), timeout=60)
        urls = [f"ws://10.77.0.1:{server.port}/{path}" for path in ("feed/ws", "echo")]
        peers = [subprocess.Popen([*inside, duplex, "connect", url], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL) for url in urls]
        eventually(lambda: server.metrics()["websockets"] == 2, "two open connections")
        run(*inside, *"ip link set far down".split())
        start = time.monotonic()
        eventually(lambda: server.metrics()["websockets"] == 1, "R36: ETIMEDOUT", 40)
        require(time.monotonic() - start > 15, "R36: patience")
        eventually(lambda: server.metrics()["websockets"] == 0, "R37: no pong", 60)
        require(time.monotonic() - start > 40, "R37: patience")
        for peer in peers:
            peer.kill()
            peer.communicate()


def r38_the_process_is_gone(duplex):
    """A peer whose host forgets it (TCP_REPAIR): the next write is answered by a reset."""
    with Server(duplex) as server:
        server.watch()
        peer = Peer(server.port, b"/feed/ws")
        require(server.metrics()["websockets"] == 1, "an open connection")
        try:
            peer.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        except OSError as error:
            raise Impossible(f"TCP_REPAIR: {error}") from error
        peer.socket.close()
        eventually(lambda: server.metrics()["websockets"] == 0, "gone with the next event")


def check_cases(duplex, url, cases):
    """Those of the suite's cases that are not strictly right, and the suite's words."""
    picks = [argument for case in cases for argument in ("--case", case)]
    command = [duplex, "check", "--no-progress", "--timeout", "60s", *picks, url]
    result = subprocess.run(command, capture_output=True, text=True)
    require(result.returncode in (0, 3), result.stderr)
    return re.findall(r"^(?:FAILED|NON-STRICT) +(\S+)", result.stdout, re.M), result.stdout


# Frames, pings, fragments, UTF-8, closing, compressed messages byte by byte: little to carry.
SMALL_CASES = ["[1-7].*", "D*"]


def r39_bad_lines(duplex):
    """The suite over a line that loses a fifth, what is small over one that carries 1 Mbit/s."""
    need_namespace()
    lossy = [*SMALL_CASES, "C*", "F*", "12.*", "13.*", "W*", "H*"]
    slow = [*SMALL_CASES, "C*", "12.*.[1-5]", "13.*.[1-5]", "W*"]
    for line, cases in ((lossy_line, lossy), (slow_line, slow)):
        with line(), Server(duplex) as server:
            url = f"ws://127.0.0.1:{server.port}/echo"
            wrong, words = check_cases(duplex, url, cases)
            # Where a fifth is lost, one connection in hundreds has 20 s of bad luck, after which it
            # is given up (TCP_USER_TIMEOUT). Not twice in a row.
            require(len(wrong) <= 8, words)
            if wrong:
                wrong, words = check_cases(duplex, url, wrong)
            require(not wrong, words)


def connect(duplex, url, *arguments, lines="hello\n", timeout=30):
    return subprocess.run([duplex, "connect", *arguments, url], input=lines, capture_output=True,
                          text=True, timeout=timeout)


def r45_ports_run_out(duplex):
    """Two ports for three connections: the third is told why."""
    need_namespace()
    with setting("net.ipv4.ip_local_port_range", "40000 40001"):
        with Server(duplex, port=39999) as server, Peer(39999), Peer(39999):
            result = connect(duplex, f"ws://127.0.0.1:{server.port}/echo")
            require("Cannot assign requested address" in result.stderr, result.stderr)


def r46_no_connection_to_oneself(duplex):
    """A closed port among those given to clients: refused each time, never oneself."""
    need_namespace()
    with setting("net.ipv4.ip_local_port_range", "40000 40001"):
        for _ in range(20):
            result = connect(duplex, "ws://127.0.0.1:40000/", "--timeout", "5s")
            require(result.returncode != 0 and "cannot connect" in result.stderr, result)


def r48_the_first_address_does_not_answer(duplex):
    """::1 swallows what is sent to it: 127.0.0.1 has its turn after a moment."""
    need_namespace()
    need("nft")
    with named("both.test", "::1", "127.0.0.1"), Server(duplex) as server:
        url = f"ws://both.test:{server.port}/echo"
        require(connect(duplex, url, "-n", "1").stdout == "hello\n", "refused by ::1")
        run("nft", "add table ip6 faults")
        run("nft", "add chain ip6 faults in { type filter hook input priority 0 ; policy drop ; }")
        try:
            require(connect(duplex, url, "-n", "1").stdout == "hello\n", "silence from ::1")
        finally:
            run("nft", "delete table ip6 faults")


def r50_the_clock_is_large(duplex):
    """The feed ticks on while a 32-bit clock of milliseconds would wrap."""
    need("unshare")
    offset = 2**32 // 1000 - int(time.monotonic()) - 2
    wrapper = ["unshare", "--time", "--monotonic", str(offset), "--fork", "--kill-child"]
    if not succeeds([*wrapper, "true"]):
        raise Impossible("no time namespace (unshare --time: run as root)")
    with Server(duplex, "--rate", "10/s", wrapper=wrapper) as server:
        result = connect(duplex, f"ws://127.0.0.1:{server.port}/feed/ws", "-n", "40", lines="")
        require(result.stdout.count("\n") >= 40, result)


def r55_signals(duplex):
    """The first SIGTERM says 1001 and drains, a second signal ends it at once."""
    with Server(duplex) as server, Peer(server.port) as peer:
        server.signal(SIGTERM)
        require(peer.socket.recv(100) == b"\x88\x02\x03\xe9", "1001")
        peer.socket.close()
        require(server.process.wait(timeout=10) == 0, "exit code 0")
    with Server(duplex) as server, Peer(server.port):
        server.signal(SIGINT)
        time.sleep(0.2)
        server.signal(SIGINT)
        require(server.process.wait(timeout=2) not in (0, None), "an exit code of its own")


def r62_stopped_with_peers_in_the_queue(duplex):
    """Peers that wait to be accepted when the server ends are refused, and it ends in order."""
    with Server(duplex) as server:
        server.signal(SIGSTOP)
        peers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        server.signal(SIGTERM)
        server.signal(SIGCONT)
        require(server.process.wait(timeout=10) == 0, "exit code 0")
        for peer in peers:
            peer.settimeout(5)
            require(final_piece(peer) == b"", "nothing was answered")
            peer.close()


def r63_places_that_cannot_be_had(duplex):
    """A port in use, a path that is a plain file or too long: a sentence, no socket."""
    with Server(duplex) as server:
        places = [(["--port", str(server.port)], "Address already in use"),
                  (["--unix", os.path.abspath(__file__)], "Address already in use"),
                  (["--unix", "/nowhere/socket"], "No such file or directory"),
                  (["--unix", "/tmp/" + "x" * 200], "too long")]
        for arguments, sentence in places:
            result = subprocess.run([duplex, "serve", *arguments], capture_output=True, text=True,
                                    timeout=10)
            require(result.returncode not in (0, -11) and sentence in result.stderr, result)


def r64_random_bytes_fail(duplex):
    """getrandom: an interrupted call is made again, without it nothing is opened."""
    with Server(duplex) as server:
        url = f"ws://127.0.0.1:{server.port}/echo"
        for error, opens in (("EINTR", True), ("ENOSYS", False), ("EAGAIN", False)):
            wrapper = failing("getrandom", error, "1..1" if opens else "1+")
            result = subprocess.run([*wrapper, duplex, "connect", "-n", "1", url], input="hello\n",
                                    capture_output=True, text=True, timeout=30)
            require((result.stdout == "hello\n") == opens, (error, result))


ROWS = [function for name, function in globals().items()
        if inspect.isfunction(function) and name[0] == "r" and name[1:3].isdigit()]


def say_result(duplex, function):
    """Runs a row and says what came of it: ok, failed or impossible."""
    ids = " ".join(name.upper() for name in ids_of(function))
    try:
        function(duplex)
    except Impossible as why:
        print(f"not possible here  {ids}: {why}", flush=True)
        return "impossible"
    except (AssertionError, OSError, subprocess.SubprocessError) as why:
        print(f"FAILED  {ids}: {function.__doc__}\n        {why!r}", flush=True)
        return "failed"
    print(f"ok      {ids}: {function.__doc__}", flush=True)
    return "ok"


def enter_namespace():
    """Goes on in a network namespace, where that is allowed."""
    command = ["unshare", "--net", "--mount"]
    if shutil.which("unshare") is None or not succeeds([*command, "true"]):
        return
    environment = {**os.environ, "FAULTS_IN_NAMESPACE": "1"}
    os.execvpe(command[0], [*command, sys.executable, "-B", *sys.argv], environment)


def ids_of(row):
    """"r36_r37_the_peer_vanishes" is about r36 and r37."""
    return [part for part in row.__name__.split("_") if part[1:].isdigit()]


def main():
    names = [name.lower() for name in sys.argv[2:]]
    known = sorted({name for row in ROWS for name in ids_of(row)})
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such row: {unknown[0]}; there are {', '.join(known)}")
        return 2
    if "FAULTS_IN_NAMESPACE" not in os.environ:
        enter_namespace()
    else:
        run("ip", "link", "set", "lo", "up")
    duplex = os.path.abspath(sys.argv[1])
    rows = [row for row in ROWS if not names or any(name in ids_of(row) for name in names)]
    results = [say_result(duplex, row) for row in rows]
    print(f"{results.count('impossible')} not possible here")
    print(f"{results.count('ok')} passed, {results.count('failed')} failed")
    return 1 if "failed" in results else 0


sys.exit(main())
