#!/usr/bin/env python3
"""`duplex trace` on connections of others, and where it may not capture. Usage: run.py DUPLEX
[TEST...]

Each test says "ok", "FAILED" and why, or "not possible here" and why. Ends with 1 when a test
failed."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NOBODY = 65534
HANG_SECONDS = 30  # nothing takes so long; it is what a test that hangs costs
CAP_NET_RAW = 13
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
REFUSED = "packets could not be captured (AF_PACKET: Operation not permitted); root may"


class Impossible(Exception):
    """The machine does not allow it."""


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def eventually(condition, what):
    end = time.monotonic() + HANG_SECONDS
    while not condition():
        require(time.monotonic() < end, f"{what}: not within {HANG_SECONDS} s")
        time.sleep(0.02)


def may_capture():
    with open("/proc/self/status") as file:
        rights = next(line.split()[1] for line in file if line.startswith("CapEff:"))
    return int(rights, 16) >> CAP_NET_RAW & 1 == 1


def without_rights():
    """How to run a command as somebody who may not capture."""
    return [*AS_NOBODY, *WITHOUT_RIGHTS[1:]] if os.geteuid() == 0 else []


def sandboxed(preparation):
    """How to run a command as root of a user namespace that has lost its rights, after this."""
    prepared = f'{preparation} && exec {" ".join(WITHOUT_RIGHTS)} "$@"'
    wrapper = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", prepared, "sh"]
    wrapper = [*AS_NOBODY, *wrapper] if os.geteuid() == 0 else wrapper
    if subprocess.run([*wrapper, "true"], capture_output=True).returncode != 0:
        raise Impossible("no user namespace that can be prepared: " + preparation)
    return wrapper


@contextlib.contextmanager
def serving(duplex, *options):
    """The port of a `duplex serve`."""
    process = subprocess.Popen([duplex, "serve", "--port", "0", *options], stdout=subprocess.PIPE,
                               text=True)
    try:
        yield int(process.stdout.readline().rsplit(":", 1)[1])
    finally:
        process.terminate()
        process.wait(HANG_SECONDS)
        process.stdout.close()


class Talker:
    """A `duplex connect`, which says a line when it is told to."""

    def __init__(self, duplex, port, *options):
        command = [duplex, "connect", *options, f"ws://127.0.0.1:{port}/echo"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        require(self.process.wait(HANG_SECONDS) == 0, "connect failed")
        self.process.stdout.close()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        require(self.process.stdout.readline() == line + "\n", "no echo")


def captures(pid):
    """Whether a socket of the process gets packets of an interface."""
    with open("/proc/net/packet") as file:
        bound = {fields[8] for fields in map(str.split, file) if fields[4].strip("0").isdigit()}
    held = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            held.add(os.readlink(f"/proc/{pid}/fd/{name}"))
    return any(f"socket:[{inode}]" in held for inode in bound)


class Watcher:
    """A `duplex trace --port` that has begun to listen."""

    def __init__(self, duplex, port, *options):
        if not may_capture():
            raise Impossible("root may capture, and whoever has CAP_NET_RAW")
        command = [duplex, "trace", "--no-color", "--port", str(port), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        eventually(lambda: self.process.poll() is not None or captures(self.process.pid),
                   "capturing")
        if self.process.poll() is not None:
            raise AssertionError(self.process.stderr.read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def read_until(self, part):
        """The lines up to one in which that is, which must come while the connection is open."""
        lines = []
        while not lines or part not in lines[-1]:
            lines.append(self.process.stdout.readline())
            require(lines[-1], (part, lines))
        return lines

    def end(self, code=0):
        """The rest of what it says."""
        out, problems = self.process.communicate(timeout=HANG_SECONDS)
        require(self.process.returncode == code and problems == "",
                (self.process.returncode, problems, out[-500:]))
        return out


def trace(wrapper, duplex, *arguments, code=0):
    result = subprocess.run([*wrapper, duplex, "trace", *arguments], text=True,
                            capture_output=True, timeout=HANG_SECONDS)
    require(result.returncode == code, result)
    return result


def names_of(story, layer):
    """Who says what at that layer: "client SYN"."""
    return [f"{step['from']} {line['name']}" for step in story["steps"] for line in step["lines"]
            if line["layer"] == layer]


TALK = ["client GET", "server 101", "client TEXT", "server TEXT"]
GOODBYE = ["client CLOSE", "server CLOSE"]
SCRIPT = [*TALK, "client PING", "server PONG", *GOODBYE]


# --- Connections of others ------------------------------------------------------------------------
def a_port_is_told_from_syn_to_fin(duplex):
    """--port, as root: packets and frames of a connect to a serve, until both have said FIN."""
    with serving(duplex) as port, Watcher(duplex, port, "--format", "json") as watcher:
        with Talker(duplex, port) as talker:
            talker.say("hello")
        story = json.loads(watcher.end())
    packets = names_of(story, 4)
    require(packets[:3] == ["client SYN", "server SYN-ACK", "client ACK"], packets)
    require({"client FIN", "server FIN"} <= set(packets[-4:]), packets)
    require(names_of(story, 7) == TALK + GOODBYE, names_of(story, 7))
    require(story["captured"] and story["server"] == f"127.0.0.1:{port}", story)
    states = story["steps"][-1]["lines"][0]["states"]
    require("TIME-WAIT" in states and "CLOSED" in states, states)


def packets_are_told_as_they_come(duplex):
    """--port: each packet is told while the connection lives, and the end when it has ended."""
    with serving(duplex) as port, Watcher(duplex, port) as watcher:
        with Talker(duplex, port) as talker:
            require("SYN" in watcher.read_until("L7   C←S  101")[3], "it begins with SYN")
            talker.say("hello")
            watcher.read_until('C←S  TEXT  "hello"')
        rest = watcher.end()
    require("C←S  CLOSE  1000" in rest and "of messages" in rest, rest)


def the_second_connection_is_told_alone(duplex):
    """--connection 2 --port: nothing of the first one."""
    with serving(duplex) as port, Watcher(duplex, port, "--connection", "2") as watcher:
        for line in ("first", "second"):
            with Talker(duplex, port) as talker:
                talker.say(line)
        story = watcher.end()
    require('"second"' in story and '"first"' not in story, story)
    require("this is number 2" in story, story)


def what_is_watched_may_be_compressed(duplex):
    """--port -o FILE.pcapng: --from tells the same, inflated."""
    text = "again and " * 100
    with serving(duplex) as port, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "story.pcapng")
        with Watcher(duplex, port, "--format", "json", "--bytes", "2000", "-o", path) as watcher:
            with Talker(duplex, port, "--deflate") as talker:
                talker.say(text)
            story = json.loads(watcher.end())
        again = json.loads(trace([], duplex, "--format", "json", "--bytes", "2000", "--from",
                                 path).stdout)
    require(story["steps"] == again["steps"], "the file tells another story")
    require(any(text in line["what"] for step in again["steps"] for line in step["lines"]), again)


def sigint_ends_the_watching(duplex):
    """SIGINT: 130, and what has come so far is told; nothing when nothing has come."""
    with serving(duplex) as port:
        with Watcher(duplex, port) as watcher:
            watcher.process.send_signal(signal.SIGINT)
            require(watcher.end(130) == "", "of no packet")
        with Watcher(duplex, port) as watcher, Talker(duplex, port) as talker:
            talker.say("hello")
            watcher.read_until('C←S  TEXT  "hello"')
            watcher.process.send_signal(signal.SIGINT)
            require("on the wire" in watcher.end(130), "no sum")


def no_interface_of_that_name(duplex):
    """--interface: 2, and its name."""
    result = trace([], duplex, "--port", "9001", "--interface", "nosuch", code=2)
    require("--interface nosuch" in result.stderr and "No such device" in result.stderr, result)


def others_may_talk_to_the_same_port(duplex):
    """A URL, as root: told at once, though another client gets 200 events a second there."""
    if not may_capture():
        raise Impossible("root may capture, and whoever has CAP_NET_RAW")
    with serving(duplex, "--rate", "200/s") as port:
        command = [duplex, "connect", f"ws://127.0.0.1:{port}/feed/ws"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            require(other.stdout.readline(), "no event")
            story = json.loads(trace([], duplex, f"ws://127.0.0.1:{port}/echo", "--format",
                                     "json").stdout)
            other.kill()
    require(names_of(story, 7) == SCRIPT, names_of(story, 7))


# --- Without the right to capture -----------------------------------------------------------------
def a_port_is_refused_to_nobody(duplex):
    """--port without rights: 2 at once, and the right that is missing."""
    result = trace(without_rights(), duplex, "--port", "9001", code=2)
    require("Operation not permitted" in result.stderr and "CAP_NET_RAW" in result.stderr, result)
    require(result.stdout == "", result)


def a_url_is_told_from_its_socket(duplex):
    """A URL without rights: system calls, TCP_INFO and frames, and that packets cannot be seen."""
    with serving(duplex) as port:
        result = trace(without_rights(), duplex, f"ws://127.0.0.1:{port}/echo", "--format", "json")
    story = json.loads(result.stdout)
    calls = names_of(story, 4)
    require(calls[0] == "client CONNECTED" and calls[-1] == "client CLOSE", calls)
    require({"client SENT", "server RECEIVED", "client SHUTDOWN"} <= set(calls), calls)
    require("round trip" in story["steps"][0]["lines"][0]["what"], story["steps"][0])
    require(names_of(story, 7) == SCRIPT, names_of(story, 7))
    require(not story["captured"] and story["remarks"][0].startswith(REFUSED), story["remarks"])
    require("without a URL" in story["remarks"][0], "where packets can be seen")


def a_refused_connection_has_no_story(duplex):
    """Nobody listens there, without rights: 2, and why."""
    result = trace(without_rights(), duplex, "ws://127.0.0.1:1/", code=2)
    require("Connection refused" in result.stderr and result.stdout == "", result)


def no_packets_no_pcapng(duplex):
    """-o FILE.pcapng without rights: 1, and a sentence; all the rest is told."""
    with serving(duplex) as port, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        outputs = [os.path.join(folder, name) for name in ("story.pcapng", "story.json")]
        result = trace(without_rights(), duplex, f"ws://127.0.0.1:{port}/echo", "-o", outputs[0],
                       "-o", outputs[1], code=1)
        with open(outputs[1]) as file:
            require(names_of(json.load(file), 7) == SCRIPT, "the other file")
    require("no packets for a pcapng" in result.stderr and "CONNECTED" in result.stdout, result)


def nobody_has_a_network_of_their_own(duplex):
    """Without a URL and without rights: packets, where user namespaces are allowed."""
    if subprocess.run([*without_rights(), "unshare", "--user", "--net", "--map-root-user", "true"],
                      capture_output=True).returncode != 0:
        raise Impossible("no user namespaces for everyone")
    story = json.loads(trace(without_rights(), duplex, "--format", "json").stdout)
    require(story["captured"] and names_of(story, 4)[0] == "client SYN", story)
    require(names_of(story, 7) == SCRIPT, names_of(story, 7))


def told_from_its_socket(wrapper, duplex, why):
    """Of the server of its own, on the machine's loopback."""
    story = json.loads(trace(wrapper, duplex, "--format", "json").stdout)
    require(names_of(story, 4)[0] == "client CONNECTED" and not story["captured"], story)
    require(names_of(story, 7) == SCRIPT, names_of(story, 7))
    first, second = story["remarks"]
    require(first.startswith(REFUSED) and "without a URL" not in first, first)
    require(second.startswith(f"a network of its own was refused ({why}; it takes root"), second)


def without_namespaces_the_socket_is_told(duplex):
    """Neither capture nor user namespaces: system calls, and how to allow more."""
    told_from_its_socket(sandboxed("echo 0 > /proc/sys/user/max_user_namespaces"), duplex,
                         "No space left on device")


def half_a_network_is_left_alone(duplex):
    """User namespaces whose users cannot be mapped: the loopback of the machine is used."""
    told_from_its_socket(sandboxed("mount -t tmpfs none /proc"), duplex,
                         "No such file or directory")


TESTS = [a_port_is_told_from_syn_to_fin, packets_are_told_as_they_come,
         the_second_connection_is_told_alone, what_is_watched_may_be_compressed,
         sigint_ends_the_watching, no_interface_of_that_name,
         others_may_talk_to_the_same_port, a_port_is_refused_to_nobody,
         a_url_is_told_from_its_socket, a_refused_connection_has_no_story, no_packets_no_pcapng,
         nobody_has_a_network_of_their_own, without_namespaces_the_socket_is_told,
         half_a_network_is_left_alone]


def say_result(test, duplex):
    try:
        test(duplex)
    except Impossible as why:
        print(f"not possible here  {test.__name__}: {why}", flush=True)
        return "impossible"
    except (AssertionError, LookupError, OSError, ValueError, subprocess.SubprocessError) as why:
        print(f"FAILED  {test.__name__}: {test.__doc__}\n        {why!r}", flush=True)
        return "failed"
    print(f"ok      {test.__name__}: {test.__doc__}", flush=True)
    return "ok"


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        duplex = shutil.copy(sys.argv[1], folder)  # where nobody may read it, too
        results = [say_result(test, duplex) for test in TESTS
                   if not sys.argv[2:] or test.__name__ in sys.argv[2:]]
    print(f"{results.count('impossible')} not possible here")
    print(f"{results.count('ok')} passed, {results.count('failed')} failed")
    return 1 if "failed" in results or not results else 0


sys.exit(main())
