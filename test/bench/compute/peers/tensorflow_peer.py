"""TensorFlow from Python: argument `function` is tf.function, `xla` compiles it with XLA."""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from common import LAMBDA, data, eta_of, parameters, serve, wrn

if "TF_NUM_INTRAOP_THREADS" in os.environ:
    tf.config.threading.set_intra_op_parallelism_threads(int(os.environ["TF_NUM_INTRAOP_THREADS"]))
    tf.config.threading.set_inter_op_parallelism_threads(int(os.environ["TF_NUM_INTEROP_THREADS"]))


def logits(spec, p, x):
    if spec["kind"] == "fc":
        for i in range(0, 6, 2):
            x = tf.nn.relu(tf.nn.bias_add(x @ p[i], p[i + 1]))
        return tf.nn.bias_add(x @ p[6], p[7])

    if spec["kind"] == "wrn":

        def strided(h, w, b, stride):
            return tf.nn.bias_add(tf.nn.conv2d(h, w, stride, "SAME"), b)

        def norm_relu(h, scale, offset):
            return tf.nn.relu(tf.compat.v1.nn.fused_batch_norm(h, scale, offset, epsilon=1e-5)[0])

        return wrn(spec, p, x, strided, norm_relu, lambda h, w, b: tf.nn.bias_add(tf.reduce_mean(h, (1, 2)) @ w, b))

    def convolution(h, i, padding):
        return tf.nn.bias_add(tf.nn.conv2d(h, p[i], 1, padding), p[i + 1])

    def pool(h, size, stride):
        return tf.nn.max_pool2d(h, size, stride, "VALID")

    h = tf.nn.relu(convolution(tf.nn.relu(convolution(x, 0, "SAME")), 2, "VALID"))
    h = tf.nn.relu(convolution(pool(h, *spec["pools"][0]), 4, "SAME"))
    h = pool(convolution(h, 6, "VALID"), *spec["pools"][1])
    h = tf.reshape(h, [h.shape[0], -1])
    return (h @ p[8] + p[9]) @ p[10] + p[11]


def build(spec):
    eta = eta_of(spec)
    p = [tf.Variable(value) for value in parameters(spec)]
    x, y = (tf.constant(value) for value in data(spec))

    @tf.function(jit_compile=sys.argv[1] == "xla")
    def step():
        with tf.GradientTape() as tape:
            entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits(spec, p, x))
            loss = tf.reduce_mean(entropy) / 10
        for w, gradient in zip(p, tape.gradient(loss, p)):
            w.assign_sub(eta * (gradient + LAMBDA * w))
        return loss

    def run(steps):
        for _ in range(steps):
            loss = step()
        return loss.numpy()

    return run


serve(build)
