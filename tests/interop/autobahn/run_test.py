"""make autobahn with a made-up container engine and a made-up program."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent

# Writes what the testsuite would write; as a fuzzing server it listens until it is stopped.
ENGINE = """#!/usr/bin/env python3
import json, os, pathlib, re, socket, sys
if sys.argv[1] == "version":
    sys.exit(os.environ.get("NO_ENGINE") and "Cannot connect to the daemon" or 0)
here = pathlib.Path(__file__).parent
if sys.argv[1] == "stop":
    socket.create_connection(("127.0.0.1", int((here / "port").read_text()))).sendall(b"stop")
    sys.exit()
work = pathlib.Path(sys.argv[sys.argv.index("-v") + 1].partition(":")[0])
mode = sys.argv[sys.argv.index("-m") + 1]
specification = json.loads((work / (mode + ".json")).read_text())
assert sys.argv[sys.argv.index("-s") + 1] == "/reports/" + mode + ".json"
assert specification["outdir"] == "/reports/" + mode and specification["cases"] == ["*"]
if mode == "fuzzingserver":
    (here / "port").write_text(re.search(r":(\\d+)$", specification["url"])[1])
    listener = socket.create_server(("127.0.0.1", int((here / "port").read_text())))
    while listener.accept()[0].recv(4) != b"stop":
        pass
else:
    assert specification["servers"] == [{"agent": "duplex", "url": "ws://127.0.0.1:7"}]
word = os.environ.get("BEHAVIOR_" + mode, "OK")
cases = {f"1.{i}": {"behavior": "OK", "behaviorClose": "OK"} for i in range(516)}
cases["2.1"] = {"behavior": word, "behaviorClose": "OK"}
(work / mode / "index.json").write_text(json.dumps({"duplex": cases}))
"""
# As the testsuite writes its report while the client runs, that happens here, not before: on a busy
# machine any time may pass until then.
PROGRAM = """#!/bin/sh
case $1 in
  serve) echo 'listening on http://127.0.0.1:7'; exec sleep 100 ;;
  autobahn-client) [ -z "$REPORT" ] || touch "$REPORT"; echo "$CLIENT_SAYS" ;;
esac
"""


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.engine = self.make("engine", ENGINE)
        self.program = self.make("duplex", PROGRAM)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.server = f"ws://127.0.0.1:{listener.getsockname()[1]}"

    def make(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def write_report(self, closing):
        cases = {f"1.{i}": {"behavior": "OK", "behaviorClose": "OK"} for i in range(516)}
        cases["2.1"] = {"behavior": "OK", "behaviorClose": closing}
        path = self.folder / "index.json"
        path.write_text(json.dumps({"duplex": cases}))
        return str(path)

    def run_it(self, *arguments, **environment):
        answer = subprocess.run(
            [sys.executable, "-B", HERE / "run.py", self.program, self.folder / "work", *arguments],
            capture_output=True, text=True, timeout=60, check=False,
            env={"PATH": "/usr/bin:/bin", **environment})
        return answer.returncode, answer.stdout + answer.stderr

    def test_both_directions_pass(self):
        status, text = self.run_it("--engine", self.engine)
        self.assertEqual(status, 0, text)
        for title in ("duplex serve", "duplex autobahn-client"):
            self.assertIn(f"{title}: 517 cases, 0 not OK, 0 informational: ok", text)

    def test_either_direction_fails(self):
        for mode in ("fuzzingclient", "fuzzingserver"):
            environment = {f"BEHAVIOR_{mode}": "NON-STRICT"}
            status, text = self.run_it("--engine", self.engine, **environment)
            self.assertEqual(status, 1, text)
            self.assertIn("  2.1        NON-STRICT     OK", text)

    def test_no_container_client_says_what_to_install(self):
        status, text = self.run_it("--engine", "no-such-engine")
        self.assertEqual(status, 2)
        self.assertIn("there is no 'no-such-engine' here", text)
        self.assertIn("apt-get install docker.io", text)

    def test_who_asks_for_podman_is_not_told_to_take_podman(self):
        folder = self.folder / "path"  # nothing but Python is there
        folder.mkdir()
        status, text = self.run_it("--engine", "podman", PATH=str(folder))
        self.assertEqual(status, 2)
        self.assertIn("apt-get install podman", text)
        self.assertIn("Docker instead:  make autobahn\n", text)
        self.assertNotIn("--engine podman", text)

    def test_no_engine_says_what_to_start(self):
        status, text = self.run_it("--engine", self.engine, NO_ENGINE="1")
        self.assertEqual(status, 2)
        self.assertIn("no engine answers it:\n  Cannot connect to the daemon\n", text)
        self.assertIn("systemctl start docker", text)

    def test_a_running_testsuite_needs_no_container(self):
        good = "517 cases: 517 OK, 0 informational or unimplemented, 0 not OK"
        bad = "UNIMPLEMENTED  12.1.1\n517 cases: 516 OK, 1 informational or unimplemented, 0 not OK"
        for says, expected in ((good, 0), (bad, 1), ("", 1)):
            report = self.write_report("OK")
            os.utime(report, (1, 1))  # until the program runs
            status, text = self.run_it("--server", self.server, "--report", report,
                                       CLIENT_SAYS=says, REPORT=report)
            self.assertNotIn("older", text)
            self.assertEqual(status, expected, text)

    def test_no_running_testsuite_cannot_be_had(self):
        status, text = self.run_it("--server", "ws://127.0.0.1:1")
        self.assertEqual(status, 2, text)
        self.assertIn("no testsuite answers at ws://127.0.0.1:1: ", text)

    def test_how_a_running_testsuite_was_left_is_judged(self):
        good = "517 cases: 517 OK, 0 informational or unimplemented, 0 not OK"
        server = ("--server", self.server)
        status, text = self.run_it(*server, CLIENT_SAYS=good)
        self.assertEqual(status, 1, text)
        self.assertIn("how connections were closed is not known: --report INDEX.JSON", text)
        report = self.write_report("WRONG CODE")
        status, text = self.run_it(*server, "--report", report, CLIENT_SAYS=good, REPORT=report)
        self.assertEqual(status, 1, text)
        self.assertIn("  2.1        OK             WRONG CODE", text)

    def test_an_old_report_is_none_of_a_running_testsuite(self):
        good = "517 cases: 517 OK, 0 informational or unimplemented, 0 not OK"
        report = self.write_report("OK")
        os.utime(report, (1, 1))
        status, text = self.run_it("--server", self.server, "--report", report,
                                   CLIENT_SAYS=good)
        self.assertEqual(status, 1, text)
        self.assertIn("the report is older than this run", text)
        self.assertEqual(self.run_it("--report", report)[0], 0, "by itself it may be as old")

    def test_reports_are_judged_alone(self):
        missing = str(self.folder / "missing.json")
        status, text = self.run_it("--report", missing)
        self.assertEqual(status, 1)
        self.assertIn("no report: ", text)
        self.assertEqual(self.run_it("--report", self.write_report("OK"))[0], 0)
        status, text = self.run_it("--report", self.write_report("OK"), "--report", missing)
        self.assertEqual(status, 1, text)

    def test_help_says_which_direction_a_running_testsuite_drives(self):
        status, text = self.run_it("--help")
        self.assertEqual(status, 0)
        self.assertIn("drives clients: duplex autobahn-client.", text)
        self.assertIn("wstest -m fuzzingclient", text)
        self.assertIn("0 if every case is OK, or INFORMATIONAL", text)


if __name__ == "__main__":
    unittest.main()
