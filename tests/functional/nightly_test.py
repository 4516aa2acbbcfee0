"""What takes too long for every run of CI: long stops, a clock that is set, Weir killed again and again. Judged by
the output of the job Sums, on one Flink line (WEIR_TEST_FAULTS_FLINK, default 1.20)."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from faults_test import FLINK
from summing import Summing
from weir_server import wait_until

CLOCK = pathlib.Path(__file__).with_name("wall_clock.c")


class Nightly(Summing, unittest.TestCase):
    flink = FLINK

    def test_job_manager_stands_still_for_a_minute(self):
        """As long as the default of control.unreachableTime: it may be replaced or not."""
        self.running()
        held = self.weir.job_managers()[0]
        os.kill(held, signal.SIGSTOP)
        time.sleep(60)
        try:
            os.kill(held, signal.SIGCONT)
        except ProcessLookupError:
            pass
        self.wait_records(1000)
        self.wait_caught_up()
        self.weir.wait_state("sums", "RUNNING")
        self.assertEqual(len(self.weir.jobs("sums")), 1)
        self.end_exactly()
        self.continues()

    def test_weir_killed_at_any_moment_of_upgrades_and_of_a_suspend(self):
        self.running()
        for number, moment in enumerate((0.05, 0.2, 0.6, 1.2, 2.5, 4)):
            revision = self.job()["status"]["revision"]
            self.change({"artifact": {"mainArgs": self.arguments(f"--rate {201 + number}")}})
            self.kill_weir_after(moment)
            self.wait_newer(revision)
            self.wait_records()
        for moment in (0.02, 0.1, 0.5):
            self.change(state="SUSPENDED")
            self.kill_weir_after(moment)
            self.weir.wait_state("sums", "SUSPENDED")
            self.assert_exact(complete=True)
            self.continues()
            self.resume()
            self.wait_records()
        self.end_exactly()

    def kill_weir_after(self, moment):
        time.sleep(moment)
        self.weir.kill()
        self.weir.start()

    def test_the_clock_is_set_by_hours(self):
        """Forward and back, while the job runs and during an upgrade. Flink keeps the real time."""
        self.clock = self.weir.directory / "clock"
        self.set_clock(0)
        library = self.weir.directory / "wall_clock.so"
        subprocess.run(["clang-19", "-shared", "-fPIC", "-O2", "-o", str(library), str(CLOCK)], check=True)
        self.weir.stop()
        self.weir.environment = {"LD_PRELOAD": str(library), "WEIR_TEST_CLOCK": str(self.clock)}
        self.weir.start()
        self.running()
        jvms = self.weir.jvms()
        for step in (3600, -3600):
            self.set_clock(step)
            time.sleep(4)
            self.wait_records()
            self.assertEqual((self.weir.state("sums"), self.weir.jvms()), ("RUNNING", jvms))
        self.change({"artifact": {"mainArgs": self.arguments("--rate 201")}})
        self.set_clock(7200)
        self.wait_newer(1)
        self.wait_records()
        self.set_clock(-7200)
        self.suspend()
        self.assert_exact(complete=True)
        self.continues()

    def set_clock(self, offset):
        """Seconds beside the real time."""
        self.clock.write_text(f"{offset}\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
