"""Flink as a script around it runs it: default configuration, timers and JVM flags, driven over REST, no Weir.
A restart is: stop with savepoint, end both processes, start new ones, upload, run from the savepoint."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/functional"))
from weir_server import JAR, wait_until  # noqa: E402

HOMES = pathlib.Path(os.environ.get("WEIR_FLINK_HOMES") or pathlib.Path.home() / ".cache/weir/flink")
OPENS = ("lang net io nio lang.reflect text time util util.concurrent util.concurrent.atomic "
         "util.concurrent.locks").split()
MAINS = ("org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
         "org.apache.flink.runtime.taskexecutor.TaskManagerRunner")


def home_of(line):
    versions = [p.name for p in HOMES.iterdir() if p.name == line or p.name.startswith(line + ".")]
    return HOMES / max(versions, key=lambda v: [int(n) for n in v.split(".")])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class DefaultFlink:
    """One JobManager and one TaskManager that run one job of the example jar.

    @param memory the TaskManager's memory settings, which Flink's own scripts would work out"""

    def __init__(self, line, memory):
        self.home = home_of(line)
        self.memory = memory
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-default-"))
        self.processes = []
        self.url = None
        self.job = None

    def close(self):
        self.end()
        shutil.rmtree(self.work, ignore_errors=True)

    def start(self):
        rest, rpc = free_port(), free_port()
        self.url = f"http://127.0.0.1:{rest}"
        conf = self.work / "conf"
        conf.mkdir(exist_ok=True)
        (conf / "config.yaml").write_text("\n".join([
            "jobmanager.rpc.address: 127.0.0.1", f"jobmanager.rpc.port: {rpc}",
            "rest.address: 127.0.0.1", "rest.bind-address: 127.0.0.1",
            f"rest.port: {rest}", f"rest.bind-port: {rest}",
            "jobmanager.bind-host: 127.0.0.1", "taskmanager.bind-host: 127.0.0.1",
            "taskmanager.host: 127.0.0.1", "jobmanager.memory.process.size: 1g",
            f"io.tmp.dirs: {self.work}", "execution.checkpointing.interval: 1 s",
            f"execution.checkpointing.dir: file://{self.work}/checkpoints", *self.memory, ""]))
        path = ":".join(sorted(str(p) for p in (self.home / "lib").glob("*.jar")))
        flags = ["-Xmx448m"] + [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in OPENS]
        self.processes = [
            subprocess.Popen(["java", *flags, "-cp", path, main, "--configDir", str(conf)],
                             cwd=self.work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for main in MAINS]
        wait_until("a slot", self.has_slot, 300, 0.05)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes = []

    def run(self, entry_class, arguments, savepoint=None):
        jar = self.upload()
        body = {"entryClass": entry_class, "parallelism": 1, "programArgsList": arguments.split()}
        if savepoint:
            body["savepointPath"] = savepoint
        self.job = self.call(f"/jars/{jar}/run", body)["jobid"]
        wait_until("RUNNING", self.all_tasks_run, 300, 0.05)

    def restart(self, entry_class, arguments):
        target = {"targetDirectory": f"file://{self.work}/savepoints", "drain": False}
        trigger = self.call(f"/jobs/{self.job}/stop", target)["request-id"]
        savepoint = wait_until("the savepoint", lambda: self.location(trigger), 300, 0.05)
        self.end()
        self.start()
        self.run(entry_class, arguments, savepoint)

    def location(self, trigger):
        operation = self.call(f"/jobs/{self.job}/savepoints/{trigger}")["operation"] or {}
        if "failure-cause" in operation:
            raise RuntimeError(f"the savepoint failed: {operation['failure-cause']}")
        return operation.get("location")

    def has_slot(self):
        try:
            return self.call("/overview")["slots-total"] >= 1
        except OSError:
            return False

    def all_tasks_run(self):
        found = self.call(f"/jobs/{self.job}")
        return found["state"] == "RUNNING" and all(
            v["tasks"]["RUNNING"] == v["parallelism"] for v in found["vertices"])

    def call(self, path, body=None, kind="application/json"):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data)
        if data is not None:
            request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"{}")

    def upload(self):
        edge = "bench-boundary"
        body = (f"--{edge}\r\nContent-Disposition: form-data; name=\"jarfile\"; "
                f"filename=\"{JAR.name}\"\r\nContent-Type: application/x-java-archive\r\n\r\n").encode()
        body += JAR.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        answer = self.call("/jars/upload", body, f"multipart/form-data; boundary={edge}")
        return answer["filename"].rsplit("/", 1)[1]
