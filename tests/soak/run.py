#!/usr/bin/env python3
"""Load and soak tests on real sockets. Usage: run.py DUPLEX [NAME...]

Each test starts its own servers, loads them with `duplex load`, and says what was seen beside what
is demanded. Without names it runs all that take minutes; hold-100k and soak-hour only by name.
SOAK_SCALE=0.1 shortens every duration. Ends with 1 when a demand was not met."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import traceback

from peers import SlowReaders, half_openings, hostile_peer, hostile_rows
from server import KIB, PAGE, MemoryWatch, Server


def read_scale():
    text = os.environ.get("SOAK_SCALE", "1")
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 0 < scale < float("inf"):
        sys.exit(f"SOAK_SCALE: '{text}' is not a number above 0, such as 0.1")
    return scale


SCALE = read_scale()


def lasting(seconds, least):
    """Seconds before they are scaled: afterwards they are not below `least`."""
    return max(seconds, least / SCALE)


class Test:
    """What one test found: lines for people, and whether every demand was met."""

    def __init__(self, duplex, name):
        self.duplex = duplex
        self.name = name
        self.good = True
        self.loads = []

    def say(self, text):
        print(f"  {text}", flush=True)

    def demand(self, met, text):
        self.good = self.good and bool(met)
        self.say(("ok      " if met else "MISSED  ") + text)

    def start_load(self, server, seconds, *arguments, path="/echo", host="127.0.0.1"):
        url = f"ws://{host}:{server.port}{path}"
        command = [self.duplex, "load", "--format", "json", "--duration",
                   f"{max(1.0, seconds * SCALE):.1f}s", "--server-pid", str(server.pid)]
        command += [*arguments, url]
        self.loads.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return self.loads[-1]

    def load(self, server, seconds, *arguments, **where):
        return self.result(self.start_load(server, seconds, *arguments, **where))

    def result(self, process):
        text = process.communicate()[0]
        if not text:
            raise AssertionError(f"duplex load ended with {process.returncode} and without a word")
        return json.loads(text)

    def run(self, function):
        """A test that breaks off has failed; the next one runs, and nothing of it stays behind."""
        try:
            function(self)
        except Exception:
            self.demand(False, "the test itself: " + traceback.format_exc())
        finally:
            for load in self.loads:
                load.kill()
                load.wait()
            for server in list(Server.running):
                server.kill()

    def demand_faultless(self, result):
        faults = {name: result[name] for name in
                  ("failed", "dropped", "missing", "lost", "corrupt", "misplaced", "unrecovered",
                   "silent")
                  if result[name]}
        self.demand(not faults, f"{result['opened']} connections, {result['sent']} messages sent, "
                                f"faults: {faults or 'none'}")

    def demand_quick(self, result, limit_ms):
        p99 = (result["latency"]["p99_ns"] or result["latency"]["max_ns"]) / 1e6
        # The clients share the machine: what they sent late is no fault of the server.
        late = (result["late"]["p99_ns"] or result["late"]["max_ns"]) / 1e6
        self.demand(p99 < limit_ms, f"p99 {p99:.2f} ms, demanded below {limit_ms} ms; that of the "
                                    f"clients' own delay in sending was {late:.2f} ms")


# The feed keeps its newest events for those who come late: 4,096 of them, at four a second, are
# 17 minutes of growth that have nothing to do with the load.
FULL_HISTORY = ("--history", "1")


# --- The tests -----------------------------------------------------------------------------------

def hold_10k(test):
    """L01: 10,000 idle connections."""
    server = Server(test.duplex)
    result = test.load(server, 60, "-c", "10000", "--hold", "--connect-rate", "8000")
    test.demand_faultless(result)
    memory, share = result["server_bytes_per_connection"], result["server_cpu_share"]
    test.demand(memory <= 1.5 * KIB, f"{memory:.0f} B of server memory each, demanded 1536 B")
    test.demand(share < 0.15, f"{share:.1%} of a core while idle, demanded below 15 %")
    server.stop()


def hold_100k(test):
    """L02: 100,000 connections over several processes, in a network namespace of its own."""
    if os.environ.get("SOAK_IN_NAMESPACE") != "1":
        command = ["unshare", "--net", sys.executable, __file__, test.duplex, test.name]
        inside = {**os.environ, "SOAK_IN_NAMESPACE": "1"}
        code = subprocess.run(command, env=inside).returncode
        test.demand(code == 0, "in a network namespace of its own (unshare --net, by root)")
        return
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in (("net.ipv4.ip_local_port_range", "1024 65535"),
                        ("net.core.somaxconn", "4096"), ("net.ipv4.tcp_max_syn_backlog", "8192")):
        with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
            file.write(value)
    server = Server(test.duplex, processes=7, host="0.0.0.0")
    before = server.resident()
    load = test.start_load(server, lasting(60, 40), "-c", "100000", "--processes", "6", "--spread",
                           "--hold", "--connect-rate", "12000")
    time.sleep(max(20, 30 * SCALE))
    memory = (server.resident() - before) / 100_000
    result = test.result(load)
    test.demand_faultless(result)
    rate = result["opened"] / (result["ramp_ns"] / 1e9)
    test.demand(rate >= 8000, f"{rate:.0f} openings per second, demanded 8000")
    test.demand(memory <= 1.5 * KIB, f"{memory:.0f} B of server memory each, demanded 1536 B")
    server.stop()


def echo(test):
    """L03: 20,000 messages per second over 10,000 connections, some of them 64 KiB."""
    server = Server(test.duplex)
    large = test.start_load(server, 100, "-c", "100", "--rate", "200/s", "--size", "64KiB")
    small = test.load(server, 100, "-c", "9900", "--rate", "19800/s")
    test.demand_faultless(small)
    test.demand_faultless(test.result(large))
    test.demand_quick(small, 20)
    test.say(f"server CPU {small['server_cpu_share']:.0%} of a core")
    server.stop()


def broadcast(test):
    """L04: 100 events per second to 10,000 subscribers."""
    server = Server(test.duplex, arguments=("--rate", "100/s"))
    before = server.resident()
    result = test.load(server, 60, "-c", "10000", "--feed", path="/feed/ws")
    test.demand_faultless(result)
    test.say(f"p99 {result['latency']['p99_ns'] / 1e6:.0f} ms, {result['received']} events, "
             f"{(server.resident() - before) / 10_000:.0f} B for each subscriber")
    server.stop()


def slow_readers(test):
    """L05: 500 peers that never read and 500 that read 1 KiB a second, beside 9,000 others."""
    server = Server(test.duplex, arguments=("--max-message", "1MiB"))
    honest = ("-c", "9000", "--rate", "4k/s", "--size", "1KiB")
    alone = test.load(server, 20, *honest)
    before = server.resident()
    with SlowReaders(server.port, 1000) as slow, MemoryWatch(server) as memory:
        slow.wait_until_stuck()
        beside = test.load(server, 40, *honest)
    test.demand_faultless(beside)
    p99 = [result["latency"]["p99_ns"] / 1e6 for result in (alone, beside)]
    test.demand(p99[1] <= 1.2 * p99[0] + 5,
                f"p99 {p99[1]:.2f} ms, demanded at most 1.2 times that alone, {p99[0]:.2f} ms, "
                "and 5 ms")
    # What waits for each: above the high-water mark of 64 KiB the server reads no more from it,
    # what it has read waits too, and as much again may be lost between those that go and those
    # that come. The others need some as well.
    grown, allowed = memory.peak() - before, (1000 * 192 + 9000 * 4) * KIB
    test.demand(grown < allowed, f"memory grew by {grown / KIB / KIB:.1f} MiB at most, "
                                 f"demanded below {allowed / KIB / KIB:.0f} MiB")
    # After 20 s the server gives up a peer that takes nothing (TCP_USER_TIMEOUT).
    stuck = statistics.median(slow.stuck)
    test.demand(stuck > 800, f"{stuck:.0f} of 1,000 were stuck in the median second, demanded more "
                             f"than 800; {slow.given_up} were given up, and others came")
    server.stop()


def reconnect_storm(test):
    """L06: all are reset at once, and come back."""
    server = Server(test.duplex)
    result = test.load(server, 100, "-c", "10000", "--storms", "20", "--rate", "2k/s")
    test.demand_faultless(result)
    recovery = result["recovery_ns"] / 1e9
    test.demand(result["open_at_end"] == 10000 and recovery < 10,
                f"20 times all back within {recovery:.2f} s, demanded 10 s")
    time.sleep(1)
    test.demand(server.descriptors() < 20, f"{server.descriptors()} descriptors afterwards")
    server.stop()


def churn(test):
    """L07: open, echo, close, 2,000 a second."""
    server = Server(test.duplex, arguments=FULL_HISTORY)
    arguments = ("-c", "200", "--connect-rate", "2k/s", "--visit", "1")
    test.load(server, 20, *arguments)  # until the buffers are as large as such visits make them
    with MemoryWatch(server) as memory:
        result = test.load(server, 120, *arguments)
    grown = memory.growth()
    # Memory comes in pages, and a chance peak of visitors may still take a few of them.
    allowed = max(result["opened"] / 10_000 * KIB, 4 * PAGE)
    test.demand_faultless(result)
    test.demand(grown < allowed, f"{grown / KIB:.1f} KiB more after {result['opened']} visits, "
                                 f"demanded below {allowed / KIB:.1f} KiB")
    server.stop()


def opening_flood(test):
    """L08: half openings that are never finished, beside honest clients."""
    server = Server(test.duplex)
    stop = threading.Event()
    flood = threading.Thread(target=half_openings, args=(server.port, stop))
    flood.start()
    result = test.load(server, 30, "-c", "500", "--rate", "1k/s")
    stop.set()
    flood.join()
    test.demand_faultless(result)
    test.demand_quick(result, 100)
    time.sleep(11)
    test.demand(server.descriptors() < 20, f"{server.descriptors()} descriptors 11 s later")
    server.stop()


def descriptor_exhaustion(test):
    """L09: more clients than the server has descriptors."""
    server = Server(test.duplex, descriptors=2000)
    cpu, start = server.cpu(), time.monotonic()
    crowd = test.start_load(server, lasting(60, 10), "-c", "5000", "--hold")
    time.sleep(max(2, 10 * SCALE))
    share = (server.cpu() - cpu) / (time.monotonic() - start)
    test.demand(share < 0.5, f"{share:.0%} of a core with no descriptor left, demanded below 50 %")
    test.demand(server.descriptors() >= 1900, f"{server.descriptors()} descriptors in use")
    crowd.terminate()
    crowd.communicate()
    time.sleep(1)
    test.demand_faultless(test.load(server, 5, "-c", "500"))
    server.stop()


def hostile_mix(test):
    """L10: broken requests and frames from 200 peers beside 1,000 honest ones."""
    server = Server(test.duplex)
    rows = hostile_rows()
    stop = threading.Event()
    peers = [threading.Thread(target=hostile_peer, args=(server.port, rows, seed, stop))
             for seed in range(200)]
    for peer in peers:
        peer.start()
    result = test.load(server, 60, "-c", "1000", "--rate", "2k/s")
    stop.set()
    for peer in peers:
        peer.join()
    test.demand_faultless(result)
    test.say(f"p99 {result['latency']['p99_ns'] / 1e6:.2f} ms beside them")
    time.sleep(12)
    test.demand(server.descriptors() < 20, f"{server.descriptors()} descriptors 12 s later")
    test.demand(server.stop() == [0], "the server ended as it should")


def drain(test):
    """L12: SIGTERM under load."""
    server = Server(test.duplex)
    load = test.start_load(server, lasting(60, 10), "-c", "10000", "--rate", "20k/s")
    time.sleep(max(2, 5 * SCALE))
    start = time.monotonic()
    codes = server.stop()
    took = time.monotonic() - start
    result = test.result(load)
    test.demand(codes == [0], f"exit codes {codes}")
    test.demand(took < 10, f"drained in {took:.2f} s")
    test.demand(result["dropped"] == 10_000 and result["corrupt"] + result["misplaced"] == 0,
                f"{result['dropped']} of 10,000 were told to go, nothing corrupt or out of order")


def soak_hour(test):
    """L14: echo, slow readers and churn together for an hour."""
    server = Server(test.duplex, arguments=FULL_HISTORY)
    hour = 3600
    loads = [test.start_load(server, hour, "-c", "5000", "--rate", "5k/s"),
             test.start_load(server, hour, "-c", "100", "--stalled", "50", "--size", "16KiB"),
             test.start_load(server, hour, "-c", "100", "--connect-rate", "500", "--visit", "1")]
    sizes = []
    while loads[0].poll() is None:
        time.sleep(max(1, 5 * SCALE))
        sizes.append(server.resident())
    results = [test.result(load) for load in loads]
    for result in (results[0], results[2]):
        test.demand_faultless(result)
    sizes = sizes[:-2]  # the last may be of the end
    third = len(sizes) // 3
    middle, last = (sum(part) / len(part) for part in (sizes[third:2 * third], sizes[2 * third:]))
    test.demand(last <= middle * 1.01, f"memory {middle / KIB / KIB:.2f} MiB in the middle third, "
                                       f"{last / KIB / KIB:.2f} MiB in the last")
    server.stop()


IN_MINUTES = {"hold-10k": hold_10k, "echo": echo, "broadcast": broadcast,
              "slow-readers": slow_readers, "reconnect-storm": reconnect_storm, "churn": churn,
              "opening-flood": opening_flood, "descriptor-exhaustion": descriptor_exhaustion,
              "hostile-mix": hostile_mix, "drain": drain}
BY_NAME = {"hold-100k": hold_100k, "soak-hour": soak_hour}


def main():
    duplex, names = sys.argv[1], sys.argv[2:] or list(IN_MINUTES)
    unknown = [name for name in names if name not in {**IN_MINUTES, **BY_NAME}]
    if unknown:
        print(f"no such test: {unknown[0]}; there are {', '.join({**IN_MINUTES, **BY_NAME})}")
        return 2
    passed = failed = 0
    for name in names:
        function = {**IN_MINUTES, **BY_NAME}[name]
        print(f"{name}: {function.__doc__}", flush=True)
        test = Test(duplex, name)
        test.run(function)
        passed, failed = passed + test.good, failed + (not test.good)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
