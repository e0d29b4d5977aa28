#!/usr/bin/env python3
"""Times training iterations in PyTorch at its best settings: either memory
layout, a fused or multi-tensor Adam, memory kept by malloc, and the thread
counts given to every library.

    bench.py WORK [--layout nhwc|nchw] [--batch 64] [--threads 2] [--run N]

A first line says what runs. Then, for each line with a number on standard
input, it runs so many iterations and prints {"ms": [each], "rss": peak MiB so
far}, so that a driver can let this process and its own take turns. With --run
it answers one such line at once and ends."""

import argparse
import json
import os
import sys
import time

import layers
from gan import DCGAN

VAE = dict(latent=32, channels=[32, 64, 128, 256], ema=0)
R3GAN = dict(latent=64, conditional=False, half_life=10000)
COLOUR = dict(height=64, width=64, channels=3)
GREY = dict(height=28, width=28, channels=1)

# What internal/bench runs under the same names.
WORKS = {
    "vae-dense": ("vae", GREY, dict(net="dense", latent=50, hidden=[200, 200], activation="tanh", decoder="",
                  likelihood="bernoulli", scale="", binarize="dynamic", ema=0)),
    "vae-transposed": ("vae", COLOUR, VAE),
    "vae-upsample": ("vae", COLOUR, dict(VAE, decoder="upsample")),
    "dcgan": ("gan", COLOUR, dict(DCGAN, latent=100, channels=[256, 128, 64, 32], beta2_final=0.99, conditional=False,
              half_life=10000)),
    "r3gan": ("gan", GREY, dict(R3GAN, channels=[192, 96, 32])),
}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("work", choices=WORKS)
parser.add_argument("--layout", choices=["nhwc", "nchw"], default="nhwc")
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--run", type=int, default=0)
args = parser.parse_args()

# These are read when the libraries load, so the process starts itself again.
if os.environ.get("LIMNER_BENCH_TUNED") != "1":
    os.environ.update(
        LIMNER_BENCH_TUNED="1",
        OMP_NUM_THREADS=str(args.threads),
        MKL_NUM_THREADS=str(args.threads),
        OPENBLAS_NUM_THREADS="1",  # PyTorch calls it from its own threads
        MALLOC_MMAP_THRESHOLD_="1000000000",
        MALLOC_TRIM_THRESHOLD_="1000000000",
        MALLOC_TOP_PAD_="100000000",
    )
    os.execv(sys.executable, [sys.executable] + sys.argv)

import resource

import torch

import gan
import vae

torch.set_num_threads(args.threads)
torch.manual_seed(1)
layers.rows = args.layout


class Params:
    """Parameters in PyTorch's own shapes and the asked layout."""

    def __init__(self):
        self.values = {}

    def _make(self, name, shape, sigma):
        if name not in self.values:
            w = sigma * torch.randn(shape)
            if len(shape) == 4 and args.layout == "nhwc":
                w = w.contiguous(memory_format=torch.channels_last)
            self.values[name] = w.requires_grad_()
        return self.values[name]

    def __call__(self, name, *shape):
        return self._make(name, shape, 0.01 if len(shape) == 1 else shape[0] ** -0.5)

    def filter(self, name, k, inputs, outputs):
        return self._make(name, (outputs, inputs, k, k), (k * k * inputs) ** -0.5)

    def below(self, prefix):
        return {k: v for k, v in self.values.items() if k.startswith(prefix)}


def adam(params, beta1):
    try:
        return torch.optim.Adam(params, lr=1e-4, betas=(beta1, 0.99), fused=True)
    except (RuntimeError, TypeError):  # older ones fuse on GPUs alone
        return torch.optim.Adam(params, lr=1e-4, betas=(beta1, 0.99), foreach=True)


class Work:
    def __init__(self):
        family, self.pictures, config = WORKS[args.work]
        layers.fuse_bias = family == "vae"  # the GANs have convolutions without one
        self.params = Params()
        self.net = {"vae": vae.VAE, "gan": gan.GAN}[family](self.pictures, config, self.params)
        self.data = {s: self.batch() for s in self.net.steps}
        self.optimisers, self.averages = {}, None

    def batch(self):
        p = self.pictures
        shape = args.batch, p["height"], p["width"], p["channels"]
        x = torch.rand(shape)
        if args.layout == "nchw":
            x = x.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
        return dict(images=x, labels=torch.zeros(args.batch, dtype=torch.long), progress=0.5,
                    normal=lambda name, *dims: torch.randn(*dims), uniform=lambda name, *dims: torch.rand(*dims))

    def iterate(self):
        for s in self.net.steps:
            loss, _, trained = self.net.losses(s, self.data[s])
            trained = list(trained.values())
            for w, g in zip(trained, torch.autograd.grad(loss, trained)):
                w.grad = g
            if s not in self.optimisers:
                self.optimisers[s] = adam(trained, float(self.net.c.get("beta1", 0.9)))
            self.optimisers[s].step()
            if s == "generator" and self.net.c["half_life"]:
                with torch.no_grad():
                    if self.averages is None:
                        self.averages = [w.clone() for w in trained]
                    torch._foreach_mul_(self.averages, 0.999)
                    torch._foreach_add_(self.averages, trained, alpha=0.001)


def answer(work, n):
    ms = []
    for _ in range(n):
        start = time.perf_counter()
        work.iterate()
        ms.append(round((time.perf_counter() - start) * 1e3, 3))
    print(json.dumps({"ms": ms, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)


def main():
    work = Work()
    for _ in range(3):
        work.iterate()
    count = sum(v.numel() for v in work.params.values.values())
    print(json.dumps({"work": args.work, "torch": torch.__version__, "layout": args.layout, "threads": args.threads,
                      "batch": args.batch, "parameters": count}), flush=True)
    if args.run:
        answer(work, args.run)
        return
    for line in sys.stdin:
        answer(work, int(line))


main()
