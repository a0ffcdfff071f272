"""Latencies of Jupyter kernels as a client sees them, side by side: python kernel.py KERNEL ...; one JSON line a kernel."""

import json
import os
import statistics
import sys
import time

from jupyter_client.manager import KernelManager

LANGUAGES = {
    "python": {"declare": "def f{n}(x): return x + {n}\nvalue{n} = {n}", "prints": "for i in range(10000): print(i)", "member": "str.upp"},
    "typescript": {
        "declare": "function f{n}(x: number): number {{ return x + {n} }}\nconst value{n} = {n}",
        "prints": "for (let i = 0; i < 10000; i++) console.log(i)",
        "member": "Math.sq",
    },
}
ROUNDS = 20
# A kernel that loses messages would be waited for without end.
PATIENCE = 30


def resident(pid):
    """Megabytes of a process and all that it started: what is its own, and its share of what is shared."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    children.setdefault(int(file.read().rsplit(")", 1)[1].split()[1]), []).append(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                pass
    total, todo = 0, [pid]
    while todo:
        each = todo.pop()
        todo += children.get(each, [])
        try:
            with open(f"/proc/{each}/smaps_rollup") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
    return total / 1024


def measure(name):
    """What could be measured of a kernel; what it fails at is left out, and ends the measuring."""
    found = {"kernel": name}
    began = time.perf_counter()
    manager = KernelManager(kernel_name=name)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    words = LANGUAGES["python" if manager.kernel_spec.language == "python" else "typescript"]

    def run(code):
        start = time.perf_counter()
        reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=lambda message: None)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{name}: {code!r}: {reply['content']}")
        return (time.perf_counter() - start) * 1000

    def complete():
        start = time.perf_counter()
        msg_id = client.complete(words["member"], len(words["member"]))
        while client.get_shell_msg(timeout=PATIENCE)["parent_header"].get("msg_id") != msg_id:
            pass
        return (time.perf_counter() - start) * 1000

    try:
        client.wait_for_ready(timeout=60)
        # Unchecked where the kernel knows the setting; the others check nothing, or always.
        run("%check off\n1+1" if name == "typescript" else "1+1")
        found["start to first result, ms"] = (time.perf_counter() - began) * 1000
        if name == "typescript":
            run("%check on\n1+1")
        for _ in range(5):
            run("1+1")
        found["1+1, ms"] = statistics.median(run("1+1") for _ in range(ROUNDS))
        for n in range(100):
            run(words["declare"].format(n=n))
        found["1+1 after 100 declaring cells, ms"] = statistics.median(run("1+1") for _ in range(ROUNDS))
        complete()
        found["completion, ms"] = statistics.median(complete() for _ in range(ROUNDS))
        found["resident, MB"] = resident(manager.provisioner.process.pid)
        found["10,000 prints, ms"] = statistics.median(run(words["prints"]) for _ in range(3))
    except Exception as error:
        print(f"{name}: {error!r}", file=sys.stderr)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return found


if __name__ == "__main__":
    for kernel in sys.argv[1:]:
        print(json.dumps(measure(kernel)), flush=True)
