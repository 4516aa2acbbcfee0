"""Everything that can be killed, stopped or filled up around a savepoint, judged by the output of the job Sums.
Runs once on one Flink line (WEIR_TEST_FAULTS_FLINK, default 1.20)."""

import os
import shutil
import signal
import subprocess
import unittest

from faults_test import FLINK
from summing import Summing
from weir_server import BINARY, wait_until


class Interruptions(Summing, unittest.TestCase):
    flink = FLINK

    # -- JobManager and TaskManager around the savepoint of a suspend ---------------------------

    def test_job_manager_killed_before_a_savepoint(self):
        self.killed_before(self.weir.job_managers)

    def test_task_manager_killed_before_a_savepoint(self):
        self.killed_before(self.weir.task_managers)

    def test_job_manager_killed_during_a_savepoint(self):
        self.killed_during(self.weir.job_managers)

    def test_task_manager_killed_during_a_savepoint(self):
        self.killed_during(self.weir.task_managers)

    def test_job_manager_killed_after_a_savepoint(self):
        self.killed_after(self.weir.job_managers)

    def test_task_manager_killed_after_a_savepoint(self):
        self.killed_after(self.weir.task_managers)

    def killed_before(self, victims):
        self.running()
        os.kill(victims()[0], signal.SIGKILL)
        self.suspend()
        self.continues()

    def killed_during(self, victims):
        self.running()
        # A TaskManager that stands still keeps the savepoint from completing.
        held = self.weir.task_managers()[0]
        os.kill(held, signal.SIGSTOP)
        self.change(state="SUSPENDED")
        wait_until("the savepoint has begun", self.savepoint_directories, every=0.02)
        os.kill(victims()[0], signal.SIGKILL)
        try:
            os.kill(held, signal.SIGCONT)
        except ProcessLookupError:
            pass
        self.weir.wait_state("sums", "SUSPENDED")
        self.continues()

    def killed_after(self, victims):
        self.running()
        self.change_and_kill_after_savepoint(victims()[0], state="SUSPENDED")
        self.weir.wait_state("sums", "SUSPENDED")
        self.continues()

    def test_task_manager_killed_after_the_savepoint_of_an_upgrade(self):
        self.running()
        self.change_and_kill_after_savepoint(
            self.weir.task_managers()[0], {"artifact": {"mainArgs": self.arguments("--rate 201")}})
        self.wait_newer(1)
        self.end_exactly()

    def change_and_kill_after_savepoint(self, victim, template=None, **spec):
        """The savepoint is complete and Weir does not know it yet. If the job could not finish, Flink
        calls the stop failed; sinks may have committed up to the savepoint all the same, so nothing
        else may be the job's last state."""
        self.change(template, **spec)
        wait_until("the savepoint has begun", self.savepoint_directories, 300, every=0.005)
        os.kill(self.weir.process.pid, signal.SIGSTOP)
        wait_until("the savepoint is complete", lambda: any(
            (directory / "_metadata").exists() for directory in self.savepoint_directories()))
        os.kill(victim, signal.SIGKILL)
        os.kill(self.weir.process.pid, signal.SIGCONT)
        wait_until("the savepoint is known", lambda: [
            s["status"]["state"] for s in self.weir.savepoints("sums")] == ["COMPLETED"])
        self.assertNotIn("NoSavepoint", str(self.weir.events("sums")))

    def savepoint_directories(self):
        return list(self.weir.data.glob("state/*/*/savepoints/*/savepoint-*"))

    # -- a disk that does not take the savepoint ------------------------------------------------

    def test_savepoint_directory_cannot_be_written(self):
        base = self.weir.directory / "savepoints"
        self.sums(maxSavepointCreationAttempts=1, configuration={
            "execution.checkpointing.savepoint-dir": f"file://{base}"})
        self.wait_records()
        shutil.rmtree(base, ignore_errors=True)
        base.write_text("a file in the way\n")
        jvms = self.weir.jvms()
        self.change(state="SUSPENDED")
        wait_until("the refusal", lambda: self.weir.state("sums") == "FAILED")
        failure = self.weir.deployment("sums")["status"]["failure"]
        self.assertEqual(failure["reason"], "SavepointFailed")
        self.assertIn("savepoint", failure["message"])
        self.wait_records()
        self.assertEqual(self.weir.jvms(), jvms)
        base.unlink()
        self.change(state="RUNNING")
        wait_until("RUNNING again", lambda: self.weir.state("sums") == "RUNNING")
        self.end_exactly()
        self.assertEqual(len(self.weir.jobs("sums")), 1)

    def test_disk_full(self):
        disk = self.small_disk()
        self.sums(maxSavepointCreationAttempts=1, configuration={
            "execution.checkpointing.dir": f"file://{disk}/checkpoints",
            "execution.checkpointing.savepoint-dir": f"file://{disk}/savepoints"})
        self.wait_records()
        self.wait_checkpoint("sums")
        self.fill(disk)
        self.change(state="SUSPENDED")
        wait_until("a failed savepoint",
                   lambda: "SAVEPOINT_FAILED" in self.weir.story("sums")
                   or self.weir.state("sums") == "SUSPENDED")
        (disk / "filling").unlink()
        self.change(state="RUNNING")
        wait_until("RUNNING again", lambda: self.weir.state("sums") == "RUNNING")
        self.end_exactly()

    def small_disk(self):
        """A tmpfs of 1 MB; mounting needs root, as in CI."""
        disk = self.weir.directory / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "weir-test", str(disk)], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(disk)])
        return disk

    def fill(self, disk):
        with open(disk / "filling", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    # -- Weir itself ----------------------------------------------------------------------------

    def test_an_older_copy_of_the_database_is_restored(self):
        """What runs and is not recorded goes on until its deployment starts; then it ends first, and its state stays."""
        self.sums(state="CANCELLED")
        self.weir.stop()
        older = shutil.copy2(self.weir.data / "weir.db", self.weir.directory / "older.db")
        self.weir.start()
        self.change(state="RUNNING")
        self.weir.wait_state("sums", "RUNNING")
        self.wait_checkpoint("sums")
        self.weir.kill()
        for name in ("weir.db-wal", "weir.db-shm"):
            (self.weir.data / name).unlink(missing_ok=True)
        shutil.copy2(older, self.weir.data / "weir.db")
        unknown = set(self.weir.jvms())
        self.weir.start()
        wait_until("it is told", lambda: "lives and is not recorded" in self.weir.log_tail(200))
        self.assertEqual(self.weir.state("sums"), "CANCELLED")
        self.wait_records()
        self.assertEqual(set(self.weir.jvms()), unknown)

        self.change(state="RUNNING")
        wait_until("another JobManager", lambda: set(self.weir.job_managers()) - unknown)
        self.assertFalse(set(self.weir.jvms()) & unknown, "it ended before")
        self.weir.wait_state("sums", "RUNNING")
        self.change(state="CANCELLED")
        self.weir.wait_state("sums", "CANCELLED")
        recorded = {job["metadata"]["id"] for job in self.weir.jobs("sums")}
        left = [path.parent for path in self.weir.data.glob("state/*/*/checkpoints/jobs/*/*/*/chk-*/_metadata")
                if path.parents[3].name not in recorded]
        newest = max(left, key=lambda path: int(path.name.removeprefix("chk-")))
        self.weir.api("POST", "/deployments/sums:reset", {"location": f"file://{newest}"})
        self.resume()
        self.assertEqual(self.restored_from().removeprefix("file:"), str(newest))

    def test_weir_is_upgraded_under_a_running_job(self):
        """Another binary with other defaults adopts what runs: the same processes."""
        self.running()
        jvms, job = self.weir.jvms(), self.weir.jobs("sums")[0]["metadata"]["id"]
        self.weir.stop()
        newer = self.weir.directory / "newer"
        newer.mkdir()
        for name in ("weir", "weir-shim"):
            shutil.copy2(BINARY.with_name(name), newer / name)
        (newer / "weir.yaml").write_text(
            "timeZone: Europe/Berlin\n"
            "flink: {defaultVersion: '2'}\n"
            "deploymentDefaults: {template: {spec: {flinkConfiguration: {heartbeat.timeout: 20 s}}}}\n")
        self.weir.binary = newer / "weir"
        self.weir.arguments += ["--config", str(newer / "weir.yaml")]
        self.weir.start()
        self.weir.wait_state("sums", "RUNNING")
        self.wait_records()
        self.assertEqual(self.weir.jvms(), jvms)
        self.assertEqual([j["metadata"]["id"] for j in self.weir.jobs("sums")], [job])
        self.suspend()
        self.assert_exact(complete=True)
        self.continues()


if __name__ == "__main__":
    unittest.main(verbosity=2)
