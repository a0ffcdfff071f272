"""JAX: argument `jit` calls a compiled step from Python, `loop` compiles many steps (lax.fori_loop) into one call."""
import sys

import jax
import jax.numpy as jnp
from jax import lax

from common import LAMBDA, data, eta_of, parameters, serve, wrn


def logits(spec, p, x):
    if spec["kind"] == "fc":
        for i in range(0, 6, 2):
            x = jax.nn.relu(x @ p[i] + p[i + 1])
        return x @ p[6] + p[7]

    if spec["kind"] == "wrn":

        def strided(h, w, b, stride):
            numbers = ("NHWC", "HWIO", "NHWC")
            return lax.conv_general_dilated(h, w, (stride, stride), "SAME", dimension_numbers=numbers) + b

        def norm_relu(h, scale, offset):
            mean = jnp.mean(h, (0, 1, 2))
            variance = jnp.mean(jnp.square(h), (0, 1, 2)) - jnp.square(mean)
            return jax.nn.relu((h - mean) * lax.rsqrt(variance + 1e-5) * scale + offset)

        return wrn(spec, p, x, strided, norm_relu, lambda h, w, b: jnp.mean(h, (1, 2)) @ w + b)

    def convolution(h, i, padding):
        return lax.conv_general_dilated(h, p[i], (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + p[i + 1]

    def pool(h, size, stride):
        return lax.reduce_window(h, -jnp.inf, lax.max, (1, size, size, 1), (1, stride, stride, 1), "VALID")

    h = jax.nn.relu(convolution(jax.nn.relu(convolution(x, 0, "SAME")), 2, "VALID"))
    h = jax.nn.relu(convolution(pool(h, *spec["pools"][0]), 4, "SAME"))
    h = pool(convolution(h, 6, "VALID"), *spec["pools"][1])
    h = h.reshape(h.shape[0], -1)
    return (h @ p[8] + p[9]) @ p[10] + p[11]


def build(spec):
    eta = eta_of(spec)
    state = [jnp.asarray(value) for value in parameters(spec)]
    x, y = (jnp.asarray(value) for value in data(spec))

    def loss(p):
        log_probabilities = jax.nn.log_softmax(logits(spec, p, x))
        return -jnp.mean(jnp.take_along_axis(log_probabilities, y[:, None], 1)) / 10

    def step(p):
        value, gradients = jax.value_and_grad(loss)(p)
        return [w - eta * (g + LAMBDA * w) for w, g in zip(p, gradients)], value

    if sys.argv[1] == "jit":
        compiled = jax.jit(step, donate_argnums=0)

        def run(steps):
            nonlocal state
            for _ in range(steps):
                state, value = compiled(state)
            return value.block_until_ready()

        return run

    @jax.jit
    def many(p, steps):
        return lax.fori_loop(0, steps, lambda _, carry: step(carry[0]), (p, jnp.float32(0)))

    def run_many(steps):
        nonlocal state
        state, value = many(state, steps)
        return value.block_until_ready()

    return run_many


serve(build)
