"""Standby clusters: a start, a recovery and an upgrade take one; nothing is lost or written twice."""

import json
import os
import signal
import unittest

from lifecycle_test import LINES
from summing import Summing
from weir_server import Weir, wait_until


class Standby(Summing):
    flink = LINES[0]

    @property
    def settings(self):
        return f"""standbyClusters:
  - name: small
    flinkVersion: "{self.flink}"
    resources: {{jobmanager: {{cpu: 0.5, memory: 1g}}, taskmanager: {{cpu: 0.5, memory: 1g}}}}
"""

    def pool(self):
        return json.loads(self.weir.request("GET", "/api/v1/standby-clusters")[1])["items"][0]

    def ready(self):
        """Waits for the standby cluster. @return its id"""
        def id_of_ready():
            clusters = self.pool()["clusters"]
            return clusters and clusters[0]["state"] == "READY" and clusters[0]["id"]

        return wait_until("a standby cluster is ready", id_of_ready)

    def kill(self, cluster, main_class):
        pids = set(self.weir.jvms(cluster)) & set(self.weir.jvms(main_class))
        self.assertEqual(len(pids), 1)
        os.kill(pids.pop(), signal.SIGKILL)

    def test_serves_a_start_a_recovery_and_an_upgrade(self):
        first = self.ready()
        self.assertEqual(self.pool()["memoryBytes"], 2 << 30)
        self.sums()
        self.wait_records()
        second = self.ready()
        self.assertNotEqual(first, second)
        self.assertEqual(len(self.weir.jvms(first)), 2, "it is the job's now")
        self.wait_checkpoint("sums")

        self.kill(first, "StandaloneSessionClusterEntrypoint")
        wait_until("it goes on elsewhere", lambda: not self.weir.jvms(first)
                   and self.weir.state("sums") == "RUNNING")
        self.assertTrue(self.restored_from())
        self.wait_records()
        third = self.ready()
        self.assertNotEqual(second, third)
        self.assertEqual(len(self.weir.jvms(second)), 2)

        self.upgrade({"artifact": {"mainArgs": self.arguments("--rate 199")}})
        self.assertEqual(self.job()["status"]["way"], "WARM_SWAP")
        self.assertEqual(len(self.weir.jvms(third)), 2)
        self.kill(third, "TaskManagerRunner")
        wait_until("its TaskManager is replaced", lambda: len(self.weir.jvms(third)) == 2)
        wait_until("it goes on from a checkpoint", lambda:
                   self.flink_job("/checkpoints")["counts"]["restored"] >= 2)
        self.end_exactly()
        self.assertEqual(self.weir.jvms(third), [])

    def test_is_adopted_and_ends_with_its_pool(self):
        standby = self.ready()
        pids = self.weir.jvms(standby)
        self.weir.kill()
        self.weir.start()
        self.assertEqual(self.ready(), standby)
        self.assertEqual(self.weir.jvms(standby), pids)
        self.weir.kill()
        without = Weir(self.weir.directory, settings="standbyClusters: []\n").start()
        self.addCleanup(without.close)
        wait_until("its processes have ended", lambda: not without.jvms())


def load_tests(loader, standard, pattern):
    suite = unittest.TestSuite()
    for line in LINES:
        case = type(f"StandbyOnFlink{line.replace('.', '_')}", (Standby, unittest.TestCase), {"flink": line})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)
