"""The server by itself, without a job: its signals and its HTTPS."""

import json
import os
import signal
import subprocess
import unittest

from weir_server import BINARY, Weir


class Signals(unittest.TestCase):
    def setUp(self):
        self.weir = Weir().start()
        self.addCleanup(self.weir.close)

    def test_the_first_ends_the_server_in_order(self):
        self.weir.process.send_signal(signal.SIGINT)
        self.assertEqual(self.weir.process.wait(timeout=60), 0)

    def test_the_second_ends_it_at_once(self):
        # Both are there before the server can do anything about the first.
        for sent in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
            self.weir.process.send_signal(sent)
        self.assertIn(self.weir.process.wait(timeout=60), (128 + signal.SIGTERM, 128 + signal.SIGINT))


class Https(unittest.TestCase):
    """With a certificate of its own, made by openssl, read by curl and by Weir's own client."""

    @classmethod
    def setUpClass(cls):
        cls.weir = Weir()
        cls.addClassCleanup(cls.weir.close)
        cls.certificate = cls.weir.directory / "weir.pem"
        key = cls.weir.directory / "weir.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=weir", "-addext",
                        "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(key), "-out",
                        str(cls.certificate)], check=True, capture_output=True)
        settings = cls.weir.directory / "weir.yaml"
        settings.write_text(f"tls: {{certificateFile: '{cls.certificate}', keyFile: '{key}'}}\n")
        cls.weir.arguments += ["--config", str(settings)]
        cls.weir.start()

    def curl(self, url, *arguments):
        done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--max-time", "60", *arguments, url],
                              capture_output=True, text=True)
        return done.returncode, done.stdout

    def client(self, *arguments, **environment):
        return subprocess.run([str(BINARY), "get", "deployments", "-o", "name", "--server", self.weir.url,
                               *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, **environment})

    def test_curl(self):
        self.assertTrue(self.weir.url.startswith("https://127.0.0.1:"), self.weir.url)
        status = self.weir.url + "/api/v1/status"
        code, body = self.curl(status, "--cacert", str(self.certificate))
        self.assertEqual((code, json.loads(body)["status"]), (0, "ok"))
        by_name = status.replace("127.0.0.1", "localhost")
        self.assertEqual(self.curl(by_name, "--cacert", str(self.certificate))[0], 0)
        self.assertEqual(self.curl(status, "--cacert", "/etc/ssl/certs/ca-certificates.crt")[0], 60, "not trusted")
        self.assertNotEqual(self.curl(status.replace("https", "http"))[0], 0, "no plain HTTP beside it")

    def test_a_browser_that_has_the_page_by_https_may_write(self):
        target = self.weir.url + "/api/v1/namespaces/default/deployment-targets"
        body = json.dumps({"metadata": {"name": "by-https"}, "spec": {}})
        write = ["--cacert", str(self.certificate), "-o", "/dev/null", "-w", "%{http_code}", "-H",
                 "Content-Type: application/json", "-d", body]
        self.assertEqual(self.curl(target, *write, "-H", "Origin: https://elsewhere.example"), (0, "403"))
        self.assertEqual(self.curl(target, *write, "-H", "Origin: " + self.weir.url), (0, "201"))

    def test_the_command_line(self):
        trusting = self.client("--ca-file", str(self.certificate))
        self.assertEqual(trusting.returncode, 0, trusting.stderr)
        by_variable = self.client(WEIR_CA_FILE=str(self.certificate))
        self.assertEqual(by_variable.returncode, 0, by_variable.stderr)
        stranger = self.client()
        self.assertNotEqual(stranger.returncode, 0)
        self.assertIn("--ca-file", stranger.stderr)

    def test_files_that_cannot_be_used_are_named(self):
        for certificate, told in ((self.weir.directory / "none.pem", "none.pem"), (BINARY, str(BINARY))):
            other = Weir(settings=f"tls: {{certificateFile: '{certificate}', keyFile: '{certificate}'}}\n")
            self.addCleanup(other.close)
            with self.assertRaises(AssertionError):
                other.start()
            self.assertIn(told, other.log_tail())
