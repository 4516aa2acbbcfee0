"""Weir dies at each named point of a stateful upgrade and is started again. WEIR_CRASH_AT works in test builds only:
WEIR_TEST_CRASH_BINARY is such a `weir`. WEIR_TEST_CRASH_POINTS may name fewer points."""

import os
import pathlib
import signal
import unittest

from faults_test import FLINK
from summing import Summing

POINTS = ("prepared,primed,stop recorded,stop sent,savepoint complete,submit recorded,submitted,"
          "old torn down")


class CrashPoint(Summing):
    flink = FLINK
    point = None

    def test_upgrade(self):
        self.running()
        self.weir.stop()
        self.weir.binary = pathlib.Path(os.environ["WEIR_TEST_CRASH_BINARY"])
        self.weir.environment = {"WEIR_CRASH_AT": self.point}
        self.weir.start()
        self.change({"artifact": {"mainArgs": self.arguments("--rate 201")}})
        self.assertEqual(self.weir.process.wait(timeout=300), -signal.SIGKILL, "the point was not reached")
        self.weir.environment = {}
        self.weir.start()
        self.wait_newer(1)
        self.assertEqual(len(self.weir.job_managers()), 1)
        self.end_exactly()


def load_tests(loader, standard, pattern):
    suite = unittest.TestSuite()
    for point in os.environ.get("WEIR_TEST_CRASH_POINTS", POINTS).split(","):
        name = "CrashPoint" + "".join(word.capitalize() for word in point.split())
        suite.addTests(loader.loadTestsFromTestCase(
            type(name, (CrashPoint, unittest.TestCase), {"point": point})))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)
