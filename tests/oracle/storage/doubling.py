#!/usr/bin/env python3
"""What the join of storage costs as repositories double: time, memory, and both against the size before.

    doubling.py PINTLE [SIZE...]

A repository has so many claims and as many stateful sets, over twenty clusters with fifty classes each; each cluster
has its own default, and the classes' makers differ from cluster to cluster. `lint` judges all of it.
"""

import os
import subprocess
import sys
import tempfile
import time

CLUSTERS, CLASSES = 20, 50


def classes(cluster):
    for at in range(CLASSES):
        maker = "driver.longhorn.io" if (at + cluster) % 2 == 0 else "rancher.io/local-path"
        default = str(at == cluster).lower()
        yield (
            f"apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: c{at}, annotations: "
            f"{{storageclass.kubernetes.io/is-default-class: '{default}'}}}}\nprovisioner: {maker}\n"
        )


def apps(cluster, size):
    for at in range(cluster, size, CLUSTERS):
        named = "" if at % 3 == 0 else f"storageClassName: c{at % CLASSES}, "
        claim = f"{{{named}accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}"
        yield (
            f"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: p{at}, namespace: x}}\nspec: {claim}\n---\n"
            f"apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: s{at}, namespace: x}}\nspec:\n  template:\n"
            f"    spec:\n      containers:\n        - {{name: c, image: 'postgres:16.4', volumeMounts: "
            f"[{{name: data, mountPath: /var/lib/postgresql/data}}]}}\n"
            f"      volumes: [{{name: v, persistentVolumeClaim: {{claimName: p{at}}}}}]\n"
            f"  volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {claim}}}]\n"
        )


def write(folder, size):
    for cluster in range(CLUSTERS):
        here = os.path.join(folder, "clusters", f"c{cluster}")
        os.makedirs(here)
        for name, parts in (("classes.yaml", classes(cluster)), ("apps.yaml", apps(cluster, size))):
            with open(os.path.join(here, name), "w", encoding="utf-8") as file:
                file.write("---\n".join(parts))
        with open(os.path.join(here, "kustomization.yaml"), "w", encoding="utf-8") as file:
            file.write("resources: [classes.yaml, apps.yaml]\n")


def run(command):
    """Seconds of the clock and of the processors, and the most memory in MiB, of the best of three runs."""
    best = None
    for _ in range(3):
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        took = time.monotonic() - began
        cost = (took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        best = cost if best is None else min(best, cost)
    return best


def main():
    pintle, sizes = sys.argv[1], [int(size) for size in sys.argv[2:]] or [500, 1000, 2000, 4000, 8000]
    print(f"{'claims':>7} {'command':8} {'seconds':>8} {'cpu':>7} {'MiB':>6}  against the size before: cpu, MiB")
    before = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write(folder, size)
            for name, words in (("lint", ["-o", "json", "--fail-on", "never"]), ("storage", ["-o", "json"])):
                clock, cpu, memory = run([pintle, name, *words, folder])
                last = before.get(name)
                ratio = f"{cpu / last[0]:.2f} {memory / last[1]:.2f}" if last else ""
                print(f"{size:7} {name:8} {clock:8.3f} {cpu:7.3f} {memory:6.1f}  {ratio}")
                before[name] = (cpu, memory)


if __name__ == "__main__":
    main()
