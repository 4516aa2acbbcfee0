"""What Weir says of a job against real Flink: the preview of an upgrade, the graph and its figures.
Runs once for each line of WEIR_TEST_FLINK (default "1.20 2")."""

import datetime
import os
import signal
import time
import unittest
import urllib.parse

from lifecycle_test import Deployed, LINES
from weir_server import ApiError, TEXT, wait_until


def seconds_between(earlier, later):
    times = [datetime.datetime.fromisoformat(t.replace("Z", "+00:00")) for t in (earlier, later)]
    return (times[1] - times[0]).total_seconds()


class Insight(Deployed):
    def graph(self, name="stream"):
        return self.weir.api("GET", f"/jobs/{self.weir.jobs(name)[0]['metadata']['id']}/graph")

    def counted(self, name="stream"):
        """What the source has sent on by Flink's own count, and when."""
        job = self.weir.jobs(name)[0]["metadata"]["id"]
        vertices = self.weir.flink(job, f"jobs/{job.replace('-', '')}")["vertices"]
        return vertices[0]["metrics"]["write-records"], time.monotonic()

    def test_previews_say_what_is_done(self):
        self.stream()
        self.wait_checkpoint()
        for number, mode in enumerate(["WARM_SWAP", "SAME_CLUSTER", "RESTART", "WARM_SWAP"]):
            change = {"spec": {
                "upgradeStrategy": {"kind": "STATEFUL", "mode": mode},
                "template": {"spec": {"artifact": {
                    "mainArgs": f"--input {TEXT} --rate {101 + number} --output {self.output}"}}}}}
            said = self.weir.api("POST", "/deployments/stream:preview", change)
            self.assertEqual(said["action"], mode, said)
            self.assertEqual(said["revision"], number + 2)
            self.assertEqual(said["state"]["kind"], "NEW_SAVEPOINT")
            known = [j["status"] for j in self.weir.jobs("stream") if j["status"].get("way") == mode]
            gaps = sorted(seconds_between(s["phases"]["stoppingAt"], s["phases"]["runningAt"])
                          for s in known)
            self.assertEqual(said["expectedGap"]["samples"], len(gaps))
            if gaps:
                self.assertAlmostEqual(said["expectedGap"]["leastSeconds"], gaps[0], places=3)
                self.assertAlmostEqual(said["expectedGap"]["mostSeconds"], gaps[-1], places=3)
            self.weir.api("PATCH", "/deployments/stream", change)
            wait_until(f"revision {number + 2} runs", lambda: (
                self.weir.state("stream") == "RUNNING" and
                self.weir.deployment("stream")["status"]["revision"]["running"] == number + 2))
            job = self.weir.jobs("stream")[0]
            self.assertEqual(job["status"]["way"], mode)
            # Flink writes "file:/x" for "file:///x".
            begun, foretold = (urllib.parse.urlparse(place).path for place in
                               (job["spec"]["savepointLocation"], said["state"]["location"]))
            self.assertTrue(begun.startswith(foretold + "/"), (begun, foretold))

    def test_figures_are_those_of_flinks_counters(self):
        self.stream(parallelism=2)
        wait_until("a rate", lambda: "recordsInPerSecond" in self.graph()["figures"])
        first, start = self.counted()
        rates = {}

        def look():
            seen = self.graph()
            rates[seen["observedAt"]] = seen["figures"].get("recordsInPerSecond")
            return seen if len(rates) == 10 else None

        graph = wait_until("ten readings", look)
        last, end = self.counted()
        truth = (last - first) / (end - start)
        known = [rate for rate in rates.values() if rate is not None]
        self.assertGreater(len(known), 5, rates)
        self.assertLess(abs(sum(known) / len(known) / truth - 1), 0.15, (rates, truth))
        names = [v["name"] for v in graph["vertices"]]
        self.assertEqual(names, ["Source: Text", "Count -> Append"])
        sink = graph["vertices"][1]
        self.assertEqual((sink["status"], sink["parallelism"]), ("RUNNING", 2))
        # Flink says "NaN" for how busy a task is while it does not know, and then there is no figure.
        wanted = {"recordsInPerSecond", "busy", "backPressured", "checkpointSize"}
        wait_until("every figure", lambda: wanted <= set(self.graph()["vertices"][1]["figures"]))
        self.assertEqual([e["shipStrategy"] for e in graph["edges"]], ["HASH"])
        for figure in ("cpu", "heap", "garbageCollection", "checkpointDuration", "restarts"):
            self.assertIn(figure, graph["figures"])
        job = graph["jobId"]
        wanted = f"recordsInPerSecond,cpu,{sink['id']}.busy"
        series = self.weir.api("GET", f"/jobs/{job}/metrics?names={wanted}&step=2s")["series"]
        for one in series:
            self.assertTrue(any(value is not None for value in one["values"]), one)

    def test_a_stopped_job_manager_is_named_and_has_no_figures(self):
        self.stream()
        wait_until("a rate", lambda: "recordsInPerSecond" in self.graph()["figures"])
        (pid,) = self.weir.job_managers()
        os.kill(pid, signal.SIGSTOP)
        try:
            silent = wait_until("the silence is told", lambda: (
                lambda graph: graph if graph.get("problem") else None)(self.graph()))
        finally:
            os.kill(pid, signal.SIGCONT)
        self.assertEqual(silent["figures"], {})
        self.assertEqual(silent["flinkStatus"], "UNKNOWN")
        self.assertEqual([v["figures"] for v in silent["vertices"]], [{}, {}])
        self.assertGreater(silent["ageSeconds"], 1)
        wait_until("figures again", lambda: not self.graph().get("problem"))

    def test_retry_and_what_there_is_to_retry(self):
        self.create("broken", "NoSuchJob", "", maxJobCreationAttempts=1)
        self.weir.wait_state("broken", "FAILED")
        self.assertIn("weir retry", self.weir.deployment("broken")["status"]["failure"]["message"])
        jobs = len(self.weir.jobs("broken"))
        self.weir.api("POST", "/deployments/broken:retry")
        wait_until("another attempt", lambda: len(self.weir.jobs("broken")) == jobs + 1)
        self.weir.wait_state("broken", "FAILED")
        self.stream()
        with self.assertRaises(ApiError) as refused:
            self.weir.api("POST", "/deployments/stream:retry")
        self.assertEqual(refused.exception.body["reason"], "NothingToRetry")


def load_tests(loader, standard, pattern):
    suite = unittest.TestSuite()
    for line in LINES:
        name = f"InsightOnFlink{line.replace('.', '_')}"
        case = type(name, (Insight, unittest.TestCase), {"flink": line})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)
