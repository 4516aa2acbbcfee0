"""A session cluster on real Flink (WEIR_TEST_FAULTS_FLINK, default 1.20): two deployments in it, through an
upgrade, the death of its JobManager, a restart of Weir, and its end."""

import os
import signal
import unittest

from summing import Summing
from weir_server import ApiError, wait_until

FLINK = os.environ.get("WEIR_TEST_FAULTS_FLINK", "1.20")
NAME = "shared"


class SessionClusters(Summing, unittest.TestCase):
    flink = FLINK

    def setUp(self):
        super().setUp()
        self.other_output = self.output.parent / "other"

    def session(self, state="RUNNING", **spec):
        body = {"metadata": {"name": NAME}, "spec": {
            "state": state, "flinkVersion": FLINK, "numberOfTaskManagers": 1,
            "resources": {"jobmanager": {"cpu": 0.5, "memory": "1g"},
                          "taskmanager": {"cpu": 0.5, "memory": "1g"}},
            "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "4"}, **spec}}
        self.weir.api("POST", "/sessionclusters", body)

    def session_state(self):
        status = self.weir.api("GET", f"/sessionclusters/{NAME}")["status"]
        assert status["state"] != "FAILED", status
        return status["state"]

    def wait_session(self, state):
        wait_until(f"the session cluster is {state}", lambda: self.session_state() == state)

    def change_session(self, **spec):
        return self.weir.api("PATCH", f"/sessionclusters/{NAME}", {"spec": spec})

    def two_in_it(self):
        self.session()
        self.wait_session("RUNNING")
        self.sums(sessionClusterName=NAME)
        self.sums(name="other", output=self.other_output, sessionClusterName=NAME)
        self.wait_records()
        self.wait_records(output=self.other_output)
        for name in ("sums", "other"):
            self.wait_checkpoint(name)

    def test_two_jobs_share_it_and_keep_their_state(self):
        self.two_in_it()
        self.assertEqual(len(self.weir.jvms()), 2)
        manager = self.weir.job_managers()
        self.assertEqual(self.job()["metadata"]["sessionClusterName"], NAME)
        first = self.job("other")["metadata"]["id"]

        with self.assertRaises(ApiError) as refused:
            self.change_session(state="STOPPED")
        self.assertEqual(refused.exception.status, 409)
        self.assertIn("sums", str(refused.exception.body))
        self.assertIn("other", str(refused.exception.body))

        self.upgrade({"flinkConfiguration": {"pipeline.name": "upgraded"}})
        self.assertEqual(self.job()["status"]["way"], "SAME_CLUSTER")
        self.assertTrue(self.restored_from())
        self.assertEqual(self.weir.job_managers(), manager)
        self.wait_records()
        self.wait_checkpoint("sums")

        second = self.job()["metadata"]["id"]
        os.kill(manager[0], signal.SIGKILL)
        wait_until("another JobManager", lambda: self.weir.job_managers() not in ([], manager))
        for name in ("sums", "other"):
            wait_until(f"{name} goes on", lambda n=name: self.is_recovered(n), 300)
        self.assertEqual(self.job()["metadata"]["id"], second)
        self.assertEqual(self.job("other")["metadata"]["id"], first)
        self.wait_records()
        self.wait_records(output=self.other_output)

        processes = self.weir.jvms()
        self.weir.kill()
        self.weir.start()
        self.weir.wait_state("other", "RUNNING")
        self.assertEqual(self.session_state(), "RUNNING")
        self.assertEqual(self.weir.jvms(), processes)

        self.suspend("other")
        self.assert_exact(complete=True, output=self.other_output)
        self.end_exactly()
        self.assertEqual(self.weir.jvms(), processes)
        self.resume()
        self.wait_records()
        self.cancel()
        self.assert_exact()
        self.assertEqual(self.weir.jvms(), processes)

        self.change_session(state="STOPPED")
        self.wait_session("STOPPED")
        self.assertEqual(self.weir.jvms(), [])

    def is_recovered(self, name):
        recovered = any("recovered" in e["spec"]["message"] for e in self.weir.events(name))
        return recovered and self.weir.state(name) == "RUNNING"

    def test_a_deployment_waits_for_it_by_name(self):
        self.create("early", "Sums", self.arguments(), sessionClusterName=NAME)

        def waits_for(text):
            shown = self.weir.deployment("early")["status"].get("transition") or {}
            return text in shown.get("waitingFor", "")

        wait_until("it waits for what is not there",
                   lambda: waits_for(f"session cluster '{NAME}', which does not exist"))
        self.session(flinkConfiguration={"taskmanager.numberOfTaskSlots": "1"})
        self.weir.wait_state("early", "RUNNING")
        self.create("late", "Sums", self.arguments(output=self.other_output), sessionClusterName=NAME)

        def waits_for_slots():
            shown = self.weir.deployment("late")["status"].get("transition") or {}
            return "free slots in session cluster" in shown.get("waitingFor", "")

        wait_until("it waits for slots", waits_for_slots)
        self.change_session(numberOfTaskManagers=2)
        self.weir.wait_state("late", "RUNNING")
        self.wait_session("RUNNING")
        self.assertEqual(len(self.weir.task_managers()), 2)
        self.cancel("late")
        self.change_session(numberOfTaskManagers=1)
        wait_until("one TaskManager has ended", lambda: len(self.weir.task_managers()) == 1)
        self.weir.wait_state("early", "RUNNING")
        self.cancel("early")


if __name__ == "__main__":
    unittest.main()
