#!/usr/bin/env python3
"""Writes testdata/*.json.gz: ten iterations of tiny nets in PyTorch, float64,
with every metric and all gradients of the first iteration. Needs PyTorch 1.13
or later and NumPy; run it in this folder. golden_test.go compares."""

import base64
import gzip
import json

import numpy as np
import torch

import layers
import philox
import dit
import gan
import text
import vae
from dit import DiT
from gan import DCGAN, GAN, cosine
from text import Contrast
from vae import VAE

ITERATIONS, BATCH = 10, 4


def pictures(h, w, c, classes=0):
    return dict(height=h, width=w, channels=c, classes=[f"class {i}" for i in range(classes)])


CASES = {
    "vae-dense": (VAE, pictures(8, 8, 1), dict(net="dense", hidden=[14, 10], activation="tanh", decoder="",
                  likelihood="bernoulli", scale="", binarize="dynamic")),
    "vae-iwae": (VAE, pictures(6, 6, 1), dict(net="dense", hidden=[9], activation="leaky_relu", decoder="",
                 likelihood="bernoulli", scale="", iwae=5)),
    "vae-conv": (VAE, pictures(14, 14, 3), dict(channels=[4, 6], hidden=[12], warmup=0.5, beta=2, activation="gelu")),
    "vae-conv-upsample": (VAE, pictures(10, 7, 2, 3), dict(channels=[4, 5], decoder="upsample", scale="pixel",
                          conditional=True, decay=0.1)),
    "dit": (DiT, pictures(3, 4, 2), dict(channels=16, layers=2, heads=2, ratio=2)),
    "contrast": (Contrast, pictures(8, 12, 4), {}),
    "gan-dcgan": (GAN, pictures(7, 7, 1, 3), dict(DCGAN, channels=[6, 4])),
    "gan-dcgan-plain": (GAN, pictures(8, 6, 2), dict(DCGAN, channels=[5, 4], norm="none", conditional=False, beta1=0.5)),
    "gan-r3gan": (GAN, pictures(8, 8, 3, 4), dict(channels=[16, 8])),
    "gan-r3gan-plain": (GAN, pictures(4, 6, 1), dict(channels=[8], conditional=False, blocks=2)),
}


class Adam:
    """Kingma and Ba (2015), algorithm 1, decoupled decay, with the weight of
    the second moment's average tracked, since β2 may change."""

    def __init__(self, beta1, decay=0):
        self.beta1, self.decay, self.state, self.w1, self.w2 = beta1, decay, {}, 0.0, 0.0

    @torch.no_grad()
    def step(self, params, grads, rate, beta2):
        self.w1 = self.beta1 * self.w1 + 1 - self.beta1
        self.w2 = beta2 * self.w2 + 1 - beta2
        for (name, p), g in zip(params.items(), grads):
            m, v = self.state.get(name, (torch.zeros_like(p), torch.zeros_like(p)))
            m, v = self.beta1 * m + (1 - self.beta1) * g, beta2 * v + (1 - beta2) * g * g
            self.state[name] = (m, v)
            p.mul_(1 - rate * self.decay).sub_(rate * (m / self.w1) / ((v / self.w2).sqrt() + 1e-8))


def prompts(seed, step, it, length, vocabulary):
    """Tokens of prompts, the first of full length; the last two are the same in
    every second iteration."""
    u = philox.uniform(seed, f"golden/tokens/{step}", it, BATCH, length).astype(np.float64)
    v = philox.uniform(seed, f"golden/lengths/{step}", it, BATCH).astype(np.float64)
    tokens = np.floor(3 + u * (vocabulary - 3)).astype(np.int64)
    for i in range(BATCH):
        n = int(3 + v[i] * (length - 2)) if i else length
        tokens[i, 0], tokens[i, n - 1], tokens[i, n:] = 1, 2, 0
    if it % 2:
        tokens[-1] = tokens[-2]
    return torch.tensor(tokens)


def batch_of(seed, pics, config, step, it):
    """Pictures on 256 levels, new in every step of every iteration: noise
    around a colour of each picture's own."""
    u = philox.uniform(seed, f"golden/images/{step}", it, BATCH, pics["height"], pics["width"], pics["channels"])
    v = philox.uniform(seed, f"golden/colours/{step}", it, BATCH, 1, 1, pics["channels"])
    images = (np.floor((u.astype(np.float64) + 3 * v.astype(np.float64)) * 64) / 255).astype(np.float32)
    labels = np.zeros(BATCH, np.int64)
    if pics["classes"]:
        labels = np.floor(philox.uniform(seed, f"golden/labels/{step}", it, BATCH) * len(pics["classes"])).astype(np.int64)
    draw = lambda f: lambda name, *shape: torch.tensor(f(seed, name, it, *shape)).double()
    tokens = prompts(seed, step, it, config["length"], config["vocabulary"]) if "vocabulary" in config else None
    return dict(images=torch.tensor(images).double(), labels=torch.tensor(labels), progress=it / ITERATIONS,
                tokens=tokens, uniform=draw(philox.uniform), normal=draw(philox.normal))


def pack(t):
    return dict(shape=list(t.shape), data=base64.b64encode(t.detach().numpy().astype("<f4").tobytes()).decode())


def faint(named):
    """Whether some first gradient is nothing beside its neighbours, as that of
    a bias which shifts real and generated scores alike. Adam would take its
    rounding error for a direction and step by the full rate."""
    rows = [g for n, g in named if not n.endswith("/table")]  # classes and pieces that are not in the batch
    return any((g.abs() < 1e-7 * g.abs().max()).any() for g in rows)


def run(kind, pics, changes, seed):
    """One case, or None where the seed is no good."""
    config = dict({VAE: vae, GAN: gan, DiT: dit, Contrast: text}[kind].DEFAULTS, **changes)
    params = layers.Params(seed)
    net = kind(pics, config, params)
    rate = 0.01
    adams = {s: Adam(config.get("beta1", 0.9), config.get("decay", 0)) for s in net.steps}
    metrics, gradients = {}, {}
    for it in range(ITERATIONS):
        for step in net.steps:
            loss, values, trained = net.losses(step, batch_of(seed, pics, config, step, it))
            grads = torch.autograd.grad(loss, list(trained.values()))
            for name, v in values.items():
                metrics.setdefault(name, []).append(v.item())
            if it == 0:
                if faint(zip(trained, grads)):
                    return None
                gradients[step] = {n: pack(g) for n, g in zip(trained, grads)}
            beta2 = cosine(config["beta2"], config["beta2_final"], it / ITERATIONS) if kind is GAN else 0.999
            adams[step].step(trained, grads, rate, beta2)
    return dict(family=kind.__name__.lower(), pictures=pics, config=config, batch=BATCH, seed=seed, rate=rate,
                iterations=ITERATIONS, metrics=metrics, gradients=gradients)


if __name__ == "__main__":
    for name, (kind, pics, changes) in CASES.items():
        case = next(filter(None, (run(kind, pics, changes, seed) for seed in range(2024, 2124))))
        document = json.dumps(case, separators=(",", ":")).encode()
        with open(f"testdata/{name}.json.gz", "wb") as f:
            f.write(gzip.compress(document, 9, mtime=0))
        print(name, case["seed"], len(document))
