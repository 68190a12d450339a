#!/usr/bin/env python3
"""`duplex wire` over real namespaces. Usage: run.py DUPLEX [TEST...]

Each test says "ok", "FAILED" and why, or "not possible here" and why. Counts are asserted, times
only told. Ends with 1 when a test failed."""

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
PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer.py")


class Impossible(Exception):
    """The machine does not allow it."""


def require(condition, what):
    if not condition:
        raise AssertionError(what)


class Link:
    """Runs `duplex wire` with peers on both sides, and reads what the link did."""

    def __init__(self, duplex, engine="auto", user=None):
        self.duplex, self.engine, self.user = duplex, engine, user

    def command(self, link, *arguments):
        return [self.duplex, "wire", *link.split(), "--engine", self.engine, *arguments]

    def run(self, link, *arguments, timeout=60):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            path = os.path.join(folder, "link.json")
            result = subprocess.run(self.command(link, "-o", path, *arguments), text=True,
                                    capture_output=True, timeout=timeout, user=self.user)
            if "Operation not permitted" in result.stderr or "/dev/net/tun" in result.stderr:
                raise Impossible(result.stderr.strip())
            counters = {}
            with contextlib.suppress(OSError, ValueError), open(path) as file:
                counters = json.load(file)
        return result, counters

    def talk(self, link, what, *words):
        """A peer on each side; what the client's printed, as JSON, and the counters."""
        server = f"exec python3 -B {PEER} {what}-server {{server}} {{port}}"
        client = f"exec python3 -B {PEER} {what}-client {{server}} {{port}} {' '.join(words)}"
        result, counters = self.run(link, "--port", "7000", "--server-exec", server, "--exec",
                                    client)
        require(result.returncode == 0, result)
        return json.loads(result.stdout), counters


def conserved(counters):
    """Every packet went in, and out or away, exactly once."""
    for name in ("up", "down"):
        side = counters[name]
        away = sum(side["dropped"].values())
        require(side["packets_in"] + side["doubled"] ==
                side["packets_out"] + away + side["on_the_way"], (name, side))


def every_datagram_is_counted(link):
    """500 datagrams each way: as many as are sent go in, come out and are received."""
    got, counters = link.talk("lan", "udp", "500")
    require(got["echoed"] == 500, got)
    require(counters["up"]["packets_in"] == counters["up"]["packets_out"], counters)
    require(counters["up"]["packets_in"] >= 500, counters)
    conserved(counters)


def the_seed_decides_what_is_lost(link):
    """2,000 datagrams over 5 % loss, twice: the same ones are lost, a twentieth of them."""
    first, counters = link.talk("lan --loss 5% --seed 3", "udp", "2000")
    second, _ = link.talk("lan --loss 5% --seed 3", "udp", "2000")
    other, _ = link.talk("lan --loss 5% --seed 4", "udp", "2000")
    require(first["numbers"] == second["numbers"], "the same seed, other losses")
    require(first["numbers"] != other["numbers"], "another seed, the same losses")
    lost = counters["up"]["dropped"]["lost"]
    require(50 <= lost <= 150, f"{lost} of 2000 lost")
    conserved(counters)


def packets_are_doubled(link):
    """Each of 100 datagrams arrives twice, and each echo of them."""
    got, counters = link.talk("lan --duplicate 100%", "udp", "100")
    require(got["received"] == 400, got["received"])
    require(counters["up"]["doubled"] >= 100, counters)
    conserved(counters)


def a_full_queue_drops(link):
    """A burst of 100 datagrams of 1 kB into 8 kB of queue: some are dropped, the rest arrives."""
    got, counters = link.talk("loopback --rate 1mbit --queue 8KiB", "burst", "100")
    dropped = counters["up"]["dropped"]["queue_full"]
    require(dropped > 50, counters)
    require(got["received"] == 100 - dropped, (got, counters))
    conserved(counters)


def nothing_passes_an_outage(link):
    """The first second is an outage: TCP's SYN is dropped, and sent again."""
    got, counters = link.talk("lan --outage 1s@0", "tcp", "1000")
    require(counters["up"]["dropped"]["outage"] > 0, counters)
    require(got["bytes"] == 1000, got)
    conserved(counters)


def tcp_carries_all_through_losses(link):
    """1 MB over a bad line, 2 % lost, packets held back and doubled: every byte arrives."""
    got, counters = link.talk("lan --loss 2% --reorder 1% --duplicate 1%", "tcp", "1000000")
    require(got["bytes"] == 1_000_000, got)
    require(counters["up"]["dropped"]["lost"] > 0, counters)
    conserved(counters)


def packets_are_no_longer_than_the_mtu(link):
    """1 MB in packets of the MTU: no offload makes them longer."""
    _, counters = link.talk("lan --mtu 1000", "tcp", "1000000")
    require(counters["up"]["packets_in"] >= 1_000_000 / 960, counters)


def delay_is_told(link):
    """The round trip over 2 x 20 ms (not asserted: a busy machine is late)."""
    got, _ = link.talk("delay=20ms", "rtt", "20")
    print(f"        round trip: least {got['least']:.2f} ms, median {got['median']:.2f} ms")
    require(got["least"] >= 40, got)  # never early


def the_self_test_finds_the_losses(link):
    """--self-test: exactly the probes are lost that the model loses (its times are told)."""
    result = subprocess.run(link.command("mobile", "--self-test", "--format", "json"), text=True,
                            capture_output=True, timeout=60, user=link.user)
    require(result.returncode in (0, 5), result)
    found = json.loads(result.stdout)["self_test"]
    require(found["lost_asked"] == found["lost_measured"] > 0, found)
    print(f"        error of a round trip: median {1000 * found['error_p50']:.2f} ms, "
          f"95 % {1000 * found['error_p95']:.2f} ms")


def exit_codes_pass(link):
    """The command's exit code, and 128 and the signal it died of."""
    require(link.run("lan", "--exec", "exit 37")[0].returncode == 37, "37")
    require(link.run("lan", "--exec", "kill -9 $$")[0].returncode == 137, "137")
    require(link.run("lan", "--exec", "no-such-program")[0].returncode == 127, "127")


def a_server_that_ends_is_told(link):
    """The server's command fails before it listens: 2, and a sentence."""
    result, _ = link.run("lan", "--server-exec", "exit 3", "--exec", "true")
    require(result.returncode == 2 and "has ended with 3" in result.stderr, result)


def a_bench_runs_over_it(link):
    """bench --wire: every event arrives, and a handshake is predicted to take a round trip."""
    command = [link.duplex, "bench", "--wire", "delay=10ms", "--arms", "ws,sp,sp-new", "-d", "4s",
               "--rounds", "1", "--format", "json", "--no-progress"]
    result = subprocess.run(command, text=True, capture_output=True, timeout=60, user=link.user)
    require(result.returncode == 0 and "relay" not in result.stderr, result)
    run = json.loads(result.stdout)
    arms = {arm["name"]: arm for arm in run["arms"]}
    require(all(arm["missing"] == 0 and arm["deliveries"] > 0 for arm in arms.values()), arms)
    longer = arms["sp-new"]["predicted"]["mean"] - arms["sp"]["predicted"]["mean"]
    require(abs(longer - 0.01) < 1e-6, longer)  # 3/2 round trips instead of one


def without_namespaces_a_relay_says_so(link):
    """No more network namespaces: a sentence with what is missing; with --port a relay."""
    forbid = "echo 0 > /proc/sys/user/max_net_namespaces && exec \"$@\""
    wrapper = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"]
    if subprocess.run([*wrapper, "true"], capture_output=True, user=link.user).returncode != 0:
        raise Impossible("no user namespace whose limits can be set")
    result = subprocess.run([*wrapper, *link.command("lan", "--exec", "true")], text=True,
                            capture_output=True, timeout=60, user=link.user)
    require(result.returncode == 2 and "no network namespace" in result.stderr, result)
    server = f"exec python3 -B {PEER} tcp-server {{server}} {{port}}"
    client = f"exec python3 -B {PEER} tcp-client {{server}} {{port}} 1000"
    result = subprocess.run([*wrapper, *link.command("lan", "--port", "7007", "--server-exec",
                                                     server, "--exec", client)], text=True,
                            capture_output=True, timeout=60, user=link.user)
    require(result.returncode == 0 and "stay local" in result.stderr, result)
    require(json.loads(result.stdout)["bytes"] == 1000, result)


def mark_processes():
    """A variable of the environment by which what we started is found."""
    return f"duplex-wire-test-{os.getpid()}-{time.monotonic_ns()}"


def marked(mark):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            if mark.encode() in file.read():
                found.append(int(pid))
    return found


def gone(mark, seconds=10):
    end = time.monotonic() + seconds
    while marked(mark):
        require(time.monotonic() < end, f"left behind: {marked(mark)}")
        time.sleep(0.05)


def start_marked(link, mark, client):
    process = subprocess.Popen(
        link.command("lan", "--server-exec",
                     f"python3 -B {PEER} tcp-server {{server}} {{port}} & wait", "--port", "7000",
                     "--exec", f"echo started; {client}"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, user=link.user,
        env={**os.environ, "DUPLEX_WIRE_MARK": mark})
    line = process.stdout.readline()
    if line != "started\n":
        process.wait()
        raise Impossible("did not start")
    return process


def is_sleeping(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().startswith(b"sleep\0")
    return False


def wait_for_sleepers(mark, count, seconds=10):
    """A shell that is about to begin a program can lose a signal between fork and exec."""
    end = time.monotonic() + seconds
    while sum(map(is_sleeping, marked(mark))) < count:
        require(time.monotonic() < end, "the command did not begin its programs")
        time.sleep(0.01)


def nothing_is_left_after(stop, expected, link):
    mark = mark_processes()
    process = start_marked(link, mark, "setsid sleep 300 & sleep 300")
    try:
        wait_for_sleepers(mark, 2)
        stop(process)
        code = process.wait(timeout=20)
        gone(mark)
    finally:
        process.stdout.close()
        for pid in marked(mark):
            os.kill(pid, signal.SIGKILL)
    require(code in expected, f"exit code {code}")


def sigint_ends_all(link):
    """SIGINT goes on to the command; nothing of it or of the server is left."""
    nothing_is_left_after(lambda process: process.send_signal(signal.SIGINT), {130}, link)


def a_killed_command_leaves_nothing(link):
    """kill -9 of what --exec runs: 137, the server and the orphans end, too."""
    def kill_client(process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            os.kill(int(file.read().split()[-1]), signal.SIGKILL)
    nothing_is_left_after(kill_client, {137}, link)


def a_dead_emulator_is_told(link):
    """kill -9 of the emulator: 2, and nothing is left."""
    def kill_emulator(process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            os.kill(int(file.read().split()[0]), signal.SIGKILL)
    nothing_is_left_after(kill_emulator, {2}, link)


def cases(duplex):
    """Every test with each engine, and as nobody; some do not ask for an engine."""
    for engine in ("tun", "veth"):
        yield from ((engine, test, Link(duplex, engine)) for test in TESTS)
    yield from (("automatic", test, Link(duplex)) for test in AUTOMATIC)
    if os.geteuid() == 0:
        yield from (("nobody", test, Link(duplex, user=NOBODY)) for test in TESTS + AUTOMATIC)


TESTS = [every_datagram_is_counted, the_seed_decides_what_is_lost, packets_are_doubled,
         a_full_queue_drops, nothing_passes_an_outage, tcp_carries_all_through_losses,
         packets_are_no_longer_than_the_mtu, delay_is_told,
         the_self_test_finds_the_losses, exit_codes_pass,
         a_server_that_ends_is_told, sigint_ends_all, a_killed_command_leaves_nothing,
         a_dead_emulator_is_told]
AUTOMATIC = [a_bench_runs_over_it, without_namespaces_a_relay_says_so]


def say_result(name, test, link):
    try:
        test(link)
    except Impossible as why:
        print(f"not possible here  {name} {test.__name__}: {why}", flush=True)
        return "impossible"
    except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as why:
        print(f"FAILED  {name} {test.__name__}: {test.__doc__}\n        {why!r}", flush=True)
        return "failed"
    print(f"ok      {name} {test.__name__}: {test.__doc__}", flush=True)
    return "ok"


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        duplex = shutil.copy(sys.argv[1], folder)  # where nobody may read it, too
        results = [say_result(name, test, link) for name, test, link in cases(duplex)
                   if not sys.argv[2:] or test.__name__ in sys.argv[2:]]
    print(f"{results.count('impossible')} not possible here")
    print(f"{results.count('ok')} passed, {results.count('failed')} failed")
    return 1 if "failed" in results or not results else 0


sys.exit(main())
