"""The state's way through suspend, upgrade, rollback and fork on real Flink, judged by the output of
the job Sums: zero gaps, zero duplicates, right sums. Runs once for each line of WEIR_TEST_FLINK."""

import os
import signal
import unittest

from check_sums import live_records
from lifecycle_test import LINES
from summing import Summing
from weir_server import wait_until


class State(Summing):
    """What every line of Flink has to pass."""

    settings = "control:\n  runningTime: 20s\n"

    def test_suspend_and_resume(self):
        self.sums()
        self.wait_records()
        self.suspend()
        self.assert_exact(complete=True)
        self.assertEqual(self.weir.jvms(), [])
        savepoint = self.weir.savepoints("sums")[0]["spec"]["savepointLocation"]
        self.resume()
        self.assertEqual(self.restored_from().removeprefix("file:"),
                         savepoint.removeprefix("file:"))
        self.end_exactly()

    def test_upgrade_by_each_way(self):
        """Other arguments and another parallelism, by default and as asked for."""
        self.sums()
        self.wait_records()
        for mode, template in (("AUTO", {"artifact": {"mainArgs": self.arguments("--rate 199")}}),
                               ("WARM_SWAP", {"parallelism": 2}),
                               ("SAME_CLUSTER", {"artifact": {"mainArgs": self.arguments("--rate 202")}}),
                               ("RESTART", {"parallelism": 1})):
            self.change(upgradeStrategy={"kind": "STATEFUL", "mode": mode})
            self.upgrade(template)
            self.assertEqual(self.job()["status"]["way"], mode.replace("AUTO", "WARM_SWAP"))
            self.assertEqual({v["parallelism"] for v in self.flink_job()["vertices"]},
                             {self.job()["spec"]["parallelism"]})
            self.assertTrue(self.restored_from())
            self.assertEqual(len(self.weir.job_managers()), 1)
            self.wait_records()
        self.end_exactly()

    def test_rescale_in_place(self):
        """The same job all along; a TaskManager that dies does not lower the parallelism."""
        self.sums()
        self.wait_records()
        job, manager = self.job()["metadata"]["id"], self.weir.job_managers()
        for parallelism in (3, 1, 2):
            self.upgrade({"parallelism": parallelism})
            self.assertEqual((self.job()["metadata"]["id"], self.weir.job_managers()), (job, manager))
            self.assert_runs_with(parallelism)
            self.wait_records()
        os.kill(self.weir.task_managers()[0], signal.SIGKILL)
        wait_until("the loss is noticed", lambda: self.flink_job()["state"] != "RUNNING")
        wait_until("it runs again", lambda: self.flink_job()["state"] == "RUNNING"
                   and {v["status"] for v in self.flink_job()["vertices"]} == {"RUNNING"})
        self.assert_runs_with(2)
        self.wait_records()
        self.end_exactly()

    def test_a_spare_task_manager_takes_over(self):
        """The job runs again without waiting for the replacement, and is not touched when spare ones come and go."""
        self.sums()
        self.wait_records()
        used = self.weir.task_managers()
        self.change(spareTaskManagers=1)
        wait_until("a spare TaskManager", lambda: len(self.weir.task_managers()) == 2)
        wait_until("its slot", lambda: self.slots() == 2)
        self.assertEqual(self.flink_job("/checkpoints")["counts"]["restored"], 0)
        os.kill(used[0], signal.SIGKILL)
        wait_until("it goes on from a checkpoint",
                   lambda: self.flink_job("/checkpoints")["counts"]["restored"] == 1)
        self.wait_records()
        wait_until("another spare one", lambda: self.slots() == 2)
        self.change(spareTaskManagers=0)
        wait_until("none is spare", lambda: len(self.weir.task_managers()) == 1)
        self.end_exactly()

    def test_a_reset_starts_from_the_chosen_savepoint(self):
        """An older one than the newest checkpoint; the output goes elsewhere, because numbers come again."""
        self.sums()
        self.wait_records()
        deployment = self.weir.deployment("sums")["metadata"]["id"]
        made = self.weir.api("POST", "/savepoints", {"metadata": {"deploymentId": deployment}})
        taken = wait_until("the savepoint", lambda: self.completed(made["metadata"]["id"]))
        self.wait_records()
        self.change(state="CANCELLED")
        self.weir.wait_state("sums", "CANCELLED")
        self.weir.api("POST", "/deployments/sums:reset", {"restorePointId": taken["metadata"]["id"]})
        again = self.weir.directory / "again"
        again.mkdir()
        self.change({"artifact": {"mainArgs": self.arguments("--sink-uid elsewhere", again)}}, state="RUNNING",
                    restoreStrategy={"kind": "LATEST_STATE", "allowNonRestoredState": True})
        self.weir.wait_state("sums", "RUNNING")
        self.assertEqual(self.restored_from().removeprefix("file:"),
                         taken["spec"]["savepointLocation"].removeprefix("file:"))
        self.wait_records(output=again)
        self.suspend()
        self.assert_exact(complete=True, output=again, from_first=True)
        numbers = {(key, number) for key, number, _, _ in live_records(self.output)}
        self.assertIn(next(live_records(again))[:2], numbers, "written before, after the savepoint")

    def completed(self, savepoint):
        found = self.weir.api("GET", f"/savepoints/{savepoint}")
        return found if found["status"]["state"] == "COMPLETED" else None

    def slots(self):
        return self.weir.flink(self.job()["metadata"]["id"], "overview")["slots-total"]

    def assert_runs_with(self, parallelism):
        self.assertEqual({v["parallelism"] for v in self.flink_job()["vertices"]}, {parallelism})
        wait_until(f"{parallelism} TaskManagers", lambda: len(self.weir.task_managers()) == parallelism)
        self.assertEqual(self.job()["spec"]["parallelism"], parallelism)

    def test_another_uid_needs_allow_non_restored_state(self):
        self.sums()
        self.wait_records()
        renamed = {"artifact": {"entryClass": "dev.weir.jobs.SumsRenamed"}}
        self.refused(renamed, "allowNonRestored")
        renamed["artifact"]["mainArgs"] = self.arguments("--rate 201")
        before = self.job()["status"]["revision"]
        self.change(renamed, restoreStrategy={"kind": "LATEST_STATE", "allowNonRestoredState": True})
        self.wait_newer(before)
        self.assertTrue(self.restored_from())
        self.end_exactly()

    def refused(self, template, cause):
        """An upgrade that cannot work gives way to what ran before, and tells why."""
        self.change(template)

        def rolled_back():
            status = self.weir.deployment("sums")["status"]
            return status["state"] == "RUNNING" and status.get("revision", {}).get("rolledBackBecause")

        because = wait_until("the rollback", rolled_back, 300)
        self.assertIn(cause, because + self.weir.story("sums"))
        self.assertEqual(self.job()["status"]["revision"], 1)
        self.wait_records()


class StateInDetail(State):
    """What is Weir's own doing, and so the same on every Flink: once."""

    def test_incompatible_state_is_rolled_back(self):
        self.sums()
        self.wait_records()
        self.refused({"artifact": {"mainArgs": self.arguments("--state text")}}, "must not be incompatible")
        self.upgrade({"artifact": {"mainArgs": self.arguments("--rate 201")}})
        self.end_exactly()

    def test_a_main_that_throws_leaves_the_running_job_alone(self):
        self.sums()
        self.wait_records()
        job, jvms = self.job()["metadata"]["id"], self.weir.jvms()
        self.refused({"artifact": {"mainArgs": self.arguments("--fail main")}}, "boom in main")
        self.assertEqual((self.job()["metadata"]["id"], self.weir.jvms()), (job, jvms))
        self.end_exactly()

    def test_a_job_that_fails_again_and_again_is_rolled_back(self):
        self.sums()
        self.wait_records()
        self.refused({"artifact": {"mainArgs": self.arguments("--fail task")}}, "boom in task")
        self.end_exactly()

    def test_without_rollback_the_next_upgrade_repairs(self):
        self.sums(upgradeStrategy={"kind": "STATEFUL", "rollback": "OFF"})
        self.wait_records()
        self.change({"artifact": {"mainArgs": self.arguments("--fail task")}})
        wait_until("the failure", lambda: self.weir.state("sums") == "FAILED", 300)
        self.assertIn("boom in task", self.weir.story("sums"))
        self.change({"artifact": {"mainArgs": self.arguments()}})
        wait_until("the repair", lambda: self.weir.state("sums") == "RUNNING", 300)
        self.assertEqual(self.job()["status"]["revision"], 3)
        self.end_exactly()

    def test_a_fork_starts_with_the_state_and_leaves_the_original_alone(self):
        self.sums()
        self.wait_records()
        deployment = self.weir.deployment("sums")["metadata"]["id"]
        made = self.weir.api("POST", "/savepoints", {"metadata": {"deploymentId": deployment}})
        taken = wait_until("the savepoint", lambda: self.completed(made["metadata"]["id"]))
        forked = self.weir.directory / "forked"
        forked.mkdir()
        answer = self.weir.api("POST", "/deployments/sums:fork",
                               {"name": "fork", "savepointId": taken["metadata"]["id"]})
        self.assertTrue(any("FileSink" in warning for warning in answer["warnings"]), answer["warnings"])
        self.assertEqual(self.weir.state("fork"), "CANCELLED")
        self.change({"artifact": {"mainArgs": self.arguments("--sink-uid elsewhere", forked)}}, "fork",
                    restoreStrategy={"kind": "LATEST_STATE", "allowNonRestoredState": True})
        self.resume("fork")
        self.assertEqual(self.restored_from("fork").removeprefix("file:"),
                         taken["spec"]["savepointLocation"].removeprefix("file:"))
        self.wait_records(output=forked)
        self.suspend("fork")
        self.assert_exact(complete=True, output=forked, from_first=True)
        self.assertEqual(self.weir.state("sums"), "RUNNING")
        self.end_exactly()


def load_tests(loader, standard, pattern):
    suite = unittest.TestSuite()
    for number, line in enumerate(LINES):
        base = State if number else StateInDetail
        case = type(f"StateOnFlink{line.replace('.', '_')}", (base, unittest.TestCase), {"flink": line})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)
