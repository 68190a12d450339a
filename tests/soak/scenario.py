"""What every test of a load has: servers, `duplex load`, demands."""

import json
import os
import subprocess
import sys
import time
import traceback

from server import KIB, Server


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
        self.children = []  # with kill() and wait()
        self.other_server = os.environ.get("SOAK_SERVER")

    def say(self, text):
        print(f"  {text}", flush=True)

    def demand(self, met, text):
        self.good = self.good and bool(met)
        self.say(("ok      " if met else "MISSED  ") + text)

    def server(self, *arguments, **how):
        return Server(self.other_server or self.duplex, arguments=arguments, **how)

    def start_load(self, server, seconds, *arguments, path="/echo"):
        url = f"ws://127.0.0.1:{server.port}{path}"
        command = [self.duplex, "load", "--format", "json", "--duration",
                   f"{max(1.0, seconds * SCALE):.1f}s"]
        if len(server.processes) == 1:
            command += ["--server-pid", str(server.pid)]
        command += [*arguments, url]
        return self.keep(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))

    def keep(self, child):
        """It ends with the test at the latest."""
        self.children.append(child)
        return child

    def load(self, server, seconds, *arguments, **where):
        return self.result(self.start_load(server, seconds, *arguments, **where))

    def result(self, process):
        text = process.communicate()[0]
        if not text:
            raise AssertionError(f"duplex load ended with {process.returncode} and without a word")
        result = json.loads(text)
        self.say("load    " + figures(result))
        return result

    def run(self, function):
        """A test that breaks off has failed; the next one runs, and nothing of it stays behind."""
        try:
            function(self)
        except Exception:
            self.demand(False, "the test itself: " + traceback.format_exc())
        finally:
            for child in self.children:
                child.kill()
                child.wait()
            for server in list(Server.running):
                server.kill()

    def demand_faultless(self, result):
        faults = {name: result[name] for name in
                  ("failed", "dropped", "missing", "lost", "overdue", "corrupt", "misplaced",
                   "unrecovered", "silent")
                  if result[name]}
        self.demand(result["opened"] and not faults,
                    f"{result['opened']} connections, {result['sent']} messages sent, "
                    f"faults: {faults or 'none'} {result['failure']}".rstrip())

    def demand_quick(self, result, limit_ms):
        p99, late = p99_ms(result["latency"]), p99_ms(result["late"])
        # The clients share the machine: what they sent late is no fault of the server.
        self.demand(p99 < limit_ms, f"p99 {p99:.2f} ms, demanded below {limit_ms} ms; that of the "
                                    f"clients' own delay in sending was {late:.2f} ms")

    def demand_empty(self, server, within=2):
        """All that peers cost is given back: sessions, what waited for them, descriptors."""
        end = time.monotonic() + within
        while (left := what_is_left(server)) and time.monotonic() < end:
            time.sleep(0.1)
        found = ", ".join(f"{count:.0f} {name}" for name, count in left.items()) or "nothing"
        self.demand(not left, f"{found} is left of them {within} s later at most, demanded nothing "
                              f"beside the first {server.descriptors_at_first} descriptors")

    def stop(self, server):
        server.terminate()
        self.demand_end(server)

    def demand_end(self, server):
        codes = server.wait()
        self.demand(not any(codes), f"the server drained and ended with {codes[0]}"
                    if len(codes) == 1 else f"the servers drained and ended with {codes}")


def figures(result):
    """What is reported of every load, as far as it is known: of several servers, or of one that has
    ended, memory and CPU are not."""
    known = [f"{result['dropped']} dropped"]
    if result["latency"]["count"]:
        known.append(f"p99 {p99_ms(result['latency']):.2f} ms")
    if (memory := result["server_bytes_per_connection"]) is not None:
        known.append(f"{memory:.0f} B of server memory each")
    if (share := result["server_cpu_share"]) is not None:
        known.append(f"server CPU {share:.1%} of a core")
    if (slope := result["server_bytes_per_second"]) is not None:
        known.append(f"server memory {slope * 60 / KIB:+.1f} KiB a minute")
    return ", ".join(known)


def p99_ms(times):
    return (times["p99_ns"] or times["max_ns"]) / 1e6


def what_is_left(server):
    """By name; nothing: it has as much as before the first peer."""
    left = {"descriptors": server.descriptors() - server.descriptors_at_first}
    if len(server.processes) == 1:
        metrics = server.metrics()
        left["connections"] = metrics["connections"] - 1  # who asks
        left["websockets"] = metrics["websockets"]
        left["queued bytes"] = metrics["queued_bytes"]
    return {name: count for name, count in left.items() if count > 0}
