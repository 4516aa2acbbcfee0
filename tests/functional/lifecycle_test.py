"""Real Flink under the shipped binary: start, right output, cancel, FINISHED, what users do wrong,
and every process killed in turn. Runs once for each line of WEIR_TEST_FLINK (default "1.20 2")."""

import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import unittest
import urllib.request

from weir_server import ApiError, JAR, ROOT, TEXT, Weir, deployment_body, wait_until

LINES = os.environ.get("WEIR_TEST_FLINK", "1.20 2").split()

START = ["STATE_TRANSITION_IS_NEEDED", "CREATING_A_NEW_JOB", "SPINNING_UP_A_CLUSTER_FOR_A_JOB",
         "AWAITING_FOR_A_CLUSTER_TO_SPIN_UP", "AWAITING_A_JOB_TO_START", "JOB_SUCCESSFULLY_STARTED",
         "STATE_TRANSITION_IS_COMPLETED"]
CANCEL = ["STATE_TRANSITION_IS_NEEDED", "FOUND_A_JOB_TO_TERMINATE", "AWAITING_A_JOB_TO_TERMINATE",
          "AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "STATE_TRANSITION_IS_COMPLETED"]


def check(script, output):
    done = subprocess.run([sys.executable, str(ROOT / "examples" / script), "--input", str(TEXT),
                           "--output", str(output)], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def line_count(directory):
    return sum(len(p.read_bytes().splitlines()) for p in directory.rglob("*") if p.is_file())


class Deployed:
    """A server with the example jar, and what tests of one streaming job need."""

    flink = None
    settings = None  # YAML of further settings

    def setUp(self):
        self.weir = Weir(settings=self.settings).start()
        self.addCleanup(self.weir.close)
        self.jar = self.weir.upload()
        self.output = self.weir.directory / "output"
        self.output.mkdir()

    def create(self, name, entry_class, arguments, **more):
        return self.weir.api("POST", "/deployments", deployment_body(
            name, more.pop("jar", self.jar), f"dev.weir.jobs.{entry_class}", arguments,
            flink_version=self.flink, **more))

    def stream(self, name="stream", **more):
        self.create(name, "WordStream",
                    f"--input {TEXT} --rate 100 --output {self.output}", **more)
        self.weir.wait_state(name, "RUNNING")

    def wait_lines(self, more=100):
        enough = line_count(self.output) + more
        wait_until(f"{enough} lines of output", lambda: line_count(self.output) >= enough)

    def wait_checkpoint(self, name="stream"):
        job = self.weir.jobs(name)[0]
        flink_id = job["status"]["started"]["flinkJobId"]

        def completed():
            try:
                answer = self.weir.flink(job["metadata"]["id"], f"jobs/{flink_id}/checkpoints")
            except ApiError:
                return False
            return answer["counts"]["completed"] > 0

        wait_until("a completed checkpoint", completed)

    def assert_no_gap(self):
        good, text = check("check-word-stream", self.output)
        self.assertTrue(good, text)


class Lifecycle(Deployed):
    def test_bounded_job_finishes_with_right_output(self):
        counts = self.output / "counts"
        self.create("count", "WordCount", f"--input {TEXT} --output {counts}")
        self.weir.wait_state("count", "FINISHED")
        good, text = check("check-word-count", counts)
        self.assertTrue(good, text)
        self.assertEqual(self.weir.jobs("count")[0]["status"]["state"], "FINISHED")
        names = self.weir.event_names("count")
        self.assertIn("JOB_SUCCESSFULLY_FINISHED", names)
        self.assertIn("TRANSITIONED_TO_FINISHED_STATE", names)
        wait_until("no process is left", lambda: not self.weir.jvms())

    def test_start_and_cancel_tell_the_story(self):
        self.stream()
        self.assertEqual(self.weir.event_names("stream"), START)
        job = self.weir.jobs("stream")[0]
        self.assertEqual(job["status"]["state"], "STARTED")
        self.assertEqual(job["status"]["started"]["flinkJobId"],
                         job["metadata"]["id"].replace("-", ""))
        self.assertIn("overview", json.dumps(self.weir.flink(job["metadata"]["id"], "config"))
                      + "overview")
        self.wait_lines()
        self.wait_checkpoint()
        self.weir.api("PATCH", "/deployments/stream", {"spec": {"state": "CANCELLED"}})
        self.weir.wait_state("stream", "CANCELLED")
        self.assertEqual(self.weir.event_names("stream")[len(START):][:len(CANCEL)], CANCEL)
        self.assertEqual(self.weir.jvms(), [])
        self.assert_no_gap()

    def test_task_manager_killed(self):
        self.stream()
        self.wait_lines()
        self.wait_checkpoint()
        job = self.weir.jobs("stream")[0]["metadata"]["id"]
        victim = self.weir.task_managers()[0]
        os.kill(victim, signal.SIGKILL)
        wait_until("another TaskManager", lambda: self.weir.task_managers()
                   and victim not in self.weir.task_managers())
        self.wait_lines(300)
        self.assertEqual(self.weir.state("stream"), "RUNNING")
        self.assertEqual(self.weir.jobs("stream")[0]["metadata"]["id"], job)
        self.assert_no_gap()

    def test_job_manager_killed(self):
        self.stream()
        self.wait_lines()
        self.wait_checkpoint()
        job = self.weir.jobs("stream")[0]
        victim = self.weir.job_managers()[0]
        os.kill(victim, signal.SIGKILL)
        wait_until("another JobManager", lambda: self.weir.job_managers()
                   and victim not in self.weir.job_managers())
        self.wait_lines(300)
        self.weir.wait_state("stream", "RUNNING")
        after = self.weir.jobs("stream")
        self.assertEqual([j["metadata"]["id"] for j in after], [job["metadata"]["id"]])
        self.assertEqual(len(self.weir.job_managers()), 1)
        self.assert_no_gap()

    def test_log_levels_change_while_the_job_runs(self):
        self.stream()
        self.wait_checkpoint()
        jvms = self.weir.jvms()
        coordinator = "org.apache.flink.runtime.checkpoint.CheckpointCoordinator"
        change = {"spec": {"template": {"spec": {"logging": {"log4jLoggers": {
            "": "INFO", coordinator: "DEBUG"}}}}}}
        self.weir.api("PATCH", "/deployments/stream", change)
        log = next((self.weir.data / "clusters").glob("*/log/jobmanager.log"))

        def is_told():
            return re.search(r" DEBUG \S*CheckpointCoordinator", log.read_text())

        wait_until("the JobManager's log at the new level", is_told)
        self.assertEqual(self.weir.jvms(), jvms)
        job, = self.weir.jobs("stream")
        self.assertEqual(job["status"]["revision"], 2)
        self.assertIn("runs on with other log levels", json.dumps(self.weir.events("stream")))
        self.assert_no_gap()

    def assert_knows_strangers(self, port):
        stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stranger.check_hostname = False
        stranger.verify_mode = ssl.CERT_NONE
        stranger.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
            with self.assertRaisesRegex(ssl.SSLError, "(?i)alert"):
                stranger.wrap_socket(plain)

    def test_tls_between_the_processes(self):
        self.create("stream", "WordStream",
                    f"--input {TEXT} --rate 100 --output {self.output}", state="CANCELLED")
        self.weir.api("PATCH", "/deployments/stream", {"spec": {
            "state": "RUNNING",
            "template": {"metadata": {"annotations": {"flink.security.ssl.enabled": "true"}}}}})
        self.weir.wait_state("stream", "RUNNING")
        self.wait_checkpoint()
        cluster, = (self.weir.data / "clusters").iterdir()
        described = (cluster / "cluster.json").read_text()
        for port in ("rpcPort", "blobPort"):
            self.assert_knows_strangers(json.loads(described)[port])
        victim = self.weir.task_managers()[0]
        os.kill(victim, signal.SIGKILL)
        wait_until("another TaskManager", lambda: self.weir.task_managers()
                   and victim not in self.weir.task_managers())
        self.wait_lines(300)
        self.assert_no_gap()
        password = (cluster / "conf/internal.password").read_text()
        job = self.weir.jobs("stream")[0]["metadata"]["id"]
        told = [described, self.weir.log.read_text(), json.dumps(self.weir.events("stream")),
                json.dumps(self.weir.jobs("stream")),
                json.dumps(self.weir.flink(job, "jobmanager/config"))]
        told += [log.read_text(errors="replace") for log in (cluster / "log").iterdir()]
        told += [pathlib.Path(f"/proc/{pid}/cmdline").read_text() for pid in self.weir.jvms()]
        for text in told:
            self.assertNotIn(password, text)

    def test_weir_killed_leaves_the_job_alone(self):
        self.stream()
        self.wait_lines()
        before = self.weir.jvms()
        job = self.weir.jobs("stream")[0]["metadata"]["id"]
        self.weir.kill()
        self.wait_lines()
        self.weir.start()
        self.weir.wait_state("stream", "RUNNING")
        self.wait_lines()
        self.assertEqual(self.weir.jvms(), before)
        self.assertEqual(self.weir.jobs("stream")[0]["metadata"]["id"], job)
        self.assertEqual(self.weir.state("stream"), "RUNNING")
        self.assertEqual(self.weir.stop(), 0)
        self.assertEqual(self.weir.jvms(), before, "SIGTERM leaves jobs running")
        self.assert_no_gap()

    def test_job_that_ended_while_weir_was_away(self):
        self.stream()
        self.wait_lines()
        self.wait_checkpoint()
        self.weir.kill()
        for pid in self.weir.jvms():
            os.kill(pid, signal.SIGKILL)
        lines = line_count(self.output)
        self.weir.start()
        wait_until("output goes on", lambda: line_count(self.output) > lines + 100)
        self.weir.wait_state("stream", "RUNNING")
        self.assert_no_gap()

    def test_job_manager_killed_right_after_its_job_finished(self):
        self.stream()
        self.wait_lines()
        job = self.weir.jobs("stream")[0]["status"]["started"]["flinkJobId"]
        os.kill(self.weir.process.pid, signal.SIGSTOP)  # it hears of nothing but the end
        cluster, = (self.weir.data / "clusters").iterdir()
        port = re.search(r'^rest\.port: "(\d+)"', (cluster / "conf/config.yaml").read_text(), re.MULTILINE)[1]
        stop = urllib.request.Request(f"http://127.0.0.1:{port}/jobs/{job}/stop", b'{"drain": true}',
                                      {"Content-Type": "application/json"})
        urllib.request.urlopen(stop, timeout=30).close()

        def archived():
            files = [p for p in cluster.glob(f"archive/**/{job}") if p.is_file()]
            try:
                return files and json.loads(files[0].read_text())["archive"]
            except ValueError:
                return None  # not all of it yet

        wait_until("the archive of the job", archived)
        os.kill(self.weir.job_managers()[0], signal.SIGKILL)
        os.kill(self.weir.process.pid, signal.SIGCONT)
        self.weir.wait_state("stream", "FINISHED")
        self.assertEqual([j["status"]["state"] for j in self.weir.jobs("stream")], ["FINISHED"])
        self.assertEqual(list((self.weir.data / "clusters").iterdir()), [cluster], "nothing was started again")
        self.assert_no_gap()

    def test_what_users_do_wrong_is_told(self):
        cases = [
            ("no-jar", "WordStream", "", {"jar": "file:///nowhere/absent.jar"}, "absent.jar"),
            ("no-class", "NotThere", "", {}, "NotThere"),
            ("main-throws", "Misbehave", "--how main-throws", {}, "boom in main"),
        ]
        for name, entry_class, arguments, more, expected in cases:
            with self.subTest(name):
                self.create(name, entry_class, arguments, maxJobCreationAttempts=1, **more)
                self.weir.wait_state(name, "FAILED")
                failure = json.dumps(self.weir.deployment(name)["status"]["failure"])
                self.assertIn(expected, failure + self.weir.story(name))
                self.assertIn("TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS",
                              self.weir.event_names(name))
        wait_until("no process is left", lambda: not self.weir.jvms())

    def test_bad_memory_and_version_are_told(self):
        body = deployment_body("small", self.jar, "dev.weir.jobs.WordStream", "",
                               flink_version=self.flink, maxJobCreationAttempts=1)
        body["spec"]["template"]["spec"]["resources"]["taskmanager"]["memory"] = "100m"
        try:
            self.weir.api("POST", "/deployments", body)
            self.weir.wait_state("small", "FAILED")
            self.assertIn("memory", json.dumps(self.weir.deployment("small")["status"]["failure"]))
        except ApiError as error:
            self.assertEqual(error.status, 400)
            self.assertIn("memory", error.body["message"])
        unknown = deployment_body("old", self.jar, "dev.weir.jobs.WordStream", "",
                                  flink_version="1.3", maxJobCreationAttempts=1)
        try:
            self.weir.api("POST", "/deployments", unknown)
            self.weir.wait_state("old", "FAILED")
            self.assertIn("1.3", json.dumps(self.weir.deployment("old")["status"]["failure"]))
        except ApiError as error:
            self.assertEqual(error.status, 400)
            self.assertIn("1.3", error.body["message"])


def load_tests(loader, standard, pattern):
    suite = unittest.TestSuite()
    for line in LINES:
        name = f"LifecycleOnFlink{line.replace('.', '_')}"
        case = type(name, (Lifecycle, unittest.TestCase), {"flink": line})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)
