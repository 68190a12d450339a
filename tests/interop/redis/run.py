"""Our client of Redis against Debian's redis-server, which is ended and started again meanwhile.

Usage: run.py INTEROP_REDIS. Ends with "N passed, N failed".
"""
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

SECONDS = 30  # for anything that should happen


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Redis:
    """A server of its own, on a port that was free; ended by its process."""

    def __init__(self, folder, *options):
        self.port = free_port()
        self.socket = os.path.join(folder, "redis.sock")
        self.options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                        "--appendonly", "no", "--dir", folder, "--unixsocket", self.socket,
                        "--daemonize", "no", *options]
        self.start()

    def start(self):
        self.process = subprocess.Popen(["redis-server", *self.options],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "redis-server ended at once"
            if self.answers():
                return
            time.sleep(0.05)
        raise AssertionError("redis-server does not answer")

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), SECONDS) as peer:
                peer.sendall(b"PING\r\n")
                return peer.recv(100)[:1] in (b"+", b"-")
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()


class Program:
    """Ours; says a line for each thing that happens."""

    def __init__(self, program, url):
        self.process = subprocess.Popen([program, url], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.said = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def tell(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def next(self):
        try:
            line = self.lines.get(timeout=SECONDS)
        except queue.Empty:
            raise AssertionError(f"nothing more was said after {self.said[-5:]}") from None
        self.said.append(line)
        return line

    def expect(self, *lines):
        for line in lines:
            got = self.next()
            assert got == line, f"expected '{line}', got '{got}'"

    def wait_for(self, *beginnings):
        """Until there has been a line for each, in any order, among others."""
        left = set(beginnings)
        while left:
            line = self.next()
            left = {beginning for beginning in left if not line.startswith(beginning)}

    def ask(self, command, answer):
        self.tell("command " + command)
        got = urllib.parse.unquote(self.next())
        assert got == answer, f"{command}: expected '{answer}', got '{got}'"

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=SECONDS) == 0, f"ended with {self.process.returncode}"


def connected(program, url):
    ours = Program(program, url)
    ours.wait_for("client connected", "subscriber connected")
    return ours


def commands_of_the_adapters(ours, _redis):
    ours.ask("SET key value PX 60000", "answer +OK")
    ours.ask("GET key", 'answer "value"')
    ours.ask("GET none", "answer nil")
    ours.ask("XADD s MAXLEN ~ 10000 1-0 uid u nsp / type 3", 'answer "1-0"')
    ours.ask("XADD s MAXLEN ~ 10000 2-0 uid v", 'answer "2-0"')
    ours.ask("XRANGE s 1-0 1-0", 'answer [["1-0" ["uid" "u" "nsp" "/" "type" "3"]]]')
    ours.ask("XREAD COUNT 100 BLOCK 5000 STREAMS s 1-0", 'answer [["s" [["2-0" ["uid" "v"]]]]]')
    ours.ask("XREAD BLOCK 50 STREAMS s 2-0", "answer nil")
    ours.ask("INCR key", "refused ERR value is not an integer or out of range")
    ours.ask("NONE", "refused ERR unknown command 'NONE', with args beginning with: ")


def transactions(ours, _redis):
    ours.tell("transaction GET key ; DEL key ; GET key")
    ours.expect("answer " + urllib.parse.quote('["value" 1 nil]', safe=""))
    ours.tell("transaction NONE ; GET key")
    assert ours.next().startswith("refused EXECABORT")
    ours.ask("PING", "answer +PONG")


def any_bytes(ours, _redis):
    ours.ask("SET bytes %00%0d%0a%ff", "answer +OK")
    ours.ask("STRLEN bytes", "answer 4")
    ours.tell("command GET bytes")
    assert ours.next().lower() == "answer %22%00%0d%0a%ff%22"
    ours.ask("SETRANGE large 4999999 x", "answer 5000000")
    ours.ask("GET large", "answer 5000002 bytes")


def messages(ours, _redis):
    for way in ("subscribe a", "psubscribe b*", "ssubscribe c"):
        ours.tell(way)
        ours.expect("subscribed " + way.split()[1])
    ours.ask("PUBSUB NUMSUB a none", 'answer ["a" 1 "none" 0]')
    ours.ask("PUBSUB SHARDNUMSUB c", 'answer ["c" 1]')
    for command, message in (("PUBLISH a 1%0d%0a", "a a 1%0D%0A"), ("PUBLISH bc 2", "b* bc 2"),
                             ("SPUBLISH c 3", "c c 3")):
        ours.tell("command " + command)
        assert {ours.next(), ours.next()} == {"answer 1", "message " + message}, ours.said[-2:]
    ours.tell("unsubscribe a", "command PUBLISH a 4")
    ours.wait_for("answer ")
    ours.ask("PUBSUB NUMSUB a", 'answer ["a" 0]')


def many_commands_at_once(ours, _redis):
    count = 20_000
    ours.tell(*["command INCR counter"] * count)
    ours.expect(*[f"answer {i}" for i in range(1, count + 1)])


def a_connection_that_is_killed(ours, _redis):
    ours.tell("command CLIENT KILL TYPE pubsub")
    ours.wait_for("subscriber disconnected", "answer 1", "subscribed b*", "subscribed c",
                  "subscriber connected")
    ours.tell("command PUBLISH bc 5")
    ours.wait_for("message b* bc 5")


def a_restart(ours, redis):
    redis.stop()
    ours.wait_for("client disconnected", "subscriber disconnected")
    ours.tell("command SET kept 1", "subscribe late")
    redis.start()
    ours.wait_for("client connected", "answer +OK".replace("+", "%2B"), "subscribed b*",
                  "subscribed c", "subscribed late", "subscriber connected")
    ours.ask("GET kept", 'answer "1"')
    ours.ask("GET counter", "answer nil")
    for command, message in (("PUBLISH bd 6", "b* bd 6"), ("SPUBLISH c 7", "c c 7"),
                             ("PUBLISH late 8", "late late 8")):
        ours.tell("command " + command)
        ours.wait_for("message " + message)


def a_command_on_its_way_is_lost(ours, redis):
    ours.tell("command XREAD BLOCK 8000 STREAMS s 9-0")
    deadline = time.monotonic() + SECONDS
    while b"blocked_clients:1" not in info(redis) and time.monotonic() < deadline:
        time.sleep(0.05)
    redis.stop()
    ours.wait_for("lost ")
    redis.start()
    ours.wait_for("client connected")


def info(redis):
    with socket.create_connection(("127.0.0.1", redis.port)) as peer:
        peer.sendall(b"INFO clients\r\n")
        return peer.recv(65536)


def passwords(program, folder):
    redis = Redis(folder, "--requirepass", "sec/ret", "--user", *"bob on >pw ~* &* +@all".split())
    try:
        for user in ("", ":wrong@"):
            ours = Program(program, f"redis://{user}127.0.0.1:{redis.port}")
            line = urllib.parse.unquote(ours.next())
            assert "does not serve us: " + ("WRONGPASS" if user else "NOAUTH") in line, line
            ours.end()
        for user in (":sec%2Fret@", "bob:pw@"):
            ours = connected(program, f"redis://{user}127.0.0.1:{redis.port}/3")
            ours.ask("GET a", "answer nil")
            ours.end()
    finally:
        redis.stop()


def a_socket_of_the_unix_domain(program, folder):
    redis = Redis(folder)
    try:
        ours = connected(program, f"redis+unix:{redis.socket}:/2")
        ours.ask("SET a b", "answer +OK")
        ours.end()
    finally:
        redis.stop()


def check(name, test, *arguments):
    try:
        test(*arguments)
    except Exception as error:
        print(f"FAILED  Redis: {name}\n        {error!r}", flush=True)
        return False
    print(f"ok      Redis: {name}", flush=True)
    return True


def name_of(test):
    return test.__name__.replace("_", " ")


# In this order: a later one goes on where an earlier one ended.
STEPS = (commands_of_the_adapters, transactions, any_bytes, messages, many_commands_at_once,
         a_connection_that_is_killed, a_restart, a_command_on_its_way_is_lost)
ALONE = (passwords, a_socket_of_the_unix_domain)


def main(program):
    # A short path: that of a socket has 107 bytes at most.
    folder = tempfile.mkdtemp(prefix="redis-")
    redis = Redis(folder)
    results = []
    try:
        ours = connected(program, f"redis://127.0.0.1:{redis.port}")
        results += [check(name_of(test), test, ours, redis) for test in STEPS]
        results.append(check("the end", ours.end))
    finally:
        redis.stop()
    results += [check(name_of(test), test, program, folder) for test in ALONE]
    shutil.rmtree(folder)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
