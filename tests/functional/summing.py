"""What tests of the job Sums share: a deployment of it, changes to it, and the verdict on its output."""

from check_sums import committed_files, judge, live_records, records_of
from lifecycle_test import Deployed, line_count
from weir_server import wait_until

KEYS = 10  # the job's default


def highest_numbers(records):
    """By split."""
    highest = {}
    for key, number, _, _ in records:
        split = key.split("-")[0]
        highest[split] = max(number, highest.get(split, -1))
    return highest


class Summing(Deployed):
    """One deployment `sums` of dev.weir.jobs.Sums; its output is judged after everything."""

    def sums(self, arguments="", name="sums", output=None, state="RUNNING", **more):
        self.create(name, "Sums", self.arguments(arguments, output), state=state,
                    **{"maxJobCreationAttempts": 1, **more})
        self.weir.wait_state(name, state)

    def arguments(self, more="", output=None):
        return f"--output {output or self.output} {more}".strip()

    def change(self, template=None, name="sums", **spec):
        """PATCHes the deployment: `template` is of the job, the rest of the deployment's spec."""
        if template:
            spec["template"] = {"spec": template}
        self.weir.api("PATCH", f"/deployments/{name}", {"spec": spec})

    def upgrade(self, template, name="sums"):
        """Changes the job and waits until the new one runs."""
        before = self.job(name)["status"]["revision"]
        self.change(template, name)
        self.wait_newer(before, name)

    def wait_newer(self, revision, name="sums", seconds=300):
        def newer_runs():
            status = self.weir.deployment(name)["status"]
            if status["state"] == "FAILED":
                raise AssertionError(f"{name} is FAILED: {self.weir.story(name)}")
            return status["state"] == "RUNNING" and self.job_of(status)["status"]["revision"] > revision

        try:
            wait_until("the new revision runs", newer_runs, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.weir.story(name)}\n{self.weir.log_tail()}") from None

    def job(self, name="sums"):
        """The job that runs. It need not be the first of the list: a clock may have been set back."""
        return self.job_of(self.weir.deployment(name)["status"])

    def job_of(self, status):
        return self.weir.api("GET", f"/jobs/{status['running']['jobId']}")

    def suspend(self, name="sums"):
        self.change(state="SUSPENDED", name=name)
        self.weir.wait_state(name, "SUSPENDED")

    def cancel(self, name="sums"):
        self.change(state="CANCELLED", name=name)
        wait_until(f"{name} is CANCELLED", lambda: self.weir.state(name) == "CANCELLED")

    def resume(self, name="sums"):
        self.change(state="RUNNING", name=name)
        self.weir.wait_state(name, "RUNNING")

    def wait_records(self, more=200, output=None):
        live = (output or self.output) / "live"
        enough = line_count(live) + more
        wait_until(f"{enough} records", lambda: line_count(live) >= enough)

    def flink_job(self, path="", name="sums"):
        job = self.job(name)
        return self.weir.flink(job["metadata"]["id"],
                               f"jobs/{job['status']['started']['flinkJobId']}{path}")

    def wait_caught_up(self):
        """Until everything is committed that the live output has seen by now: after a failure the job
        first writes again what had not been committed."""
        seen = highest_numbers(live_records(self.output))
        wait_until("what was written before is committed", lambda: all(
            highest_numbers(records_of(committed_files(self.output))).get(split, -1) >= number
            for split, number in seen.items()))

    def restored_from(self, name="sums"):
        """The place that Flink says the job was restored from."""
        restored = self.flink_job("/checkpoints", name)["latest"]["restored"]
        return restored and restored["external_path"]

    def assert_exact(self, complete=False, output=None, **how):
        """Zero gaps, zero duplicates, right sums. `complete` after a stop with savepoint: then
        nothing that the live output has seen may be missing either."""
        verdict = judge(output or self.output, KEYS, complete, **how)
        self.assertTrue(verdict["good"], f"{verdict}\n{self.weir.story('sums')}")

    def end_exactly(self):
        """Suspends, so that everything is committed, and judges."""
        self.wait_records()
        self.suspend()
        self.assert_exact(complete=True)

    def running(self):
        self.sums()
        self.wait_records()
        self.wait_checkpoint("sums")

    def continues(self):
        """Suspended with nothing left: it resumes with its state and ends exactly."""
        self.assertEqual(self.weir.jvms(), [])
        self.resume()
        self.assertTrue(self.restored_from())
        self.end_exactly()
