"""What Autobahn's testsuite says about one agent, read strictly."""
import json
import re

CASE_COUNT = 517  # 301 of the protocol and 216 of permessage-deflate
# INFORMATIONAL cases are left open by RFC 6455: they are shown in no table and do not fail.
PASSES = ("OK", "INFORMATIONAL")


def counted(cases):
    return f"{cases} case" + ("" if cases == 1 else "s")


class Verdict:
    """`faults`: (case, behavior, behavior when closing, detail). `problems`: sentences."""

    def __init__(self):
        self.case_count = 0
        self.informational = 0
        self.faults = []
        self.problems = []

    def passed(self):
        return not self.faults and not self.problems

    def expect_count(self, expected):
        if self.case_count != expected:
            self.problems.append(f"{counted(self.case_count)} ran; there are {expected}")

    def text(self, title):
        lines = [f"{title}: {counted(self.case_count)}, {len(self.faults)} not OK, "
                 f"{self.informational} informational: " + ("ok" if self.passed() else "FAILED")]
        lines += [f"  {problem}" for problem in self.problems]
        if self.faults:
            lines.append(f"  {'case':<10} {'behavior':<14} {'when closing':<14} more")
        lines += [f"  {case:<10} {behavior:<14} {closing:<14} {detail}".rstrip()
                  for case, behavior, closing, detail in self.faults]
        return "\n".join(lines)


def case_key(case):
    """'10.1.2' after '9.8.7', and 'F10' of duplex check after all numbers and 'F9'."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part)
            for part in re.findall(r"\d+|[^\d.]+", case)]


def judge_case(verdict, case, result):
    behavior = result.get("behavior", "missing")
    closing = result.get("behaviorClose", "missing")
    if behavior not in PASSES or closing not in PASSES:
        code, file = result.get("remoteCloseCode"), result.get("reportfile")
        detail = [f"close code {code}" if code else "", file or ""]
        verdict.faults.append((case, behavior, closing, ", ".join(filter(None, detail))))
    elif "INFORMATIONAL" in (behavior, closing):
        verdict.informational += 1


def judge(index, expected_count=CASE_COUNT):
    """`index`: the text of an index.json: {agent: {case: {behavior, behaviorClose, ...}}}."""
    verdict = Verdict()
    try:
        agents = json.loads(index)
        (cases,) = agents.values()
        results = sorted(cases.items(), key=lambda item: case_key(item[0]))
    except (ValueError, AttributeError, TypeError) as error:
        verdict.problems.append(f"no index.json of one agent: {error}")
        return verdict
    for case, result in results:
        judge_case(verdict, case, result)
    verdict.case_count = len(results)
    verdict.expect_count(expected_count)
    return verdict


def judge_file(path, expected_count=CASE_COUNT):
    try:
        return judge(path.read_text(), expected_count)
    except OSError as error:
        verdict = Verdict()
        verdict.problems.append(f"no report: {error}")
        return verdict


def judge_output(output, expected_count=CASE_COUNT):
    """What `duplex autobahn-client` prints: a line for each case that is not OK, and a summary. It
    knows what the testsuite says about a case, not how the connection was closed."""
    verdict = Verdict()
    summary = re.search(r"^(\d+) cases?: (\d+) OK, ", output, re.M)
    if not summary:
        verdict.problems.append("the client has not come to its end")
        return verdict
    for line in output[:summary.start()].splitlines():
        behavior, _, detail = line.partition(" ")
        if behavior == "INFORMATIONAL":
            verdict.informational += 1
        elif behavior:
            case = re.search(r'"id": "([^"]*)"', detail)
            verdict.faults.append((case[1] if case else "?", behavior, "?", detail.strip()))
    verdict.case_count = int(summary[1])
    ok_count = int(summary[2])
    if ok_count + verdict.informational + len(verdict.faults) != verdict.case_count:
        verdict.problems.append(f"only {ok_count} are OK, and the others are not all named")
    verdict.expect_count(expected_count)
    return verdict
