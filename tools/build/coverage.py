#!/usr/bin/env python3
"""Lines and branches reached by the tests, for each file of the pure layers.

Usage: coverage.py BUILD_FOLDER LAYER...
Reads what gcov (from GCC) makes of the .gcda files below BUILD_FOLDER. Fails below 100 % of the
lines or 95 % of the branches. Not counted as lines: a brace alone, where the compiler puts what an
exception cleans up; what the compiler alone evaluates, behind is_constant_evaluated(), or another
order of bytes. Not counted as branches: the hidden edges of exceptions, assertions (no test
can take the other way) and what is defaulted. --missing lists what was not reached.
"""
import json
import os
import re
import subprocess
import sys
from collections import defaultdict

LINES_WANTED = 100.0
BRANCHES_WANTED = 95.0
GCOV = os.environ.get("GCOV", "gcov")


def gcov_reports(folder):
    """One parsed report for each object that gcov has notes of."""
    notes = [os.path.join(at, name) for at, _, names in os.walk(folder)
             for name in names if name.endswith(".gcno")]
    for start in range(0, len(notes), 50):
        run = subprocess.run([GCOV, "--json-format", "--stdout", "--branch-probabilities",
                              *notes[start:start + 50]],
                             check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in run.stdout.splitlines():
            if line.startswith(b"{"):
                yield json.loads(line)


def real_branches(branches):
    """The counts of the branches somebody wrote: a call that may throw is a pair of edges, the
    way on and the way out by the exception; neither is a decision."""
    counts = []
    i = 0
    while i < len(branches):
        pair = branches[i:i + 2]
        if len(pair) == 2 and pair[0]["throw"] != pair[1]["throw"]:
            i += 2
            continue
        if not branches[i]["throw"]:
            counts.append(branches[i]["count"])
        i += 1
    return counts


class File:
    """What was reached of one file, summed over every object that holds some of it."""

    def __init__(self, path):
        self.lines = defaultdict(int)
        self.branches = {}  # (line, number of branches) -> counts
        with open(path, encoding="utf-8") as source:
            self.text = source.read().split("\n")

    def add(self, line):
        number = line["line_number"]
        if self.text[number - 1].strip() in ("}", "};"):
            return
        if "std::is_constant_evaluated()" in self.text[number - 2]:
            return
        self.lines[number] += line["count"]
        counts = real_branches(line["branches"])
        if not counts or re.search(r"\bassert\(|= default;", self.text[number - 1]):
            return
        known = self.branches.setdefault((number, len(counts)), [0] * len(counts))
        for i, count in enumerate(counts):
            known[i] += count

    def line_count(self):
        return len(self.lines)

    def lines_hit(self):
        return sum(count > 0 for count in self.lines.values())

    def branch_count(self):
        return sum(len(counts) for counts in self.branches.values())

    def branches_hit(self):
        return sum(count > 0 for counts in self.branches.values() for count in counts)

    def missing(self):
        """Sentences about what was not reached."""
        missed = ranges(sorted(number for number, count in self.lines.items() if not count),
                        sorted(self.lines))
        if missed:
            yield "lines " + ", ".join(missed)
        for (number, _), counts in sorted(self.branches.items()):
            if self.lines[number] and 0 in counts:
                taken = ", ".join("taken" if count else "never" for count in counts)
                yield f"branches of line {number}: {taken}"


def ranges(some, known):
    """Numbers of `some` as "3" or "5-9": between those, `known` holds nothing that `some` lacks."""
    runs = []
    wanted = set(some)
    going_on = False
    for number in known:
        if number not in wanted:
            going_on = False
            continue
        if not going_on:
            runs.append([number, number])
        runs[-1][1] = number
        going_on = True
    return [str(first) if first == last else f"{first}-{last}" for first, last in runs]


def read_files(folder, layers):
    wanted = re.compile(r"^(src|include/duplex)/(%s)/" % "|".join(map(re.escape, layers)))
    files = {}
    for report in gcov_reports(folder):
        for entry in report["files"]:
            path = os.path.relpath(os.path.join(report["current_working_directory"],
                                                entry["file"]))
            if not wanted.match(path):
                continue
            for line in entry["lines"]:
                files.setdefault(path, File(path)).add(line)
    return files


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def row(name, lines_hit, lines, branches_hit, branches):
    print(f"  {name:44} {lines_hit:6}/{lines:<6} {percent(lines_hit, lines):6.1f} %"
          f" {branches_hit:6}/{branches:<6} {percent(branches_hit, branches):6.1f} %")


def main():
    arguments = [word for word in sys.argv[1:] if word != "--missing"]
    files = read_files(arguments[0], arguments[1:])
    if not files:
        sys.exit("coverage: nothing was measured")
    print(f"  {'file':44} {'lines':>13} {'':8} {'branches':>13}")
    totals = [0, 0, 0, 0]
    for path, file in sorted(files.items()):
        numbers = [file.lines_hit(), file.line_count(), file.branches_hit(), file.branch_count()]
        row(path, *numbers)
        totals = [a + b for a, b in zip(totals, numbers)]
        for what in file.missing() if "--missing" in sys.argv else []:
            print(f"      {what}")
    row("total", *totals)
    lines, branches = percent(*totals[:2]), percent(*totals[2:])
    if lines < LINES_WANTED or branches < BRANCHES_WANTED:
        sys.exit(f"coverage: {lines:.2f} % of lines and {branches:.2f} % of branches; "
                 f"wanted {LINES_WANTED:g} % and {BRANCHES_WANTED:g} %")


if __name__ == "__main__":
    main()
