#!/usr/bin/env python3
"""Times training steps in PyTorch at its best settings: channels-last weights
and pictures, a fused or multi-tensor Adam, memory kept by malloc, and the
thread counts given to every library.

    bench.py --work vae-conv [--threads 2] [--steps 1] [--lines 0]

Works are those of bench.json. A first line says what runs. Then, for each line
on standard input (or --lines times, without waiting), it runs the steps of one
or more iterations and prints {"ms": per iteration, "rss_mb": peak so far}. A
driver that holds both this process and its own can so let them take turns."""

import argparse
import json
import os
import pathlib
import sys
import time

args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
args.add_argument("--work", required=True)
args.add_argument("--threads", type=int, default=2)
args.add_argument("--steps", type=int, default=1, help="iterations a line")
args.add_argument("--lines", type=int, default=0, help="run so many lines at once instead of reading them")
args = args.parse_args()

# These are read when the libraries load, so the process starts itself again.
TUNED = {
    "OMP_NUM_THREADS": str(args.threads),
    "MKL_NUM_THREADS": str(args.threads),
    "OPENBLAS_NUM_THREADS": "1",  # PyTorch calls it from its own threads
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "67108864",
}
if os.environ.get("LIMNER_BENCH_TUNED") != "1":
    os.environ.update(TUNED, LIMNER_BENCH_TUNED="1")
    os.execv(sys.executable, [sys.executable] + sys.argv)

import resource

import torch

import gan
import vae

torch.set_num_threads(args.threads)
torch.manual_seed(1)


class Params:
    """Parameters in the layout that PyTorch likes best."""

    def __init__(self):
        self.values = {}

    def _make(self, name, shape, fan, layout):
        if name not in self.values:
            w = torch.randn(shape) / fan**0.5
            w = w.contiguous(memory_format=torch.channels_last) if layout else w
            self.values[name] = w.requires_grad_()
        return self.values[name]

    def __call__(self, name, *shape):
        if len(shape) == 1:
            return self._make(name, shape, 1e4, False)
        return self._make(name, shape, shape[0] if len(shape) == 2 else 1, False)

    def filter(self, name, k, inputs, outputs):
        return self._make(name, (outputs, inputs, k, k), k * k * inputs, True)

    def below(self, prefix):
        return {k: v for k, v in self.values.items() if k.startswith(prefix)}


def adam(params, beta1, beta2):
    try:
        return torch.optim.Adam(params, betas=(beta1, beta2), fused=True)
    except (RuntimeError, TypeError):  # older ones fuse on GPUs alone
        return torch.optim.Adam(params, betas=(beta1, beta2), foreach=True)


def main():
    work = json.loads((pathlib.Path(__file__).parent / "bench.json").read_text())[args.work]
    p, c = work["pictures"], work["config"]
    params = Params()
    net = {"vae": vae.VAE, "gan": gan.GAN}[work["family"]](p, c, params)
    n = work["batch"]
    normal = lambda name, *shape: torch.randn(*shape)
    uniform = lambda name, *shape: torch.rand(*shape)

    def batch():
        # Memory NHWC, which is what channels-last means.
        x = torch.rand(n, p["height"], p["width"], p["channels"])
        y = torch.randint(max(1, len(p.get("classes", []))), (n,))
        return dict(images=x, labels=y, progress=0.5, normal=normal, uniform=uniform)

    data = {s: batch() for s in net.steps}
    for s in net.steps:
        net.losses(s, data[s])  # makes the parameters
    optimisers = {}

    def iterate():
        for s in net.steps:
            loss, _, trained = net.losses(s, data[s])
            trained = list(trained.values())
            for w, g in zip(trained, torch.autograd.grad(loss, trained)):
                w.grad = g
            if s not in optimisers:
                optimisers[s] = adam(trained, c.get("beta1", 0.9), c.get("beta2", 0.999))
            for group in optimisers[s].param_groups:
                group["lr"] = 1e-4
            optimisers[s].step()

    for _ in range(3):
        iterate()
    count = sum(v.numel() for v in params.values.values())
    print(json.dumps({"work": args.work, "torch": torch.__version__, "threads": args.threads, "batch": n, "parameters": count}), flush=True)
    for _ in range(args.lines) if args.lines else sys.stdin:
        start = time.perf_counter()
        for _ in range(args.steps):
            iterate()
        ms = (time.perf_counter() - start) * 1e3 / args.steps
        print(json.dumps({"ms": round(ms, 3), "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}), flush=True)


main()
