"""Latencies of Jupyter kernels as a client sees them, side by side: python kernel.py KERNEL ...; one JSON line a kernel."""

import json
import os
import statistics
import sys
import time
from pathlib import Path

from jupyter_client.manager import KernelManager

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kernel" / "suite"))
from training import ADDON, SETTING  # noqa: E402

LANGUAGES = {
    "python": {
        "declare": "def f{n}(x): return x + {n}\nvalue{n} = {n}",
        "prints": "for i in range(10000): print(i)",
        "member": "str.upp",
        "compute": "import asyncio, time\nasync def compute():\n  while True:\n    until = time.time() + 0.02\n    while time.time() < until: pass\n    await asyncio.sleep(0)",
    },
    "typescript": {
        "declare": "function f{n}(x: number): number {{ return x + {n} }}\nconst value{n} = {n}",
        "prints": "for (let i = 0; i < 10000; i++) console.log(i)",
        "member": "Math.sq",
        "compute": "async function compute(): Promise<void> { for (;;) { const until = Date.now() + 20; while (Date.now() < until); await new Promise((r) => setTimeout(r, 0)) } }",
    },
}
ROUNDS = 20
STARTS = 5
# A kernel that loses messages would be waited for without end.
PATIENCE = 30
TRAINING = (
    SETTING
    + "\nasync function compute(): Promise<void> { for await (const _event of train(config, { signal: cell.signal, checkpointEvery: 0 })) ; }"
)


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


def start(name):
    """A started kernel, its client, and the milliseconds until its first result."""
    began = time.perf_counter()
    manager = KernelManager(kernel_name=name)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        # Unchecked where the kernel knows the setting; the others check nothing, or always.
        first = "%check off\n1+1" if name == "typescript" else "1+1"
        client.execute_interactive(first, timeout=PATIENCE, output_hook=lambda message: None)
    except BaseException:
        stop(manager, client)
        raise
    return manager, client, (time.perf_counter() - began) * 1000


def stop(manager, client):
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def measure(name):
    """What could be measured of a kernel; what it fails at is left out, and ends the measuring."""
    found = {"kernel": name}
    starts = []
    # The first start loads this client's own modules as well, which the median leaves out.
    for _ in range(STARTS - 1):
        manager, client, milliseconds = start(name)
        starts.append(milliseconds)
        stop(manager, client)
    manager, client, milliseconds = start(name)
    found["start to first result, ms"] = statistics.median([*starts, milliseconds])
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

    def interrupt(seconds):
        """From the interrupt to the date that the kernel itself gave its error."""
        running = client.execute("await compute()")

        def published(kind):
            while (message := client.get_iopub_msg(timeout=PATIENCE))["msg_type"] != kind or message["parent_header"].get("msg_id") != running:
                pass
            return message

        published("execute_input")
        time.sleep(seconds)
        began = time.time()
        manager.interrupt_kernel()
        message = published("error")
        client.get_shell_msg(timeout=PATIENCE)
        return (message["header"]["date"].timestamp() - began) * 1000

    try:
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
        run(words["compute"])
        found["interrupt of a computing loop, ms"] = statistics.median(interrupt(0.3) for _ in range(9))
        found["interrupt of training, ms"] = None
        if name == "typescript" and ADDON.exists():
            run(TRAINING)
            found["interrupt of training, ms"] = statistics.median(interrupt(1.5) for _ in range(5))
    except Exception as error:
        print(f"{name}: {error!r}", file=sys.stderr)
    stop(manager, client)
    return found


if __name__ == "__main__":
    for kernel in sys.argv[1:]:
        print(json.dumps(measure(kernel)), flush=True)
