"""PyTorch: argument `eager`, or `compiled` for torch.compile of loss and gradient."""
import os
import sys

import torch
import torch.nn.functional as F

from common import LAMBDA, data, eta_of, parameters, serve, wrn

if "OMP_NUM_THREADS" in os.environ:
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def logits(spec, p, x):
    if spec["kind"] == "fc":
        for i in range(0, 6, 2):
            x = F.relu(torch.addmm(p[i + 1], x, p[i]))
        return torch.addmm(p[7], x, p[6])
    if spec["kind"] == "wrn":

        def strided(h, w, b, stride):
            if stride == 1:
                return F.conv2d(h, w, b, padding=1)
            return F.conv2d(F.pad(h, (0, 1, 0, 1)), w, b, stride)  # the odd pixel at the end, as the others pad

        def norm_relu(h, scale, offset):
            return F.relu(F.batch_norm(h, None, None, scale, offset, training=True, eps=1e-5))

        return wrn(spec, p, x, strided, norm_relu, lambda h, w, b: torch.addmm(b, h.mean((2, 3)), w))
    h = F.relu(F.conv2d(F.relu(F.conv2d(x, p[0], p[1], padding=1)), p[2], p[3]))
    h = F.relu(F.conv2d(F.max_pool2d(h, *spec["pools"][0]), p[4], p[5], padding=1))
    h = F.max_pool2d(F.conv2d(h, p[6], p[7]), *spec["pools"][1])
    h = h.permute(0, 2, 3, 1).reshape(h.shape[0], -1)
    return torch.addmm(p[11], torch.addmm(p[9], h, p[8]), p[10])


def build(spec):
    eta = eta_of(spec)
    values = [torch.tensor(value) for value in parameters(spec)]
    # Convolutions as PyTorch lays them out: filters [out, in, height, width], images [n, channels, height, width].
    p = [(v.permute(3, 2, 0, 1).contiguous() if v.dim() == 4 else v).requires_grad_() for v in values]
    x, y = (torch.tensor(value) for value in data(spec))
    y = y.long()
    if x.dim() == 4:
        x = x.permute(0, 3, 1, 2).contiguous()

    def loss_of(p, x):
        return F.cross_entropy(logits(spec, p, x), y) / 10

    function = torch.compile(loss_of) if sys.argv[1] == "compiled" else loss_of

    def run(steps):
        for _ in range(steps):
            loss = function(p, x)
            gradients = torch.autograd.grad(loss, p)
            with torch.no_grad():
                torch._foreach_mul_(p, 1 - eta * LAMBDA)
                torch._foreach_add_(p, gradients, alpha=-eta)
        return loss.detach()

    return run


serve(build)
