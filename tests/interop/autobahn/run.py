"""Autobahn's testsuite in both directions, strictly: every case OK, in its end too.

The official container puts `duplex serve` and `duplex autobahn-client` through its cases. Ends with
0 if every case is OK, or INFORMATIONAL, which is what RFC 6455 leaves open; 1 if not; 2 if
the testsuite cannot be had.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

import reports

HOST = "127.0.0.1"
IMAGE = "crossbario/autobahn-testsuite"
AGENT = "duplex"
START_SECONDS = 60

NO_CLIENT = """\
make autobahn runs the container {image}, and there is no '{engine}' here.
{how}
"""
HOW_TO_GET = {
    "podman": "  Debian, Ubuntu:  apt-get install podman\n"
              "  Docker instead:  make autobahn",
    "docker": "  Debian, Ubuntu:  apt-get install docker.io, and your user into the group docker\n"
              "  podman instead:  make autobahn AUTOBAHN_ARGS='--engine podman'"}
NO_ENGINE = """\
make autobahn runs the container {image}. '{engine}' is here, but no engine answers it:
  {reason}
  {start}
"""
HOW_TO_START = {
    "podman": "podman needs no daemon: what it says is to be mended.",
    "docker": "Start it (systemctl start docker, or dockerd as root), or say where it is"
              " (DOCKER_HOST)."}
WITHOUT = """\
Without a container: start the testsuite anywhere (wstest -m fuzzingserver, which needs Python 2),
then make autobahn AUTOBAHN_ARGS='--server ws://HOST:9001 --report INDEX.JSON'
"""
# A testsuite that runs is a server: it waits for clients, and cannot be asked to become one.
BY_HAND = """\
A testsuite that runs already (wstest -m fuzzingserver) drives clients: duplex autobahn-client.
  make autobahn AUTOBAHN_ARGS='--server ws://HOST:9001 --report reports/clients/index.json'
How connections were closed stands only in that index.json, which the testsuite writes; without it
nothing is strictly OK. When it is on another machine, copy it, and give --report alone.

Servers are driven by a testsuite that connects to them; duplex serve is, by hand:
  duplex serve --host 0.0.0.0 --port 9002
  wstest -m fuzzingclient -s SPECIFICATION.json
  make autobahn AUTOBAHN_ARGS='--report reports/servers/index.json'
where the specification is
  {"outdir": "reports/servers", "cases": ["*"], "exclude-cases": [], "exclude-agent-cases": {},
   "servers": [{"agent": "duplex", "url": "ws://HOST:9002"}]}
"""


# --- The container --------------------------------------------------------------------------------
class Unavailable(Exception):
    """Says what to install, or to start."""


class Engine:
    def __init__(self, program, work):
        self.program = program
        self.work = work
        self._look_for_it()

    def _look_for_it(self):
        names = {"engine": self.program, "image": IMAGE}
        if not shutil.which(self.program):
            how = HOW_TO_GET["podman" if self.program == "podman" else "docker"]
            raise Unavailable(NO_CLIENT.format(how=how, **names) + WITHOUT)
        answer = subprocess.run([self.program, "version"], capture_output=True, text=True)
        if answer.returncode != 0:
            start = HOW_TO_START["podman" if self.program == "podman" else "docker"]
            lines = answer.stderr.strip().splitlines() or ["it says nothing"]
            raise Unavailable(NO_ENGINE.format(reason=lines[-1], start=start, **names) + WITHOUT)

    def command(self, mode, name):
        """`mode` with its specification, in the network of this machine; the reports are ours."""
        return [self.program, "run", "--rm", "--name", name, "--network", "host",
                "--user", f"{os.getuid()}:{os.getgid()}", "-e", "HOME=/tmp",
                "-v", f"{self.work}:/reports", IMAGE, "wstest", "-m", mode,
                "-s", f"/reports/{mode}.json"]

    def stop(self, name):
        subprocess.run([self.program, "stop", "-t", "5", name], capture_output=True)


def write_specification(work, mode, **more):
    """Every case, none left out; reports go to a folder of their own, which is empty."""
    shutil.rmtree(work / mode, ignore_errors=True)
    (work / mode).mkdir(parents=True)
    specification = {"outdir": f"/reports/{mode}", "cases": ["*"], "exclude-cases": [],
                     "exclude-agent-cases": {}, **more}
    (work / f"{mode}.json").write_text(json.dumps(specification, indent=2) + "\n")


# --- Our programs ---------------------------------------------------------------------------------
@contextlib.contextmanager
def served(duplex):
    """The port of a `duplex serve`."""
    process = subprocess.Popen([duplex, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield int(re.search(r":(\d+)\s*$", line)[1])
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def run_client(duplex, url):
    """What it prints, which is shown as it comes."""
    command = [duplex, "autobahn-client", "--agent", AGENT, url]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print("  " + line, end="", flush=True)
            lines.append(line)
    return "".join(lines)


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise Unavailable(f"the testsuite does not listen on port {port}\n")


# --- Both directions ------------------------------------------------------------------------------
def test_server(duplex, engine):
    mode = "fuzzingclient"
    with served(duplex) as port:
        write_specification(engine.work, mode,
                            servers=[{"agent": AGENT, "url": f"ws://{HOST}:{port}"}])
        name = f"duplex-{mode}-{os.getpid()}"
        subprocess.run(engine.command(mode, name), check=False)
    return reports.judge_file(engine.work / mode / "index.json")


def test_client(duplex, engine):
    mode = "fuzzingserver"
    port = free_port()
    write_specification(engine.work, mode, url=f"ws://{HOST}:{port}")
    name = f"duplex-{mode}-{os.getpid()}"
    process = subprocess.Popen(engine.command(mode, name), stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        run_client(duplex, f"ws://{HOST}:{port}")
    finally:
        engine.stop(name)
        process.wait(START_SECONDS)
    return reports.judge_file(engine.work / mode / "index.json")


def in_containers(options):
    engine = Engine(options.engine, options.work)
    return {"duplex serve": test_server(options.duplex, engine),
            "duplex autobahn-client": test_client(options.duplex, engine)}


def look_for_server(url):
    """Whoever runs it there has to be there before the cases begin: later it has failed."""
    try:
        place = urllib.parse.urlsplit(url)
        address = (place.hostname or "", place.port or 80)
        socket.create_connection(address, START_SECONDS).close()
    except (OSError, ValueError) as error:
        raise Unavailable(f"no testsuite answers at {url}: {error}\n" + WITHOUT) from error


def against_running_one(options):
    """What it says of each case, and, in its report, of how that was closed."""
    look_for_server(options.server)
    start = time.time()
    verdict = reports.judge_output(run_client(options.duplex, options.server), options.cases)
    if not options.report:
        verdict.problems.append("how connections were closed is not known: --report INDEX.JSON")
    written = there_already(options)
    for path in options.report:
        if path.exists() and path.stat().st_mtime < start - 1:  # the kernel's clock is a coarse one
            written[str(path)].problems.append("the report is older than this run")
    return {"duplex autobahn-client": verdict, **written}


def there_already(options):
    return {str(path): reports.judge_file(path, options.cases) for path in options.report}


def read_options():
    parser = argparse.ArgumentParser(prog="make autobahn AUTOBAHN_ARGS=...", description=__doc__,
                                     epilog=BY_HAND,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("duplex", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("work", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="docker", help="or podman")
    parser.add_argument("--server", metavar="ws://HOST:PORT",
                        help="a testsuite that runs already, as fuzzing server: no container, and"
                             " only duplex autobahn-client is tested (see below)")
    parser.add_argument("--cases", type=int, default=reports.CASE_COUNT, metavar="N",
                        help=f"how many there must be ({reports.CASE_COUNT})")
    parser.add_argument("--report", type=pathlib.Path, metavar="INDEX.JSON", action="append",
                        default=[], help="judge that report of the testsuite: the one that --server"
                        " has written, or one that is there already; repeatable")
    return parser.parse_args()


def main():
    options = read_options()
    options.work = options.work.resolve()
    options.duplex = options.duplex.resolve()
    try:
        if options.server:
            verdicts = against_running_one(options)
        elif options.report:
            verdicts = there_already(options)
        else:
            verdicts = in_containers(options)
    except Unavailable as reason:
        print(reason, end="", file=sys.stderr)
        return 2
    for title, verdict in verdicts.items():
        print(verdict.text(title))
    return 0 if all(verdict.passed() for verdict in verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
