"""The hostile requests and openings of tests/data/http_requests.json, through a proxy.

What a strict parser must refuse is refused, by the proxy or by us, unless the proxy has turned it
into something else on the way: those rows are listed. There are never more answers than are due.
No opening is among them: nothing becomes a handshake that was none.
"""
import concurrent.futures
import json
import socket
import ssl
import time

from fronts import HERE
from peer import Answers, connect

SILENCE = 0.5  # seconds without a byte after the last answer that is due
PATIENCE = 15  # seconds for what never gets all of its answers

# Malformed requests that these proxies pass on as well-formed ones: they may be answered.
REPAIRED = {
    "nginx": "H03 H06 H08 H15 H16 H33 H55 H63 H64 H77 H78 H79 H133 H140 H147 H148 H152 H155 "
             "H156 H157 H158 H159 H164",
    "haproxy": "H03 H06 H07 H16 H17 H50 H61 H63 H64 H89 H90 H109 H112 H131 H140 H147 H148 H152 "
               "H155 H157 H159 H164",
}
# Requests without an end, for which a proxy itself waits for longer than we do.
AWAITED = {"nginx": "H162 H168 H172 H173", "haproxy": ""}
# Without these a proxy would be of no use.
MUST_PASS = "H01 H31 H71 H87 H97 H110 H163 W01 W02 W16 W34 W35 W61".split()
# Where a row leaves a choice, or says it in words: the statuses of all its answers.
CHOICES = {
    "H29": [204], "H41": [200], "H107": [200, 200], "H158": [400], "H163": [200, 200],
    "H164": [200, 400], "H165": [200, 200], "H167": [200, 400], "H168": [200], "H170": [200],
    "W27": [426], "W60": [400], "W66": [426],
    # For a proxy that passes the refusal on and keeps its client, what follows is a request.
    "W64": [426, 200],
}


def load(group):
    rows = json.loads((HERE.parents[1] / "data" / "http_requests.json").read_text())
    rows = [row for row in rows if row["id"][0] == group]
    for row in rows:
        pieces = (bytes.fromhex(piece["hex"]) * piece.get("times", 1) for piece in row["bytes"])
        row["sent"] = b"".join(pieces)
        row["due"] = CHOICES.get(row["id"]) or [int(row["required"][:3])]
    return rows


def exchange(row, port, context):
    """The statuses of all that comes back until the end, or until all that is due has come and no
    more; and whether neither came in time."""
    received, ended = b"", False
    deadline = time.monotonic() + PATIENCE
    with connect(port, context) as peer:
        try:
            peer.sendall(row["sent"])
        except OSError:
            pass  # refused before its end; the answer may be there
        while (left := deadline - time.monotonic()) > 0:
            answers = Answers(received, row["sent"].startswith(b"HEAD "))
            done = len(answers.statuses) >= len(row["due"])
            peer.settimeout(min(left, SILENCE) if done else left)
            try:
                piece = peer.recv(65536)
            except socket.timeout:
                break
            except (ssl.SSLError, ConnectionError):
                piece = b""
            if not piece:
                ended = True
                break
            received += piece
    statuses = Answers(received, row["sent"].startswith(b"HEAD ")).statuses
    return statuses, not ended and len(statuses) < len(row["due"])


def is_refusal(status):
    return status >= 400


def fault_of(row, statuses, hangs, kind):
    """What is wrong with these answers, or nothing. Who refuses may just hang up."""
    due = row["due"]
    if hangs and row["id"] not in AWAITED[kind].split():
        return f"neither {due} nor the end within {PATIENCE} s"
    if len(statuses) > len(due):
        return f"{len(statuses)} answers where {len(due)} are due"
    repaired = row["id"] in REPAIRED[kind].split()
    if row["id"] in MUST_PASS and statuses != due:
        return f"not {due}"
    for status, wanted in zip(statuses, due):
        if is_refusal(wanted) and not is_refusal(status) and not repaired:
            return f"not refused, though {wanted} is due"
        if not is_refusal(wanted) and not is_refusal(status) and status != wanted:
            return f"{status} where {wanted} is due"
    return None


def replay(group, kind, port, context):
    """Raises AssertionError with all rows that were answered wrongly."""
    rows = load(group)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda row: exchange(row, port, context), rows))
    faults = []
    counts = {"answered": 0, "refused": 0, "silent": 0}
    for row, (statuses, hangs) in zip(rows, results):
        fault = fault_of(row, statuses, hangs, kind)
        if fault:
            faults.append(f"{row['id']} ({row['case']}): {statuses}: {fault}")
        outcome = "silent" if not statuses else "refused" if is_refusal(statuses[0]) else "answered"
        counts[outcome] += 1
    if faults:
        raise AssertionError("\n".join(faults))
    return ", ".join(f"{count} {name}" for name, count in counts.items())
