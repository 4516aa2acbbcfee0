"""The shipped `weir` binary as a test sees it: started on port 0 with a data directory of its own,
spoken to over HTTP, killed and started again at will. Standard library only."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build/release/bin/weir"))
JAR = ROOT / "build/jobs/weir-example-jobs.jar"
TEXT = ROOT / "examples/data/apache-license-2.0.txt"


class ApiError(Exception):
    def __init__(self, status, body):
        super().__init__(f"HTTP {status}: {body}")
        self.status = status
        self.body = body


def wait_until(what, condition, seconds=120, every=0.1):
    """Polls until `condition` returns something true and returns it. The limit only ends a hang."""
    end = time.monotonic() + seconds
    last = None
    while time.monotonic() < end:
        last = condition()
        if last:
            return last
        time.sleep(every)
    raise AssertionError(f"not reached in {seconds} s: {what}; last seen: {last}")


class Weir:
    def __init__(self, directory=None, arguments=(), settings=None):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="weir-functional-"))
        self.data = self.directory / "data"
        self.arguments = list(arguments)
        if settings:
            (self.directory / "weir.yaml").write_text(settings)
            self.arguments += ["--config", str(self.directory / "weir.yaml")]
        self.binary = BINARY
        self.environment = {}  # besides this process's own
        self.process = None
        self.url = None
        self.log = self.directory / "weir.log"

    def start(self):
        ready = self.directory / "url"
        ready.unlink(missing_ok=True)
        command = [str(self.binary), "server", "--listen", "127.0.0.1:0", "--data", str(self.data),
                   "--ready-file", str(ready), *self.arguments]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                                            env={**os.environ, **self.environment})

        def answered():
            assert self.process.poll() is None, f"weir ended:\n{self.log_tail()}"
            return ready.exists() and ready.read_text().strip()

        self.url = wait_until("weir is ready", answered, 60)
        return self

    def log_tail(self, lines=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def kill(self):
        """SIGKILL: nothing is cleaned up."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM and the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=60)

    def close(self):
        """Ends the jobs and the server, whatever state they are in."""
        for pid in self.jvms():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process and self.process.poll() is None:
            self.kill()
        for pid in self.jvms():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    # -- HTTP ---------------------------------------------------------------------------------

    def request(self, method, path, body=None, content_type="application/json", headers=None):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def api(self, method, path, body=None):
        status, text, _ = self.request(method, "/api/v1/namespaces/default" + path, body)
        document = json.loads(text) if text else None
        if status >= 300:
            raise ApiError(status, document)
        return document

    def deployment(self, name):
        return self.api("GET", f"/deployments/{name}")

    def state(self, name):
        return self.deployment(name)["status"]["state"]

    def wait_state(self, name, *states, seconds=180):
        def reached():
            state = self.state(name)
            if state == "FAILED" and "FAILED" not in states:
                raise AssertionError(f"{name} is FAILED: {self.story(name)}")
            return state if state in states else None

        try:
            return wait_until(f"{name} in {states}", reached, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story(name)}\n{self.log_tail()}") from None

    def jobs(self, name):
        deployment = self.deployment(name)["metadata"]["id"]
        return self.api("GET", f"/jobs?deploymentId={deployment}")["items"]

    def savepoints(self, name):
        """Newest first."""
        deployment = self.deployment(name)["metadata"]["id"]
        return self.api("GET", f"/savepoints?deploymentId={deployment}")["items"]

    def events(self, name):
        """Oldest first."""
        deployment = self.deployment(name)["metadata"]["id"]
        items = self.api("GET", f"/events?deploymentId={deployment}")["items"]
        return list(reversed(items))

    def event_names(self, name):
        return [event["metadata"]["name"] for event in self.events(name)]

    def story(self, name):
        return "\n".join(
            f"{e['metadata']['createdAt']} {e['metadata']['name']}: {e['spec']['message']}"
            + (f" | {e['spec']['cause']}" if e["spec"].get("cause") else "")
            for e in self.events(name))

    def upload(self, jar=JAR):
        boundary = "weir-functional-boundary"
        body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; "
                f"filename=\"{jar.name}\"\r\nContent-Type: application/java-archive\r\n\r\n").encode()
        body += jar.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        status, text, _ = self.request("POST", "/artifacts/v1/namespaces/default/artifacts:upload",
                                       body, f"multipart/form-data; boundary={boundary}")
        assert status == 200, (status, text)
        return json.loads(text)["artifact"]["uri"]

    def flink(self, job_id, path):
        status, text, _ = self.request(
            "GET", f"/flink-ui/v1/namespaces/default/jobs/{job_id}/{path}")
        if status != 200:
            raise ApiError(status, text)
        return json.loads(text)

    # -- processes ----------------------------------------------------------------------------

    def jvms(self, main_class=""):
        """Pids of this data directory's JVMs whose command line holds `main_class`."""
        pids = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                command = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if not command or not command[0].endswith(b"java"):
                continue
            text = b" ".join(command)
            if str(self.data).encode() in text and main_class.encode() in text:
                pids.append(int(entry))
        return sorted(pids)

    def shims(self):
        """Pids of this data directory's shims."""
        pids = []
        for entry in os.listdir("/proc"):
            try:
                command = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes()
            except OSError:
                continue
            if b"weir-shim" in command.split(b"\0")[0] and str(self.data).encode() in command:
                pids.append(int(entry))
        return pids

    def job_managers(self):
        return self.jvms("StandaloneSessionClusterEntrypoint")

    def task_managers(self):
        return self.jvms("TaskManagerRunner")


def deployment_body(name, jar_uri, entry_class, arguments, flink_version=None, state="RUNNING",
                    parallelism=1, configuration=None, **spec):
    artifact = {"kind": "JAR", "jarUri": jar_uri, "entryClass": entry_class, "mainArgs": arguments}
    if flink_version:
        artifact["flinkVersion"] = flink_version
    return {
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "state": state,
            "upgradeStrategy": {"kind": "STATEFUL"},
            "restoreStrategy": {"kind": "LATEST_STATE"},
            "template": {"spec": {
                "artifact": artifact,
                "parallelism": parallelism,
                "resources": {"jobmanager": {"cpu": 0.5, "memory": "1g"},
                              "taskmanager": {"cpu": 0.5, "memory": "1g"}},
                "flinkConfiguration": {"execution.checkpointing.interval": "1 s",
                                       **(configuration or {})},
            }},
            **spec,
        },
    }
