#!/usr/bin/env python3
"""Writes testdata/*.json.gz: ten iterations of tiny nets in PyTorch, float64,
with every metric and the first gradient of each parameter. Needs PyTorch 1.13
or later and NumPy; run it in this folder. golden_test.go compares."""

import base64
import gzip
import json

import numpy as np
import torch

import layers
import philox
import autoencoder
import dit
import gan
import text
import vae
from autoencoder import Autoencoder
from dit import DiT
from gan import DCGAN, GAN, cosine
from optimiser import Adam
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
    "autoencoder": (Autoencoder, pictures(8, 12, 4), dict(encoder=[5, 8], decoder=[6, 4])),
    "autoencoder-late": (Autoencoder, pictures(8, 8, 4), dict(blocks=2, decoder_blocks=0,
                         critic=dict(weight=0.5, start=0.5, channels=[4, 6], gamma=0.1))),
    "autoencoder-plain": (Autoencoder, pictures(6, 4, 3), dict(detail=0, critic=dict(weight=0, start=0, channels=[4], gamma=0))),
    "dit": (DiT, pictures(3, 4, 2), dict(channels=16, layers=2, heads=2, ratio=2)),
    "contrast": (Contrast, pictures(8, 12, 4), {}),
    "gan-dcgan": (GAN, pictures(7, 7, 1, 3), dict(DCGAN, channels=[6, 4])),
    "gan-dcgan-plain": (GAN, pictures(8, 6, 2), dict(DCGAN, channels=[5, 4], norm="none", conditional=False, beta1=0.5)),
    "gan-r3gan": (GAN, pictures(8, 8, 3, 4), dict(channels=[16, 8])),
    "gan-words-dcgan": (GAN, pictures(8, 6, 4), dict(DCGAN, channels=[5, 4], conditional=False, **gan.WORDS)),
    "gan-words-r3gan": (GAN, pictures(4, 6, 4, 3), dict(channels=[8, 8], **gan.WORDS)),
    "gan-r3gan-plain": (GAN, pictures(4, 6, 1), dict(channels=[8], conditional=False, blocks=2)),
}


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
    read = config.get("words", {}).get("config", config)  # who reads the words
    tokens = prompts(seed, step, it, read["length"], read["vocabulary"]) if "vocabulary" in read else None
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
    config = dict({VAE: vae, GAN: gan, DiT: dit, Contrast: text, Autoencoder: autoencoder}[kind].DEFAULTS, **changes)
    params = layers.Params(seed)
    net = kind(pics, config, params)
    rate = 0.01
    adams = {s: Adam(config.get("beta1", 0.9), config.get("decay", 0)) for s in net.steps}
    metrics, gradients = {}, {}
    for it in range(ITERATIONS):
        for step in net.steps:
            if hasattr(net, "due") and not net.due(step, it / ITERATIONS):
                continue
            loss, values, trained = net.losses(step, batch_of(seed, pics, config, step, it))
            grads = torch.autograd.grad(loss, list(trained.values()))
            for name, v in values.items():
                metrics.setdefault(name, [0] * it).append(v.item())
            if step not in gradients:
                # Those that an optimiser sees for the first time.
                fresh = [(n, g) for n, g in zip(trained, grads) if not any(n in known for known in gradients.values())]
                if faint(fresh):
                    return None
                gradients[step] = {n: pack(g) for n, g in fresh}
            if hasattr(net, "optimise"):
                net.optimise(trained, grads, rate)
                continue
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
