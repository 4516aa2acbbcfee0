"""The checker catches each kind of mistake, and only where there is one."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from check_sums import judge

KEYS = 3


def lines_of(split, numbers):
    sums = {}
    for number in numbers:
        key = f"{split}-{number % KEYS}"
        sums[key] = sums.get(key, 0) + number
        yield f"{key},{number},{sums[key]},1700000000000"


class CheckSums(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="weir-check-sums-")
        self.addCleanup(directory.cleanup)
        self.output = pathlib.Path(directory.name)
        self.committed = self.output / "committed"
        self.committed.mkdir()
        (self.output / "live").mkdir()
        self.lines = [*lines_of(0, range(20)), *lines_of(1, range(11))]

    def verdict(self, lines, complete=False):
        """The lines spread over two committed files, as two subtasks would."""
        (self.committed / "part-a-0").write_text("".join(line + "\n" for line in lines[::2]))
        (self.committed / "part-b-0").write_text("".join(line + "\n" for line in lines[1::2]))
        return judge(self.output, KEYS, complete)

    def counts(self, lines, complete=False):
        found = self.verdict(lines, complete)
        self.assertFalse(found["good"])
        return found["gaps"], found["duplicates"], found["wrongSums"]

    def test_right_output_is_good(self):
        found = self.verdict(self.lines)
        self.assertTrue(found["good"], found)
        self.assertEqual((found["records"], found["splits"]), (31, 2))

    def test_splits_need_not_be_equally_far(self):
        self.assertTrue(self.verdict(list(lines_of(0, range(5))))["good"])

    def test_a_gap_alone(self):
        self.assertEqual(self.counts([x for x in self.lines if not x.startswith("0-1,7,")]),
                         (1, 0, 0))

    def test_a_gap_at_the_beginning(self):
        self.assertEqual(self.counts(self.lines[4:]), (4, 0, 0))

    def test_a_fork_begins_later_and_must_know_the_sums(self):
        self.verdict(self.lines[4:])
        self.assertTrue(judge(self.output, KEYS, from_first=True)["good"])
        self.verdict([x for x in self.lines[4:] if not x.startswith("0-1,7,")])
        self.assertEqual(judge(self.output, KEYS, from_first=True)["gaps"], 1)
        self.verdict(list(lines_of(0, range(4, 9))))
        self.assertEqual(judge(self.output, KEYS, from_first=True)["wrongSums"], 5)

    def test_a_duplicate_alone(self):
        self.assertEqual(self.counts([*self.lines, self.lines[3], self.lines[3]]), (0, 2, 0))

    def test_a_duplicate_with_another_time(self):
        again = self.lines[3].replace("1700000000000", "1700000000999")
        self.assertEqual(self.counts([*self.lines, again]), (0, 1, 0))

    def test_a_wrong_sum_alone(self):
        self.lines[5] = self.lines[5].replace("0-2,5,7,", "0-2,5,5,")
        self.assertEqual(self.counts(self.lines), (0, 0, 1))

    def test_state_that_was_lost_shows_as_wrong_sums_without_gaps(self):
        lines = [*lines_of(0, range(9)), *lines_of(0, range(9, 12))]
        self.assertEqual(self.counts(lines), (0, 0, 3))

    def test_a_number_under_a_wrong_key(self):
        self.lines[0] = self.lines[0].replace("0-0,0,", "0-1,0,")
        self.assertEqual(self.counts(self.lines), (0, 0, 1))

    def test_a_replay_after_an_older_savepoint(self):
        lines = [*lines_of(0, range(20)), *list(lines_of(0, range(25)))[10:]]
        self.assertEqual(self.counts(lines), (0, 10, 0))

    def test_unfinished_files_do_not_count(self):
        (self.committed / ".part-a-1.inprogress.x").write_text("0-2,20,77,1\n0-0,21,\n")
        self.assertTrue(self.verdict(self.lines)["good"])

    def test_nothing_at_all_is_not_good(self):
        self.assertFalse(judge(self.output, KEYS)["good"])

    def test_live_records_have_to_be_committed_at_the_end(self):
        live = [f"1700000000001 {line}\n" for line in self.lines]
        (self.output / "live" / "records-0.txt").write_text("".join(live) + "1700000000002 0-2,2")
        self.assertTrue(self.verdict(self.lines, complete=True)["good"])
        self.assertTrue(self.verdict(self.lines[:-1])["good"])
        self.assertEqual(self.counts(self.lines[:-1], complete=True), (1, 0, 0))

    def test_the_exit_code_tells(self):
        script = pathlib.Path(__file__).with_name("check_sums.py")
        self.verdict(self.lines)
        for lines, code in ((self.lines, 0), (self.lines[1:], 1)):
            self.verdict(lines)
            done = subprocess.run([sys.executable, str(script), "--keys", str(KEYS), str(self.output)],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
