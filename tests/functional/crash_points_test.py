"""Weir dies at each named point of a stateful upgrade and is started again, judged by the output of the job Sums.
WEIR_CRASH_AT works only in builds with WEIR_CRASH_POINTS: WEIR_TEST_CRASH_BINARY is such a `weir`."""

import os
import pathlib
import signal
import unittest

from faults_test import FLINK
from summing import Summing
from weir_server import BINARY

CRASHING = pathlib.Path(os.environ.get("WEIR_TEST_CRASH_BINARY", "unknown"))
POINTS = ("prepared", "primed", "stop-recorded", "stop-sent", "savepoint-complete", "submit-recorded",
          "submitted", "old-torn-down")


class CrashPoints(Summing, unittest.TestCase):
    flink = FLINK

    def test_one_upgrade_for_each_point(self):
        """The same job is upgraded eight times, and Weir dies at another point each time."""
        self.running()
        for rate, point in enumerate(POINTS, 201):
            self.restart_to_die_at(point)
            revision = self.job()["status"]["revision"]
            self.change({"artifact": {"mainArgs": self.arguments(f"--rate {rate}")}})
            self.dies_at(point)
            self.weir.environment = {}
            self.weir.start()
            self.is_upgraded(revision, point)
        self.end_exactly()

    def test_one_upgrade_through_all_points(self):
        """One upgrade, in which Weir dies at every point; what the last life did must not be done again."""
        self.running()
        revision = self.job()["status"]["revision"]
        self.restart_to_die_at(POINTS[0])
        self.change({"artifact": {"mainArgs": self.arguments("--rate 201")}})
        for point, following in zip(POINTS, (*POINTS[1:], "")):
            self.dies_at(point)
            self.weir.environment = {"WEIR_CRASH_AT": following}
            self.start_until(following)
        self.is_upgraded(revision, "all of them")
        self.end_exactly()

    def test_the_shipped_binary_has_no_such_points(self):
        self.assertIn(b"WEIR_CRASH_AT", CRASHING.read_bytes())
        self.assertNotIn(b"WEIR_CRASH_AT", BINARY.read_bytes())

    def restart_to_die_at(self, point):
        self.weir.stop()
        self.weir.binary = CRASHING
        self.weir.environment = {"WEIR_CRASH_AT": point}
        self.weir.start()

    def start_until(self, point):
        """Where a point comes soon, Weir may die before it has answered."""
        try:
            self.weir.start()
        except AssertionError:
            if self.weir.process.poll() != -signal.SIGKILL:
                raise AssertionError(f"Weir should have died at {point}:\n{self.weir.log_tail()}") from None

    def dies_at(self, point):
        self.assertEqual(self.weir.process.wait(timeout=120), -signal.SIGKILL,
                         f"the end was another than at {point}")

    def is_upgraded(self, revision, point):
        self.wait_newer(revision)
        self.wait_records()
        self.assertEqual(len(self.weir.job_managers()), 1, point)


if __name__ == "__main__":
    unittest.main(verbosity=2)
