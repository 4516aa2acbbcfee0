"""Queryable state with its server, which Flink publishes apart from the rest: fetched by Maven for this test."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from lifecycle_test import Deployed
from weir_server import TEXT, Weir, wait_until

# The newest of the line that Maven Central has; it runs in every 1.20.
SERVER = "org.apache.flink:flink-queryable-state-runtime:1.20.0"


def homes_with_server(directory):
    """The newest 1.20 once more, with the server in its opt/."""
    installed = pathlib.Path(os.environ.get("WEIR_FLINK_HOMES") or pathlib.Path.home() / ".cache/weir/flink")
    real = max(installed.glob("1.20.*"), key=lambda path: int(path.name.split(".")[2]))
    home = directory / real.name
    (home / "opt").mkdir(parents=True)
    for part in real.iterdir():
        if part.name != "opt":
            (home / part.name).symlink_to(part)
    done = subprocess.run(["mvn", "-B", "-q", "dependency:copy", f"-Dartifact={SERVER}",
                           f"-DoutputDirectory={home / 'opt'}"], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return directory


class QueryableState(Deployed, unittest.TestCase):
    flink = "1.20"

    def setUp(self):
        self.homes = tempfile.TemporaryDirectory(prefix="weir-homes-")
        self.addCleanup(self.homes.cleanup)
        self.weir = Weir()
        self.weir.environment = {"WEIR_FLINK_HOMES": str(homes_with_server(pathlib.Path(self.homes.name)))}
        self.weir.start()
        self.addCleanup(self.weir.close)
        self.jar = self.weir.upload()
        self.output = self.weir.directory / "output"
        self.output.mkdir()

    def test_is_served_by_the_task_manager_on_loopback(self):
        self.create("stream", "WordStream", f"--input {TEXT} --rate 100 --output {self.output}",
                    state="CANCELLED")
        self.weir.api("PATCH", "/deployments/stream", {"spec": {"state": "RUNNING", "template": {
            "metadata": {"annotations": {"flink.queryable-state.enabled": "true"}}}}})
        self.weir.wait_state("stream", "RUNNING")
        log, = self.weir.data.glob("clusters/*/log/taskmanager-0.log")
        proxy = wait_until("the proxy", lambda: re.search(
            r"Started Queryable State Proxy Server @ /127\.0\.0\.1:(\d+)", log.read_text(errors="replace")))
        self.assertIn(int(proxy[1]), range(9069, 9169))
        self.wait_lines()
        self.assert_no_gap()


if __name__ == "__main__":
    unittest.main(verbosity=2)
