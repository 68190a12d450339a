#!/usr/bin/env python3
"""Holds the tables of tests/README.md against the tests. Usage: check_rows.py [--write [FUZZED]]

A row is one hostile input or fault, as H07 or R12. Tests carry rows in their names (R12CloseOnce,
T14T15AFlood, F14ToF19Lengths, r36_r37_vanished); rows of tests/data by tests that are instantiated
for each of them (GiveTheSameAnswer/H07). The README lists the rows without data, and where their
tests are, or why there is none. --write puts in the figures and folders as they are, and the
executions of the fuzzers from their logs in FUZZED, such as build/fuzz."""

import collections
import json
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests"
README = TESTS / "README.md"
DATA = {"H": "http_requests.json", "W": "http_requests.json", "K": "client_openings.json",
        "F": "frames.json", "D": "deflate.json"}
ROW = r"[HWKFDSTPR]\d+"
LISTED = re.compile(rf"^\| ({ROW}) \| ([^|]*) \| ?([^|]*?) ?\|$", re.M)
FUZZED = re.compile(r"^\| `(\w+)` \| [^|]* \| [^|]* \| ([^|]*) \|$", re.M)
NO_TEST = "no test: "


def row(text):
    """H07 and H7 are the same."""
    return text[0], int(text[1:])


def rows_in(name):
    """The rows at the front of a test's name, with those between two joined by To."""
    found = set()
    front = re.match(rf"(?:(?:And|To)?{ROW}(?![a-z0-9]))+", name)
    for joint, text in re.findall(rf"(And|To)?({ROW})", front.group() if front else ""):
        letter, number = row(text)
        first = max(n for one, n in found if one == letter) if joint == "To" else number
        found |= {(letter, n) for n in range(first, number + 1)}
    return found


def folders_by_row():
    """Where the tests are that carry each row in their names."""
    folders = collections.defaultdict(set)
    for path in TESTS.glob("*/*_test.cc"):
        for name in re.findall(r"^TEST(?:_F|_P)?\(\s*\w+,\s*(\w+)\)", path.read_text(), re.M):
            for one in rows_in(name):
                folders[one].add(path.parent.name)
    for name in re.findall(r"^def (r\d+\w*)", (TESTS / "faults/run.py").read_text(), re.M):
        for part in name.upper().split("_"):
            if re.fullmatch(ROW, part):
                folders[row(part)].add("faults")
    return folders


def count_in_data(letter, file):
    with open(TESTS / "data" / file) as rows:
        return sum(one["id"].startswith(letter) for one in json.load(rows))


def with_headers_beside(path):
    text = path.read_text()
    names = re.findall(r'^#include "(\w+\.h)"', text, re.M)
    beside = [path.parent / name for name in names]
    return text + "".join(header.read_text() for header in beside if header.exists())


def is_instantiated(file):
    """Some test has an instance, with its name, for each row of the file."""
    for path in TESTS.glob("*/*_test.cc"):
        named = re.search(r"^INSTANTIATE_TEST[^;]*(?:param\.id|row_name)", path.read_text(), re.M)
        if named and f'"{file}"' in with_headers_beside(path):
            return True
    return False


def problems(places, folders):
    """`places`: what the README says of each row."""
    for letter, number in sorted(places):
        name = f"{letter}{number:02}"
        has_none = places[letter, number].startswith(NO_TEST)
        if (letter, number) in folders and has_none:
            yield f"{name} has a test, and the README says that it has none"
        if (letter, number) not in folders and not has_none:
            yield f"{name} has no test, and the README does not say why"
        if number > 1 and (letter, number - 1) not in places:
            yield f"{letter}{number - 1:02} is not in the README"
    for letter, number in sorted(folders.keys() - places.keys()):
        if letter not in DATA:
            yield f"{letter}{number:02} has a test, but is not in the README"


def figures(letter, places, folders):
    """How many rows there are, how many have a test, how many have none."""
    if letter in DATA:
        count = count_in_data(letter, DATA[letter])
        tested = count if is_instantiated(DATA[letter]) else 0
    else:
        count = sum(one[0] == letter for one in places)
        tested = sum(one[0] == letter for one in places if one in folders)
    return f"{count} | {tested} | {count - tested}"


def fuzz_figures(target, executions, logs):
    """Kept inputs, their size in KiB, and how often the target ran in the last campaign."""
    kept = TESTS / "fuzz/corpus" / f"{target}.txt"
    inputs = [line for line in kept.read_text("ascii").splitlines() if not line.startswith("#")]
    log = logs and logs / f"{target}.log"
    if log and log.exists():
        said = log.read_text("utf-8", errors="replace")
        count = re.findall(r"number_of_executed_units: (\d+)", said)[-1]
        executions = f"{int(count):,}"
    return f"{len(inputs):,} | {kept.stat().st_size / 1024:.0f} | {executions}"


def corrected_fuzzers(text, logs):
    """The table with a line for each target."""
    listed = dict(FUZZED.findall(text))
    targets = sorted(path.stem.removesuffix("_fuzz") for path in TESTS.glob("fuzz/*_fuzz.cc"))
    lines = [f"| `{one}` | {fuzz_figures(one, listed.get(one, '0'), logs)} |" for one in targets]
    first, *others = FUZZED.finditer(text)
    last = others[-1] if others else first
    return text[:first.start()] + "\n".join(lines) + text[last.end():]


def corrected(text, places, folders):
    for letter in {*DATA, *(one[0] for one in places)}:
        right = figures(letter, places, folders)
        text = re.sub(rf"^(\| {letter} \|[^|]*\|).*$", rf"\1 {right} |", text, flags=re.M)

    def place(found):
        name, what, said = found.groups()
        where = said if said.startswith(NO_TEST) else ", ".join(sorted(folders[row(name)]))
        return f"| {name} | {what} | {where} |"
    return LISTED.sub(place, text)


def main():
    text = README.read_text()
    places = {row(name): said for name, _, said in LISTED.findall(text)}
    folders = dict(folders_by_row())
    found = list(problems(places, folders))
    if not found:
        logs = pathlib.Path(sys.argv[2]) if sys.argv[2:] else None
        right = corrected_fuzzers(corrected(text, places, folders), logs)
        if "--write" in sys.argv:
            README.write_text(right)
        elif right != text:
            found.append("figures or folders are wrong: tools/build/check_rows.py --write")
    for problem in found:
        print(f"tests/README.md: {problem}", file=sys.stderr)
    if not found:
        untested = sum(said.startswith(NO_TEST) for said in places.values())
        print(f"  rows: ok ({len(places)} listed, {untested} of them without a test)")
    return 1 if found else 0


sys.exit(main())
