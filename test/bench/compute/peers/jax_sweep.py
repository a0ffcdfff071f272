"""20 runs of FC 3x256 in one script: `loop` one after the other, `vmap` all as one program. Arguments: mode, steps, etas."""
import json
import sys

import jax
import jax.numpy as jnp
from jax import lax

from common import CASES, LAMBDA, data, parameters

mode, steps, etas = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
spec = CASES["fc-256"]
start = [jnp.asarray(value) for value in parameters(spec)]
x, y = (jnp.asarray(value) for value in data(spec))


def loss(p):
    h = x
    for i in range(0, 6, 2):
        h = jax.nn.relu(h @ p[i] + p[i + 1])
    log_probabilities = jax.nn.log_softmax(h @ p[6] + p[7])
    return -jnp.mean(jnp.take_along_axis(log_probabilities, y[:, None], 1)) / 10


def step(p, eta):
    value, gradients = jax.value_and_grad(loss)(p)
    return [w - eta * (g + LAMBDA * w) for w, g in zip(p, gradients)], value


def run(eta):
    return lax.fori_loop(0, steps, lambda _, carry: step(carry[0], eta), (start, jnp.float32(0)))[1]


if mode == "vmap":
    losses = jax.jit(jax.vmap(run))(jnp.asarray(etas, jnp.float32)).tolist()
else:
    compiled = jax.jit(run)
    losses = [float(compiled(jnp.float32(eta))) for eta in etas]
print(json.dumps(losses))
