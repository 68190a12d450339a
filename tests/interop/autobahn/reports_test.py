"""Made-up reports of Autobahn's testsuite, and what is to be made of them."""
import json
import pathlib
import tempfile
import unittest

from reports import judge, judge_file, judge_output


def result(behavior="OK", closing="OK", **more):
    return {"behavior": behavior, "behaviorClose": closing, **more}


def index(**cases):
    """case_1_2=result() is case 1.2."""
    return json.dumps({"duplex": {name[5:].replace("_", "."): value
                                  for name, value in cases.items()}})


class Reports(unittest.TestCase):
    def test_all_ok_passes(self):
        verdict = judge(index(case_1_1_1=result(), case_13_1_1=result()), 2)
        self.assertTrue(verdict.passed())
        self.assertEqual(verdict.text("server"),
                         "server: 2 cases, 0 not OK, 0 informational: ok")

    def test_informational_passes(self):
        verdict = judge(index(case_7_1_6=result("INFORMATIONAL", "INFORMATIONAL"),
                              case_7_13_1=result("OK", "INFORMATIONAL")), 2)
        self.assertTrue(verdict.passed())
        self.assertEqual(verdict.informational, 2)

    def test_everything_else_fails(self):
        for word in ("NON-STRICT", "FAILED", "UNIMPLEMENTED", "UNCLEAN", "WRONG CODE", "ok", ""):
            for one in (result(behavior=word), result(closing=word)):
                verdict = judge(index(case_2_1=one, case_2_2=result()), 2)
                self.assertFalse(verdict.passed(), one)
                self.assertEqual([fault[0] for fault in verdict.faults], ["2.1"])

    def test_a_case_without_a_word_fails(self):
        for one in ({}, {"behavior": "OK"}, {"behaviorClose": "OK"}):
            self.assertFalse(judge(index(case_2_1=one), 1).passed(), one)

    def test_missing_cases_fail(self):
        verdict = judge(index(case_1_1_1=result()))
        self.assertFalse(verdict.passed())
        self.assertEqual(verdict.problems, ["1 case ran; there are 517"])
        full = {f"case_1_{i}": result() for i in range(517)}
        self.assertTrue(judge(index(**full)).passed())
        self.assertFalse(judge(index(case_2_1=result(), **full)).passed())

    def test_what_is_no_report_fails(self):
        other = {"1.1": result()}
        for text in ("", "{", "[]", "{}", "null", "3", '"x"', '{"a": []}', '{"a": 1}',
                     json.dumps({"a": other, "b": other})):
            self.assertFalse(judge(text, 0).passed(), text)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "index.json"
            self.assertFalse(judge_file(path, 1).passed())
            path.write_text(index(case_1_1=result()))
            self.assertTrue(judge_file(path, 1).passed())

    def test_the_table_is_in_the_order_of_the_cases(self):
        verdict = judge(index(case_10_1=result("FAILED", remoteCloseCode=1002),
                              case_9_8_7=result(closing="WRONG CODE", reportfile="duplex_9.json"),
                              case_9_8_6=result()), 3)
        self.assertEqual(verdict.text("client").splitlines(), [
            "client: 3 cases, 2 not OK, 0 informational: FAILED",
            "  case       behavior       when closing   more",
            "  9.8.7      OK             WRONG CODE     duplex_9.json",
            "  10.1       FAILED         OK             close code 1002"])

    def test_cases_of_duplex_check_have_letters(self):
        bad = result("FAILED")
        verdict = judge(index(case_F10=bad, case_W1=bad, case_F9=bad, case_10_1=bad, case_9_8=bad,
                              case_F72_1012=bad, case_F72_1011=bad), 7)
        self.assertEqual(verdict.problems, [])
        self.assertEqual([fault[0] for fault in verdict.faults],
                         ["9.8", "10.1", "F9", "F10", "F72.1011", "F72.1012", "W1"])

    def test_the_client_tells_what_is_not_ok(self):
        summary = "3 cases: {} OK, {} informational or unimplemented, {} not OK\n"
        self.assertTrue(judge_output(summary.format(3, 0, 0), 3).passed())
        open_case = "INFORMATIONAL  7.1.6\n" + summary.format(2, 1, 0)
        self.assertTrue(judge_output(open_case, 3).passed())
        for word in ("UNIMPLEMENTED", "NON-STRICT", "FAILED"):
            for info, case in (('{"id": "7.1.6"}', "7.1.6"), ("7.1.6", "?")):
                verdict = judge_output(f"{word}  {info}\n" + summary.format(2, 1, 0), 3)
                self.assertEqual(verdict.faults, [(case, word, "?", info)])
        for output in ("", "3 cases\n", "INFORMATIONAL  1.1\n", summary.format(2, 0, 0),
                       "INFORMATIONAL  1.1\n" + summary.format(3, 0, 0)):
            self.assertFalse(judge_output(output, 3).passed(), output)
        self.assertFalse(judge_output(summary.format(3, 0, 0)).passed())
        alone = "1 case: 1 OK, 0 informational or unimplemented, 0 not OK\n"
        self.assertTrue(judge_output(alone, 1).passed())


if __name__ == "__main__":
    unittest.main()
