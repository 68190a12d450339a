"""Tests of many honest clients: they stay, speak, listen, come and go."""

import os
import subprocess
import sys
import time

from peers import LateReader, SlowReaders
from scenario import SCALE, lasting, p99_ms
from server import KIB, PAGE, MemoryWatch
from switch import change_transports

MIB = KIB * KIB
PING_INTERVAL = 5  # seconds
PONG = 6           # bytes: a masked frame without payload

# The feed keeps its newest events for those who come late: 4,096 of them, at four a second, are
# 17 minutes of growth that have nothing to do with the load.
FULL_HISTORY = ("--history", "1")


def hold_10k(test):
    """L01: 10,000 idle connections, which are pinged every 5 seconds."""
    server = test.server("--ping-interval", f"{PING_INTERVAL}s")
    seconds = lasting(60, 30)
    load = test.start_load(server, seconds, "-c", "10000", "--hold", "--connect-rate", "8000")
    wait_for_all(server, 10_000)
    listened = seconds * SCALE - 2
    before = server.metrics()["bytes_received_total"]
    time.sleep(listened)
    answered = (server.metrics()["bytes_received_total"] - before) / PONG / 10_000
    result = test.result(load)
    test.demand_faultless(result)
    due = listened // PING_INTERVAL
    test.demand(answered >= due, f"{answered:.2f} pings each were answered, demanded {due:.0f}: "
                                 f"one every {PING_INTERVAL} s")
    memory, share = result["server_bytes_per_connection"], result["server_cpu_share"]
    test.demand(memory <= 1.5 * KIB, f"{memory:.0f} B of server memory each, demanded 1536 B")
    test.demand(share < 0.15, f"{share:.1%} of a core while idle, demanded below 15 %")
    test.demand_empty(server)
    test.stop(server)


def wait_for_all(server, count):
    end = time.monotonic() + 60
    while server.metrics()["websockets"] < count and time.monotonic() < end:
        time.sleep(0.2)


def hold_100k(test):
    """L02: 100,000 connections over several processes, in a network namespace of its own."""
    if os.environ.get("SOAK_IN_NAMESPACE") != "1":
        command = ["unshare", "--net", sys.executable, "-B", sys.argv[0], test.duplex, test.name]
        inside = {**os.environ, "SOAK_IN_NAMESPACE": "1"}
        code = subprocess.run(command, env=inside).returncode
        test.demand(code == 0, "in a network namespace of its own (unshare --net, by root)")
        return
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in (("net.ipv4.ip_local_port_range", "1024 65535"),
                        ("net.core.somaxconn", "4096"), ("net.ipv4.tcp_max_syn_backlog", "8192")):
        with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
            file.write(value)
    server = test.server(processes=7, host="0.0.0.0")
    before = server.resident()
    load = test.start_load(server, lasting(60, 40), "-c", "100000", "--processes", "6", "--spread",
                           "--hold", "--connect-rate", "12000")
    time.sleep(max(20, 30 * SCALE))
    memory = (server.resident() - before) / 100_000
    say_idle_cost(test, server)
    result = test.result(load)
    test.demand_faultless(result)
    rate = result["opened"] / (result["ramp_ns"] / 1e9)
    test.demand(rate >= 8000, f"{rate:.0f} openings per second, demanded 8000")
    test.demand(memory <= 1.5 * KIB, f"{memory:.0f} B of server memory each, demanded 1536 B")
    test.demand_empty(server, within=10)
    test.stop(server)


def say_idle_cost(test, server):
    cpu, start = server.cpu(), time.monotonic()
    with MemoryWatch(server) as watch:
        time.sleep(10)
    share = (server.cpu() - cpu) / (time.monotonic() - start)
    test.say(f"all servers: CPU {share:.1%} of a core while idle, memory "
             f"{watch.growth() * 6 / KIB:+.1f} KiB a minute")


def echo(test):
    """L03: 20,000 messages per second over 10,000 connections, some of them 64 KiB."""
    server = test.server()
    large = test.start_load(server, 110, "-c", "100", "--rate", "200/s", "--size", "64KiB")
    small = test.load(server, 110, "-c", "9900", "--rate", "19800/s")
    large = test.result(large)
    test.demand_faultless(small)
    test.demand_faultless(large)
    test.demand_quick(small, 20)
    test.say(f"of the 64 KiB, which are the slowest hundredth, p99 "
             f"{p99_ms(large['latency']):.2f} ms")
    test.demand_empty(server)
    test.stop(server)


def broadcast(test):
    """L04: 100 events per second to 10,000 subscribers; and what waits for 200 that do not read."""
    server = test.server("--rate", "100/s")
    before = server.resident()
    result = test.load(server, 90, "-c", "10000", "--feed", path="/feed/ws")
    test.demand_faultless(result)
    test.say(f"p99 {p99_ms(result['latency']):.0f} ms, {result['received']} events, "
             f"{(server.resident() - before) / 10_000:.0f} B for each subscriber")
    test.demand_empty(server)
    test.stop(server)
    hold_once(test, readers=200)


def hold_once(test, readers):
    # What they have missed is kept for ten seconds, in 4 MiB; later they are given up.
    server = test.server("--rate", "100/s", "--size", "4KiB", "--history", "1024")
    honest = test.start_load(server, lasting(30, 25), "-c", "100", "--feed", path="/feed/ws")
    time.sleep(11)
    before = server.resident()
    late = [LateReader(server.port, b"/feed/ws") for _ in range(readers)]
    samples = []
    for _ in range(80):
        time.sleep(0.1)
        samples.append((server.metrics()["queued_bytes"], server.resident() - before))
    queued, grown = max(samples)
    for reader in late:
        reader.close()
    test.demand(queued >= readers * MIB / 2, f"{queued / MIB:.0f} MiB wait for {readers} that do "
                                             f"not read, demanded {readers / 2:.0f} MiB")
    # Once for all of them is 1 MiB; each has a list of pieces of its own.
    test.demand(grown < queued / 20, f"they cost {grown / MIB:.1f} MiB of memory, demanded below "
                                     f"a twentieth, {queued / 20 / MIB:.1f} MiB")
    test.demand_faultless(test.result(honest))
    test.demand_empty(server)
    test.stop(server)


def churn(test):
    """L07: open, echo, close, 2,000 a second."""
    server = test.server(*FULL_HISTORY)
    arguments = ("-c", "200", "--connect-rate", "2k/s", "--visit", "1")
    # A stall lets visitors pile up, as many as there are, and as those who are still leaving: the
    # server's buffers are as large as that from the start.
    test.load(server, lasting(10, 5), "-c", "400", "--rate", "400/s")
    test.load(server, 20, *arguments)
    with MemoryWatch(server) as memory:
        result = test.load(server, 570, *arguments)
    grown = memory.growth()
    # Memory comes in pages.
    allowed = max(result["opened"] / 10_000 * KIB, 4 * PAGE)
    test.demand_faultless(result)
    rate = result["opened"] / (result["measured_ns"] / 1e9)
    test.demand(rate > 1900, f"{rate:.0f} visits a second, demanded more than 1900 of 2000")
    test.demand(grown < allowed, f"{grown / KIB:.1f} KiB more after {result['opened']} visits, "
                                 f"demanded below {allowed / KIB:.1f} KiB")
    test.demand_empty(server)
    test.stop(server)


def transport_switch(test):
    """L13: 1,000 clients of Socket.IO change from polling to a WebSocket, again and again."""
    server = test.server("--socketio")
    seconds = lasting(150, 45)
    load = test.start_load(server, seconds, "-c", "8000", "--rate", "16k/s")
    wait_for_all(server, 8000)
    change_transports(test, server, 1000, max(1, seconds * SCALE - 15))
    test.demand_faultless(test.result(load))
    test.demand_empty(server)
    test.stop(server)


def soak_hour(test):
    """L14: echo, slow readers and churn together for an hour."""
    server = test.server("--max-message", "1MiB", *FULL_HISTORY)
    hour = 3600
    with SlowReaders(server, 200) as slow:
        slow.wait_until_stuck()
        visits = ("-c", "100", "--connect-rate", "500", "--visit", "1")
        loads = [test.start_load(server, hour, "-c", "5000", "--rate", "5k/s"),
                 test.start_load(server, hour, *visits)]
        samples = []
        while loads[0].poll() is None:
            time.sleep(max(1, 5 * SCALE))
            samples.append(what_it_has(server))
        for load in loads:
            test.demand_faultless(test.result(load))
    slow.demand_stuck(test)
    samples = samples[:-2]  # the last may be of the end
    for name in samples[0]:
        demand_level(test, name, [sample[name] for sample in samples])
    test.demand_empty(server)
    test.stop(server)


def what_it_has(server):
    """Each timer of a server belongs to one of these: none of them is counted by itself."""
    metrics = server.metrics()
    return {"KiB of memory": server.resident() / KIB, "descriptors": server.descriptors(),
            "connections": metrics["connections"], "WebSockets": metrics["websockets"],
            "KiB that wait to be written": metrics["queued_bytes"] / KIB}


def demand_level(test, name, values):
    third = len(values) // 3
    middle, last = (sum(part) / third for part in (values[third:2 * third], values[-third:]))
    test.demand(last <= middle * 1.01, f"{middle:.1f} {name} in the middle third, {last:.1f} in "
                                       "the last, demanded at most 1 % more")
