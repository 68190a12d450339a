"""Whether the checks of the soak tests can fail: against listeners that do not what they demand."""

import contextlib
import socket
import threading
import unittest

from flood import FloodProcesses, judge
from peers import HOST
from scenario import figures

DEADLINE = 1  # second


class Verdicts:
    """As a test, but it only remembers."""

    def __init__(self):
        self.met = []

    def demand(self, met, _):
        self.met.append(bool(met))


@contextlib.contextmanager
def listener(ends_after):
    """Ends each connection after so many seconds; None: never."""
    with socket.create_server((HOST, 0), backlog=1000) as server, contextlib.ExitStack() as kept:
        def accept():
            with contextlib.suppress(OSError):
                while True:
                    peer = kept.enter_context(server.accept()[0])
                    if ends_after is not None:
                        end = threading.Timer(ends_after, peer.shutdown, (socket.SHUT_WR,))
                        kept.callback(end.cancel)
                        end.start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


class FloodTest(unittest.TestCase):
    def verdicts(self, ends_after, rate=5):
        test = Verdicts()
        with listener(ends_after) as port:
            flood = FloodProcesses(port, 10, seconds=1, patience=4, processes=2)
            judge(test, flood.result(), rate, DEADLINE, slack=1.5)
        return test.met

    def test_ended_at_the_deadline(self):
        self.assertEqual(self.verdicts(DEADLINE + 0.1), [True, True, True])

    def test_never_ended(self):
        self.assertEqual(self.verdicts(None)[1:], [False, False])

    def test_ended_at_once(self):
        self.assertEqual(self.verdicts(0), [True, True, False])

    def test_ended_too_late(self):
        self.assertEqual(self.verdicts(DEADLINE + 2), [True, True, False])

    def test_too_few(self):
        self.assertEqual(self.verdicts(DEADLINE + 0.1, rate=100)[0], False)


class FiguresTest(unittest.TestCase):
    result = {"dropped": 2, "latency": {"count": 9, "p99_ns": None, "max_ns": 1_500_000},
              "server_bytes_per_connection": 1400.4, "server_cpu_share": 0.0312,
              "server_bytes_per_second": -512.0}

    def test_all_five(self):
        self.assertEqual(figures(self.result),
                         "2 dropped, p99 1.50 ms, 1400 B of server memory each, server CPU 3.1% of "
                         "a core, server memory -30.0 KiB a minute")

    def test_what_is_not_known(self):
        unknown = {name: None for name in self.result if name.startswith("server_")}
        nothing = {"latency": {"count": 0, "p99_ns": None, "max_ns": 0}}
        self.assertEqual(figures({**self.result, **unknown, **nothing}), "2 dropped")


if __name__ == "__main__":
    unittest.main()
