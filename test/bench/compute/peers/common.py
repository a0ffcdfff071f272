"""The same case as cases.ts and ours.ts: shapes, numbers, and the line protocol of worker.ts."""
import json
import os
import sys
import time

import numpy as np

ETA, LAMBDA = 0.1, 0.001
CASES = json.load(open(os.path.join(os.path.dirname(__file__), "..", "cases.json")))


def pseudo(count, salt):
    value = 43758.5453 * np.sin(12.9898 * np.arange(count, dtype=np.float64) + salt)
    return (2 * (value - np.floor(value)) - 1).astype(np.float32)


def parameter_shapes(spec):
    if spec["kind"] == "fc":
        width = spec["width"]
        sizes = [784, width, width, width, 10]
        return [shape for a, b in zip(sizes, sizes[1:]) for shape in ([a, b], [b])]
    c = spec["channels"]
    (size0, stride0), (size1, stride1) = spec["pools"]
    side = (((30 - size0) // stride0 + 1) - 2 - size1) // stride1 + 1
    convolutions = [shape for inputs in (3, c, c, c) for shape in ([3, 3, inputs, c], [c])]
    return convolutions + [[side * side * c, 500], [500], [500, 10], [10]]


def parameters(spec):
    result = []
    for i, shape in enumerate(parameter_shapes(spec)):
        if len(shape) == 1:
            result.append(np.zeros(shape, np.float32))
        else:
            scale = np.float32(np.sqrt(6 / np.prod(shape[:-1])))
            result.append((pseudo(int(np.prod(shape)), i + 1) * scale).reshape(shape))
    return result


def data(spec):
    batch = spec["batch"]
    shape = [batch, 784] if spec["kind"] == "fc" else [batch, 32, 32, 3]
    return pseudo(int(np.prod(shape)), 0).reshape(shape), (np.arange(batch) % 10).astype(np.int32)


def peak_memory():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def since_process_began():
    ticks = int(open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19])
    uptime = float(open("/proc/uptime").read().split()[0])
    return (uptime - ticks / os.sysconf("SC_CLK_TCK")) * 1000


def serve(build):
    """`build(spec)` returns a function of a number of steps that gives the loss before the last one."""
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        if "build" in request:
            run = build(CASES[request["build"]])
            run(1)
            reply = {"firstStep": since_process_began()}
        else:
            start = time.perf_counter()
            loss = run(request["run"])
            reply = {"ms": (time.perf_counter() - start) * 1000, "loss": float(loss), "memory": peak_memory()}
        print(json.dumps(reply), flush=True)
