"""Tests of clients that are slow, too many, broken, or have no time left."""

import math
import time

from crowds import wait_for_all
from drain import LateReaders, RequestUnderWay, is_refused
from flood import FloodProcesses, judge
from hostile import HostilePeers
from peers import SlowReaders
from scenario import SCALE, lasting, p99_ms
from server import KIB, MemoryWatch


def slow_readers(test):
    """L05: 500 peers that never read and 500 that read 1 KiB a second, beside 9,000 others."""
    server = test.server("--max-message", "1MiB")
    honest = ("-c", "9000", "--rate", "4k/s", "--size", "1KiB")
    alone = test.load(server, 40, *honest)
    before = server.resident()
    with SlowReaders(server, 1000) as slow, MemoryWatch(server) as memory:
        slow.wait_until_stuck()
        beside = test.load(server, 110, *honest)
    test.demand_faultless(beside)
    # With the slow readers there are three busy processes on two processors: each may have to wait
    # until the scheduler ends the slice of another, which is 3 ms.
    p99 = [p99_ms(result["latency"]) for result in (alone, beside)]
    test.demand(p99[1] <= 1.2 * p99[0] + 3,
                f"p99 {p99[1]:.2f} ms, demanded at most 1.2 times that alone, {p99[0]:.2f} ms, "
                "and 3 ms")
    # What waits for each: above the high-water mark of 64 KiB the server reads no more from it,
    # what it has read waits too, and as much again may be lost between those that go and those
    # that come. The others need some as well.
    grown, allowed = memory.peak() - before, (1000 * 192 + 9000 * 4) * KIB
    test.demand(grown < allowed, f"memory grew by {grown / KIB / KIB:.1f} MiB at most, "
                                 f"demanded below {allowed / KIB / KIB:.0f} MiB")
    slow.demand_stuck(test)
    test.demand_empty(server)
    test.stop(server)


def reconnect_storm(test):
    """L06: all are reset and come back, within 2.5 s by turns and then at once, 20 times each."""
    storms(test, "spread over 2.5 s", "--connect-rate", "4k/s")
    storms(test, "at once")


STORM_GAP = 6       # seconds
PING_INTERVAL = 25  # seconds: no timer of a WebSocket that is read from waits for longer


def storms(test, manner, *arguments):
    count = math.ceil(20 * SCALE)
    server = test.server("--rate", "0.01/s")  # a feed that wakes nobody
    result = test.load(server, STORM_GAP * (count + 1) / SCALE, "-c", "10000", "--rate", "2k/s",
                       "--storms", str(count), *arguments)
    test.demand_faultless(result)
    recovery = result["recovery_ns"] / 1e9
    test.demand(result["open_at_end"] == 10_000 and recovery < STORM_GAP,
                f"{manner}: {count} times all back within {recovery:.2f} s, demanded {STORM_GAP} s")
    refused = server.metrics()["refused_total"]
    test.demand(refused == 0, f"{refused:.0f} were refused")
    test.demand_empty(server)
    before = server.wake_ups()
    time.sleep(PING_INTERVAL + 1)
    woken = server.wake_ups() - before
    test.demand(woken <= 3, f"woken {woken} times in {PING_INTERVAL + 1} s, demanded 3 at most: no "
                            "timer is left of those that have gone")
    test.stop(server)


HEAD_TIMEOUT = 10  # seconds, that of the server
FLOOD_RATE = 5000  # a second


def opening_flood(test):
    """L08: half openings that are never finished, beside honest clients."""
    # 50,000 of them are there at once; a process has 20,000 descriptors.
    server = test.server(processes=4)
    # An honest client may wait for 100 ms; these wait to be accepted before their time begins, and
    # to be seen when it is over.
    slack = 1
    seconds = lasting(100, 10) * SCALE
    flood = test.keep(FloodProcesses(server.port, FLOOD_RATE, seconds, HEAD_TIMEOUT + slack + 2))
    result = test.load(server, lasting(100, 10), "-c", "500", "--rate", "1k/s")
    test.demand_faultless(result)
    test.demand_quick(result, 100)
    judge(test, flood.result(), 0.9 * FLOOD_RATE, HEAD_TIMEOUT, slack)
    test.demand_empty(server)
    test.stop(server)


def descriptor_exhaustion(test):
    """L09: more clients than the server has descriptors."""
    server = test.server(descriptors=2000)
    cpu, start = server.cpu(), time.monotonic()
    result = test.load(server, lasting(40, 10), "-c", "5000", "--hold")
    share = (server.cpu() - cpu) / (time.monotonic() - start)
    test.demand(share < 0.5, f"{share:.0%} of a core with no descriptor left, demanded below 50 %")
    served, refused = result["opened"], result["failed"]
    test.demand(served >= 1900 and served + refused == 5000 and result["dropped"] == 0,
                f"{served} of 5,000 were served, demanded 1,900, {refused} refused, "
                f"{result['dropped']} dropped")
    test.demand_empty(server)
    test.demand_faultless(test.load(server, 5, "-c", "1900"))
    test.demand_empty(server)
    test.stop(server)


def hostile_mix(test):
    """L10: broken requests and frames from 200 peers beside 1,000 honest ones."""
    server = test.server()
    if not test.other_server:
        test.say("note    no sanitizer watches: SOAK_SERVER=build/asan/bin/duplex, of `make asan`")
    with HostilePeers(server.port, 200) as peers:
        result = test.load(server, lasting(280, 20), "-c", "1000", "--rate", "2k/s")
    test.demand_faultless(result)
    test.demand_quick(result, 100)
    missing = sorted({row.name for row in peers.rows} - peers.replayed)
    test.demand(not missing, f"{peers.count} replays of {len(peers.rows)} rows, "
                             f"never to their end: {' '.join(missing) or 'none'}")
    test.demand_empty(server, within=12)
    test.stop(server)


def drain(test):
    """L12: SIGTERM, with echoes that nobody has read yet, and under load."""
    drain_what_is_owed(test)
    server = test.server()
    load = test.start_load(server, lasting(60, 30), "-c", "10000", "--rate", "20k/s")
    wait_for_all(server, 10_000)
    time.sleep(max(2, 10 * SCALE))
    start = time.monotonic()
    test.stop(server)
    took = time.monotonic() - start
    test.demand(took < 10, f"drained in {took:.2f} s")
    time.sleep(0.5)
    load.terminate()
    result = test.result(load)
    codes = {drop["code"]: drop["count"] for drop in result["drops"]}
    test.demand(codes == {1001: 10_000}, f"closed with {codes}, demanded 1001 for each of 10,000")
    # Numbers without a gap: whatever was echoed, everything before it was, too.
    test.demand(result["corrupt"] + result["misplaced"] + result["lost"] == 0,
                f"{result['received']} of {result['sent']} messages were echoed, none before the "
                f"last echo of its connection is missing, {result['abandoned']} came too late")


def drain_what_is_owed(test):
    server = test.server()
    late = LateReaders(test, server, count=20)
    request = RequestUnderWay(server.port)
    time.sleep(0.5)
    server.terminate()
    test.demand(is_refused(server.port) and server.is_running(),
                "whoever comes while it drains is refused at once")
    test.demand(request.is_answered(), "a request under way was answered, with Connection: close")
    late.read(test)
    test.demand_end(server)
