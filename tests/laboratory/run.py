#!/usr/bin/env python3
"""What the laboratory is for, on the real machine: experiments beside theory, the ledger of claims,
their pages in a browser, and the lab page. Usage: run.py DUPLEX FOLDER [TEST...]

Figures, pages and pictures are left in FOLDER: a person has to look at the pictures. Times are
measured, so the machine has to be quiet. Each test says "ok", "FAILED" and why, or "not possible
here" and why. Ends with 1 when a test failed."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop", "lab.js")
LEDGER_SECONDS = 180
SENTENCES = 10


class Impossible(Exception):
    """The machine does not allow it."""


def require(condition, what):
    if not condition:
        raise AssertionError(what)


class Laboratory:
    def __init__(self, duplex, folder):
        self.duplex, self.folder = os.path.abspath(duplex), os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, name, *words):
        """Keeps what it prints; its pages and its JSON stand beside that."""
        result = subprocess.run([self.duplex, *words, "-o", self.path(f"{name}.html"),
                                 "-o", self.path(f"{name}.json")],
                                text=True, capture_output=True, timeout=900)
        with open(self.path(f"{name}.txt"), "w") as file:
            file.write(result.stdout)
        require(result.returncode == 0, f"exit code {result.returncode}\n{result.stdout}"
                                        f"{result.stderr}")
        return result.stdout

    # --- Experiments -----------------------------------------------------------------------------

    def experiment(self, preset):
        text = self.run(preset, "bench", "--preset", preset, "--quick", "--check")
        require("Every mean is within 5 % + 2 ms of what theory predicts." in text, text)

    def wind_4hz(self):
        """Measurements that come four times a second: WebSocket, long polls and short polls."""
        self.experiment("wind-4hz")

    def three_transits(self):
        """A long poll takes up to three ways where a push takes one."""
        self.experiment("three-transits")

    def crossover(self):
        """Polls overtake pushes where the server has no time to send each event by itself."""
        text = self.run("batching-crossover", "bench", "--preset", "batching-crossover", "--quick")
        require("on long-poll was faster than websocket." in text, text)

    def claims(self):
        """The ledger, in less than three minutes, with a verdict on each sentence."""
        start = time.monotonic()
        self.run("claims", "claims", "--quick")
        took = time.monotonic() - start
        require(took < LEDGER_SECONDS, f"took {took:.0f} s")
        with open(self.path("claims.json")) as file:
            verdicts = [claim["verdict"] for claim in json.load(file)["claims"]]
        require(len(verdicts) == SENTENCES, verdicts)
        require(set(verdicts) <= {"TRUE", "FALSE", "DEPENDS"}, verdicts)

    # --- Pages -----------------------------------------------------------------------------------

    def pages(self):
        """Each page stands alone, and is drawn by a browser."""
        pages = [name for name in os.listdir(self.folder) if name.endswith(".html")]
        require(pages, "no page has been made")
        for name in pages:
            with open(self.path(name)) as file:
                text = file.read()
            require("<script" not in text, f"{name} has a script")
            loads = re.findall(r"(?:src|href)=[\"']?(?!#)[^ >]+|url\([^)]+\)|@import", text)
            require(not loads, f"{name} loads {loads[:3]}")
            self.picture(name)

    def picture(self, page):
        chromium = shutil.which("chromium")
        if chromium is None:
            raise Impossible("there is no chromium")
        target = self.path(page.replace(".html", ".png"))
        subprocess.run([chromium, "--headless=new", "--no-sandbox", "--disable-gpu",
                        "--hide-scrollbars", "--window-size=1100,4000", f"--screenshot={target}",
                        f"file://{self.path(page)}"], capture_output=True, timeout=120)
        require(os.path.getsize(target) > 20_000, f"{target} is empty")

    def lab_page(self):
        """Every panel of the page that `duplex serve` has; a picture of each."""
        for program in ("node", "chromium"):
            if shutil.which(program) is None:
                raise Impossible(f"there is no {program}")
        server = subprocess.Popen([self.duplex, "serve", "--port", "0", "--rate", "10/s", "--dist",
                                   "poisson"], stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().split()[-1] + "/"
            result = subprocess.run(["node", LAB, shutil.which("chromium"), url, self.folder],
                                    text=True, capture_output=True, timeout=300)
            require(result.returncode == 0, result.stdout + result.stderr)
        finally:
            server.terminate()
            server.wait()


TESTS = (Laboratory.wind_4hz, Laboratory.three_transits, Laboratory.crossover, Laboratory.claims,
         Laboratory.pages, Laboratory.lab_page)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    laboratory = Laboratory(sys.argv[1], sys.argv[2])
    wanted = sys.argv[3:]
    unknown = set(wanted) - {test.__name__ for test in TESTS}
    if unknown:
        sys.exit(f"no test is called {', '.join(sorted(unknown))}")
    passed = failed = 0
    for test in TESTS:
        if wanted and test.__name__ not in wanted:
            continue
        start = time.monotonic()
        try:
            test(laboratory)
            passed += 1
            print(f"ok {test.__name__} ({time.monotonic() - start:.0f} s)", flush=True)
        except Impossible as why:
            print(f"not possible here: {test.__name__}: {why}", flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError, KeyError, ValueError) as why:
            failed += 1
            print(f"FAILED {test.__name__}: {why}", flush=True)
    print(f"Look at the pictures in {laboratory.folder}.")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
