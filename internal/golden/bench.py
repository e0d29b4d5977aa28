#!/usr/bin/env python3
"""Does the work of `limner bench` in PyTorch at its best settings: every
memory layout that applies, a fused or multi-tensor Adam, no gradients where
none are asked for, results allocated before, memory kept by malloc, and the
thread counts given to every library.

    bench.py [--threads 2] [--blas-threads 1]

It answers each line of JSON on standard input by one on standard output; the
first line says what runs.

    {"load": {"family": "dcgan", "batch": 64}, "layout": "nhwc"}  →  {"Variants": ["nhwc"]}
    {"load": {"kernel": "gemm", ...}, "layout": ""}               →  {"Variants": [...]}
    {"run": 10, "variant": 0, "warm": 1}                          →  {"MS": of one iteration}
    {"memory": true}                                              →  {"RSS": peak MiB beyond what torch takes}
"""

import argparse
import json
import os
import sys
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--blas-threads", type=int, default=1, help="threads of OpenBLAS, which PyTorch calls from its own")
args = parser.parse_args()

# These are read when the libraries load, so the process starts itself again.
if os.environ.get("LIMNER_BENCH_TUNED") != "1":
    os.environ.update(
        LIMNER_BENCH_TUNED="1",
        OMP_NUM_THREADS=str(args.threads),
        MKL_NUM_THREADS=str(args.threads),
        OPENBLAS_NUM_THREADS=str(args.blas_threads),
        MALLOC_MMAP_THRESHOLD_="1000000000",
        MALLOC_TRIM_THRESHOLD_="1000000000",
        MALLOC_TOP_PAD_="100000000",
    )
    os.execv(sys.executable, [sys.executable] + sys.argv)

import resource

import torch

import dit
import gan
import kernels
import layers
import painter
import vae

torch.set_num_threads(args.threads)
torch.manual_seed(1)

LAYOUTS = ["nhwc", "nchw"]
VAE = dict(latent=32, channels=[32, 64, 128, 256], ema=0)
R3GAN = dict(latent=64, conditional=False, half_life=10000)
COLOUR = dict(height=64, width=64, channels=3)
GREY = dict(height=28, width=28, channels=1)
LATENT = dict(height=8, width=8, channels=8)

# What internal/bench runs under the same names. A class has steps, losses of
# a step, and sample.
WORKS = {
    "vae-dense": (vae.VAE, GREY, dict(net="dense", latent=50, hidden=[200, 200], activation="tanh", decoder="",
                  likelihood="bernoulli", scale="", binarize="dynamic", ema=0)),
    "vae-transposed": (vae.VAE, COLOUR, VAE),
    "vae-upsample": (vae.VAE, COLOUR, dict(VAE, decoder="upsample")),
    "dcgan": (gan.GAN, COLOUR, dict(gan.DCGAN, latent=100, channels=[256, 128, 64, 32], beta2_final=0.99,
              conditional=False, half_life=10000)),
    "r3gan": (gan.GAN, GREY, dict(R3GAN, channels=[192, 96, 32])),
    "dit": (dit.DiT, LATENT, {}),
    "flow": (painter.Painter, dict(height=8, width=8, channels=16),
             dict(channels=192, layers=8, heads=3, ratio=3, length=32, width=192, steps=4)),
}


class Params:
    """Parameters in PyTorch's own shapes and the asked layout."""

    def __init__(self, layout):
        self.values, self.layout = {}, layout

    def _make(self, name, shape, sigma):
        if name not in self.values:
            w = sigma * torch.randn(shape)
            if len(shape) == 4 and self.layout == "nhwc":
                w = w.contiguous(memory_format=torch.channels_last)
            self.values[name] = w.requires_grad_()
        return self.values[name]

    def __call__(self, name, *shape):
        return self._make(name, shape, 0.01 if len(shape) == 1 else shape[0] ** -0.5)

    def filter(self, name, k, inputs, outputs):
        return self._make(name, (outputs, inputs, k, k), (k * k * inputs) ** -0.5)

    def below(self, prefix):
        return {k: v for k, v in self.values.items() if k.startswith(prefix)}


class Step:
    """A training iteration or the sampling of a family, in one layout."""

    def __init__(self, work, layout):
        family, self.pictures, config = WORKS[work["family"]]
        self.size, self.layout = work["batch"], layout
        layers.rows = layout
        layers.fuse_bias = family is vae.VAE  # the GANs have convolutions without one
        self.params = Params(layout)
        self.net = family(self.pictures, config, self.params)
        self.optimisers, self.averages = {}, None
        if work.get("sample"):
            self.iterate = self.sample
            return
        self.data = {s: self.batch() for s in self.net.steps}

    def batch(self):
        p = self.pictures
        shape = self.size, p["height"], p["width"], p["channels"]
        x = torch.rand(shape)
        if self.layout == "nchw":
            x = x.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
        return dict(images=x, labels=torch.zeros(self.size, dtype=torch.long), progress=0.5,
                    normal=lambda name, *dims: torch.randn(*dims), uniform=lambda name, *dims: torch.rand(*dims))

    def sample(self):
        with torch.inference_mode():
            return self.net.sample(torch.randn(self.size, self.net.c["latent"]))

    def iterate(self):
        for s in self.net.steps:
            loss, _, trained = self.net.losses(s, self.data[s])
            trained = list(trained.values())
            for w, g in zip(trained, torch.autograd.grad(loss, trained)):
                w.grad = g
            if s not in self.optimisers:
                self.optimisers[s] = kernels.adam_of(trained, float(self.net.c.get("beta1", 0.9)))
            self.optimisers[s].step()
            if s == "generator" and self.net.c["half_life"]:
                with torch.no_grad():
                    if self.averages is None:
                        self.averages = [w.clone() for w in trained]
                    torch._foreach_mul_(self.averages, 0.999)
                    torch._foreach_add_(self.averages, trained, alpha=0.001)


def load(work, layout):
    """The ways to do the work, by name."""
    if "family" in work:
        ways = {name: Step(work, name).iterate for name in ([layout] if layout else LAYOUTS)}
    else:
        ways = kernels.WORKS.get(work["kernel"], kernels.function)(work)
    for f in ways.values():
        for _ in range(3):
            f()
    return ways


def resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(**answer):
    print(json.dumps(answer), flush=True)


def main():
    base = resident()
    blas = next((b for b in ("mkl", "openblas") if b in torch.__config__.show().lower().replace("mkldnn", "")), "openblas")
    say(Torch=torch.__version__, BLAS=blas)
    ways = {}
    for line in sys.stdin:
        ask = json.loads(line)
        if "load" in ask:
            ways.clear()
            ways.update(load(ask["load"], ask["layout"]))
            say(Variants=list(ways))
        elif "run" in ask:
            f = list(ways.values())[ask["variant"]]
            for _ in range(ask["warm"]):
                f()
            start = time.perf_counter()
            for _ in range(ask["run"]):
                f()
            say(MS=(time.perf_counter() - start) * 1e3 / ask["run"])
        else:
            say(RSS=resident() - base)


main()
