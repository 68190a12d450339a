#!/usr/bin/env python3
"""Load and soak tests on real sockets. Usage: run.py DUPLEX [NAME...]

Each test starts its own servers, loads them with `duplex load`, and says what was seen beside what
is demanded. Without names it runs all that take minutes; hold-100k and soak-hour only by name.
SOAK_SCALE=0.1 shortens every duration. SOAK_SERVER=PATH is another `duplex` for the servers:
whether hostile-mix brings any report of a sanitizer is seen with that of `make asan`, which such a
report ends with an error.

    make asan && SOAK_SERVER=build/asan/bin/duplex make soak SOAK=hostile-mix

Of every load it says what was dropped, p99, and the server's memory for each connection, CPU and
slope of memory. Ends with 1 when a demand was not met."""

import sys

import crowds
import trouble
from scenario import Test

IN_MINUTES = {"hold-10k": crowds.hold_10k, "echo": crowds.echo, "broadcast": crowds.broadcast,
              "slow-readers": trouble.slow_readers, "reconnect-storm": trouble.reconnect_storm,
              "churn": crowds.churn, "opening-flood": trouble.opening_flood,
              "descriptor-exhaustion": trouble.descriptor_exhaustion,
              "hostile-mix": trouble.hostile_mix, "drain": trouble.drain,
              "transport-switch": crowds.transport_switch}
BY_NAME = {"hold-100k": crowds.hold_100k, "soak-hour": crowds.soak_hour}
ALL = {**IN_MINUTES, **BY_NAME}


def main():
    duplex, names = sys.argv[1], sys.argv[2:] or list(IN_MINUTES)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no such test: {unknown[0]}; there are {', '.join(ALL)}")
        return 2
    passed = failed = 0
    for name in names:
        print(f"{name}: {ALL[name].__doc__}", flush=True)
        test = Test(duplex, name)
        test.run(ALL[name])
        passed, failed = passed + test.good, failed + (not test.good)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
