"""What goes wrong on a real machine, once on one Flink line (WEIR_TEST_FAULTS_FLINK, default 1.20): processes
that hang, reboots, storms of restarts, directories that cannot be written, and the way of the state
through suspend, upgrade and savepoints."""

import json
import os
import pathlib
import signal
import unittest

from lifecycle_test import Deployed, line_count
from weir_server import wait_until

FLINK = os.environ.get("WEIR_TEST_FAULTS_FLINK", "1.20")


class Faults(Deployed, unittest.TestCase):
    flink = FLINK
    settings = "control:\n  unreachableTime: 6s\n"

    def test_suspend_and_resume_continue_with_the_state(self):
        self.stream()
        self.wait_lines()
        self.weir.api("PATCH", "/deployments/stream", {"spec": {"state": "SUSPENDED"}})
        self.weir.wait_state("stream", "SUSPENDED")
        self.assertEqual(self.weir.jvms(), [])
        savepoint = self.weir.savepoints("stream")[0]
        self.assertEqual(savepoint["metadata"]["origin"], "SUSPEND")
        self.assertEqual(savepoint["status"]["state"], "COMPLETED")
        self.weir.api("PATCH", "/deployments/stream", {"spec": {"state": "RUNNING"}})
        self.weir.wait_state("stream", "RUNNING")
        self.wait_lines()
        jobs = self.weir.jobs("stream")
        self.assertEqual(len(jobs), 2)
        self.assertEqual(jobs[0]["spec"]["savepointLocation"],
                         savepoint["spec"]["savepointLocation"])
        self.assert_no_gap()

    def test_stateful_upgrade_continues_with_the_state(self):
        self.stream()
        self.wait_lines()
        change = {"spec": {"template": {"spec": {"flinkConfiguration": {"pipeline.name": "x"}}}}}
        self.weir.api("PATCH", "/deployments/stream", change)
        wait_until("the new revision runs", lambda: len(self.weir.jobs("stream")) == 2
                   and self.weir.state("stream") == "RUNNING")
        self.assertEqual(self.weir.jobs("stream")[0]["status"]["revision"], 2)
        self.wait_lines()
        self.assertIn("USING_AN_UPGRADE_STRATEGY", self.weir.event_names("stream"))
        self.assertEqual(len(self.weir.job_managers()), 1)
        self.assert_no_gap()

    def test_a_users_savepoint_completes_and_the_job_goes_on(self):
        self.stream()
        self.wait_lines()
        deployment = self.weir.deployment("stream")["metadata"]["id"]
        made = self.weir.api("POST", "/savepoints", {"metadata": {"deploymentId": deployment}})

        def completed():
            found = self.weir.api("GET", f"/savepoints/{made['metadata']['id']}")
            self.assertNotEqual(found["status"]["state"], "FAILED", found)
            return found if found["status"]["state"] == "COMPLETED" else None

        done = wait_until("the savepoint", completed)
        location = pathlib.Path(done["spec"]["savepointLocation"].removeprefix("file:"))
        self.assertTrue((location / "_metadata").exists())
        self.wait_lines()
        self.assertEqual(self.weir.state("stream"), "RUNNING")

    def test_a_stopped_job_manager_is_recognised_and_replaced(self):
        self.stream()
        self.wait_lines()
        self.wait_checkpoint()
        job = self.weir.jobs("stream")[0]["metadata"]["id"]
        victim = self.weir.job_managers()[0]
        os.kill(victim, signal.SIGSTOP)

        def unreachable():
            conditions = self.weir.deployment("stream")["status"].get("running", {})
            return any(c["type"] == "ClusterUnreachable" and c["status"] == "True"
                       for c in conditions.get("conditions", []))

        wait_until("the condition ClusterUnreachable", unreachable)
        wait_until("another JobManager", lambda: victim not in self.weir.job_managers()
                   and self.weir.job_managers())
        self.weir.wait_state("stream", "RUNNING")
        self.wait_lines(300)
        self.assertEqual(self.weir.jobs("stream")[0]["metadata"]["id"], job)
        self.assert_no_gap()

    def test_everything_is_killed_at_once(self):
        """As a reboot: no shim has written how its program ended."""
        self.stream()
        self.wait_lines()
        self.wait_checkpoint()
        job = self.weir.jobs("stream")[0]["metadata"]["id"]
        self.weir.kill()
        for pid in self.weir.shims() + self.weir.jvms():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_until("all are gone", lambda: not self.weir.jvms())
        self.weir.start()
        self.weir.wait_state("stream", "RUNNING")
        self.wait_lines(300)
        self.assertEqual(self.weir.jobs("stream")[0]["metadata"]["id"], job)
        self.assert_no_gap()

    def test_a_restart_storm_is_told_with_its_cause(self):
        self.create("storm", "Misbehave", "--how task-throws --after 20",
                    configuration={"restart-strategy.type": "fixed-delay",
                                   "restart-strategy.fixed-delay.attempts": "100000",
                                   "restart-strategy.fixed-delay.delay": "100 ms"})

        def told():
            story = self.weir.story("storm")
            return "GENERAL_FAILURE" in story and "boom in task" in story

        wait_until("the storm is told", told)
        conditions = self.weir.deployment("storm")["status"]["running"]["conditions"]
        failing = next(c for c in conditions if c["type"] == "JobFailing")
        self.assertEqual(failing["status"], "True")

    def test_a_job_that_fails_for_good_is_tried_again_and_then_given_up(self):
        self.create("bad", "Misbehave", "--how task-throws --after 5", maxJobCreationAttempts=2,
                    configuration={"restart-strategy.type": "none"})
        self.weir.wait_state("bad", "FAILED")
        self.assertEqual([j["status"]["state"] for j in self.weir.jobs("bad")], ["FAILED"] * 2)
        self.assertIn("boom in task", json.dumps(self.weir.deployment("bad")["status"]))
        self.assertIn("TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS", self.weir.event_names("bad"))
        wait_until("no process is left", lambda: not self.weir.jvms())

    def test_a_checkpoint_directory_that_cannot_be_made_is_told(self):
        self.create("nowhere", "WordStream", f"--input x --rate 1 --output {self.output}",
                    maxJobCreationAttempts=1,
                    configuration={"execution.checkpointing.dir": "file:///proc/nowhere"})
        self.weir.wait_state("nowhere", "FAILED")
        failure = json.dumps(self.weir.deployment("nowhere")["status"]["failure"])
        self.assertIn("cannot be written", failure)

    def test_a_wrong_option_is_told_with_flinks_words(self):
        self.create("wrong", "WordStream", f"--input x --rate 1 --output {self.output}",
                    maxJobCreationAttempts=1,
                    configuration={"heartbeat.interval": "often"})
        self.weir.wait_state("wrong", "FAILED")
        self.assertIn("heartbeat.interval", json.dumps(self.weir.deployment("wrong")["status"])
                      + self.weir.story("wrong"))

    def test_sigterm_with_stop_jobs_resumes_at_the_next_start(self):
        self.stream()
        self.wait_lines()
        self.wait_checkpoint()
        self.weir.stop()
        self.weir.arguments.append("--stop-jobs")
        self.weir.start()
        self.weir.wait_state("stream", "RUNNING")
        self.assertEqual(self.weir.stop(), 0)
        self.assertEqual(self.weir.jvms(), [])
        self.weir.start()
        self.weir.wait_state("stream", "RUNNING")
        self.wait_lines(300)
        self.assert_no_gap()


if __name__ == "__main__":
    unittest.main(verbosity=2)
