"""The same case as cases.ts and ours.ts: shapes, numbers, and the line protocol of worker.ts."""
import json
import os
import sys
import time

import numpy as np

LAMBDA = 0.001
CASES = json.load(open(os.path.join(os.path.dirname(__file__), "..", "cases.json")))


def eta_of(spec):
    return spec.get("eta", 0.1)


def pseudo(count, salt):
    value = 43758.5453 * np.sin(12.9898 * np.arange(count, dtype=np.float64) + salt)
    return (2 * (value - np.floor(value)) - 1).astype(np.float32)


def blocks(spec):
    """(inputs, filters, stride, first of its group) of each block of a WRN; see cases.ts."""
    result = []
    for group, base in enumerate((16, 32, 64)):
        for block in range((spec["depth"] - 4) // 6):
            filters = base * spec["widen"]
            inputs = filters if block else 16 if group == 0 else filters // 2
            result.append((inputs, filters, 2 if block == 0 and group else 1, block == 0))
    return result


def parameter_shapes(spec):
    """(shape, initial value: None for weights) in the order of cases.ts."""

    def dense(inputs, units):
        return [([inputs, units], None), ([units], 0)]

    def convolution(inputs, filters):
        return [([3, 3, inputs, filters], None), ([filters], 0)]

    def norm(channels):
        return [([channels], 1), ([channels], 0)]

    if spec["kind"] == "fc":
        width = spec["width"]
        sizes = [784, width, width, width, 10]
        return [p for a, b in zip(sizes, sizes[1:]) for p in dense(a, b)]
    if spec["kind"] == "wrn":
        result = convolution(3, 16)
        for inputs, filters, _, first in blocks(spec):
            result += norm(inputs) + convolution(inputs, filters) + norm(filters) + convolution(filters, filters)
            result += convolution(inputs, filters) if first else []
        last = 64 * spec["widen"]
        return result + norm(last) + dense(last, 10)
    c = spec["channels"]
    (size0, stride0), (size1, stride1) = spec["pools"]
    side = (((30 - size0) // stride0 + 1) - 2 - size1) // stride1 + 1
    convolutions = [p for inputs in (3, c, c, c) for p in convolution(inputs, c)]
    return convolutions + dense(side * side * c, 500) + dense(500, 10)


def wrn(spec, p, x, convolution, norm_relu, head):
    """WRN n-k of a framework's layers: convolution(h, filter, bias, stride), norm_relu(h, scale, offset), head(h, w, b)."""
    take = iter(p).__next__
    h = convolution(x, take(), take(), 1)
    for _, _, stride, first in blocks(spec):
        main = convolution(norm_relu(h, take(), take()), take(), take(), stride)
        main = convolution(norm_relu(main, take(), take()), take(), take(), 1)
        h = main + (convolution(h, take(), take(), stride) if first else h)
    return head(norm_relu(h, take(), take()), take(), take())


def parameters(spec):
    result = []
    for i, (shape, value) in enumerate(parameter_shapes(spec)):
        if value is not None:
            result.append(np.full(shape, value, np.float32))
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
            reply = {"ms": (time.perf_counter() - start) * 1000, "loss": float(loss) if np.isfinite(loss) else None, "memory": peak_memory()}
        print(json.dumps(reply), flush=True)
