#!/usr/bin/env python3
"""Writes testdata/flow/*.json.gz: flow models of model/flow in PyTorch,
float64. Of each, two iterations of training with what all states are after
them, and what the averaged weights at the start predict, score and lead noise
to. Needs PyTorch 2.4 or later and NumPy; run it in this folder. flow_test.go
compares."""

import base64
import gzip
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

import layers
import philox
import text
from dit import Rotary, dense, linear, rms
from optimiser import Muon

HEIGHT, WIDTH, LATENT = 2, 3, 3  # of the grid
RATE, ITERATIONS = 0.01, 2
STARTED = 30  # iterations that the average has seen before
DOUBLINGS = 6
PATH = 1500  # steps
PROMPTS = ["ab", "", "a", "cd", "b", ""]

WORDS = dict(vocabulary=262, length=5, channels=8, layers=1, heads=2, patch=2, pictures=[4], blocks=0, embedding=4)
NET = dict(channels=16, layers=2, heads=2, ratio=1.3, beta1=0.8, beta2=0.95, drop=0.3, decay=0.1)
CASES = {
    "plain": dict(batch=4, words=False, config=dict(NET, optimiser="adam", clip=0, half_life=3)),
    "words": dict(batch=4, words=True, config=dict(NET, optimiser="adam", clip=0.05, half_life=1000)),
    "muon": dict(batch=3, words=True, config=dict(NET, optimiser="muon", clip=0, half_life=4, drop=0.4)),
    "shortcut": dict(batch=6, words=True, config=dict(NET, optimiser="muon", clip=0.5, half_life=20, decay=0, shortcut=0.5,
                     shortcut_guidance=2.5)),
    "shortcut-plain": dict(batch=5, words=False, config=dict(NET, optimiser="adam", clip=0, half_life=0, shortcut=0.4)),
}


class Params(layers.Params):
    """Scales are near to 1."""

    def __call__(self, name, *shape):
        if name not in self.values and name.endswith("/scale"):
            w = np.float32(1) + super().__call__(name, *shape).detach().numpy().astype(np.float32)
            self.values[name] = torch.tensor(w.astype("float64"), requires_grad=True)
        return super().__call__(name, *shape)


def tokenise(prompt):
    """Start, a space and the bytes, end, filled up."""
    pieces = [1] + [3 + b for b in (" " + prompt if prompt else "").encode()] + [2]
    return torch.tensor(pieces + [0] * (WORDS["length"] - len(pieces)))


def waves(x, d):
    frequency = (10000.0 ** -(np.arange(d // 2) / (d // 2))).astype("float32").astype("float64")
    phase = 1000 * x[:, None] * torch.tensor(frequency)
    return torch.cat([phase.cos(), phase.sin()], 1)


class Flow:
    """p gives parameters by name."""

    def __init__(self, p, config, words):
        self.p, self.c, self.words = p, config, words
        self.rotary = Rotary(HEIGHT, WIDTH, config["channels"] // config["heads"])

    def read(self, tokens):
        states, pooled = text.encode(lambda name, *shape: self.p("words/" + name, *shape), WORDS, tokens)
        return states, pooled, tokens != 0

    def attention(self, at, x, context, present=None):
        p, d, heads = self.p, self.c["channels"], self.c["heads"]

        def part(name, y):
            y = linear(p, f"{at}/{name}", y, d).unflatten(-1, (heads, -1)).transpose(1, 2)
            if name == "v":
                return y
            y = rms(y, p(f"{at}/{name}/scale", d // heads))
            return self.rotary(y) if present is None else y

        mask = None if present is None else present[:, None, None, :]
        o = F.scaled_dot_product_attention(part("q", x), part("k", context), part("v", context), attn_mask=mask)
        return dense(p, at + "/out", o.transpose(1, 2).flatten(2), d)

    def moment(self, at, t):
        d = self.c["channels"]
        return dense(self.p, at + "/out", F.silu(dense(self.p, at + "/in", waves(t, d), d)), d)

    def velocity(self, x, t, stride, reading):
        p, c, d = self.p, self.c, self.c["channels"]
        cond = self.moment("flow/time", t)
        if c.get("shortcut"):
            cond = cond + self.moment("flow/stride", stride)
        if self.words:
            states, pooled, present = reading
            cond = cond + dense(p, "flow/prompt", pooled, d)
        cond = F.silu(cond)
        shared = dense(p, "flow/modulation", cond, 6 * d)
        h = dense(p, "flow/in", x.flatten(1, 2), d)
        for i in range(c["layers"]):
            at = f"flow/block{i}"
            shift1, scale1, gate1, shift2, scale2, gate2 = (shared + p(at + "/table", 6 * d))[:, None].chunk(6, -1)
            y = rms(h) * (1 + scale1) + shift1
            h = h + gate1 * self.attention(at + "/attention", y, y)
            if self.words:
                y = rms(h, p(at + "/words/scale", d))
                h = h + p(at + "/words/gate", d) * self.attention(at + "/words", y, states, present)
            y = rms(h) * (1 + scale2) + shift2
            y = F.gelu(dense(p, at + "/mlp/in", y, int(c["ratio"] * d)))
            h = h + gate2 * dense(p, at + "/mlp/out", y, d)
        shift, scale = dense(p, "flow/final", cond, 2 * d)[:, None].chunk(2, -1)
        return dense(p, "flow/out", rms(h) * (1 + scale) + shift, LATENT).unflatten(1, (HEIGHT, WIDTH))

    # Training.

    @torch.no_grad()
    def far(self, x, noise, tokens, draw):
        """Times, lengths and mean velocities of long steps."""
        k, w = len(x), self.c.get("shortcut_guidance", 2)
        level = torch.floor(draw("uniform", "level", k) * DOUBLINGS)
        d = 2.0 ** (level - DOUBLINGS)
        t = (torch.floor(draw("uniform", "place", k) / (2 * d)) + 1) * 2 * d
        shortest = level == 0
        asked = torch.where(shortest, torch.zeros_like(d), d)

        def go(x, t):
            if not self.words:
                return self.velocity(x, t, asked, None)
            v = self.velocity(x, t, asked, self.read(tokens))
            none = self.velocity(x, t, asked, self.read(tokenise("").expand(k, -1)))
            return torch.where(shortest[:, None, None, None], none + w * (v - none), v)

        wide = lambda a: a[:, None, None, None]
        x = (1 - wide(t)) * x + wide(t) * noise
        first = go(x, t)
        return t, 2 * d, (first + go(x - wide(d) * first, t - d)) / 2

    def losses(self, codes, tokens, draw):
        mean, std = codes.chunk(2, 3)
        b = len(codes)
        x = mean + std * draw("normal", "latents", *mean.shape)
        if self.words:
            tokens = torch.where(draw("uniform", "drop", b, 1) < self.c["drop"], tokenise(""), tokens)
        noise = draw("normal", "noise", *x.shape)
        t, stride, target = torch.sigmoid(draw("normal", "time", b)), torch.zeros(b).double(), noise - x
        k = math.floor(self.c.get("shortcut", 0) * b + 0.5)
        if k:
            last = tokens[-k:] if self.words else None
            far = self.far(x[-k:], noise[-k:], last, draw)
            t, stride, target = (torch.cat([a[:-k], f]) for a, f in zip((t, stride, target), far))
        at = t[:, None, None, None]
        v = self.velocity((1 - at) * x + at * noise, t, stride, self.read(tokens) if self.words else None)
        metrics = {"loss/flow": F.mse_loss(v[: b - k], target[: b - k])}
        if k:
            metrics["loss/shortcut"] = F.mse_loss(v[b - k :], target[b - k :])
        return F.mse_loss(v, target), metrics

    # Uses.

    def score(self, images, tokens, draw):
        """The autoencoder is a matrix on squares of 2×2 pixels."""
        b = len(images)
        squares = images.reshape(b, HEIGHT, 2, WIDTH, 2, -1).transpose(2, 3).flatten(3)
        mean, std = (squares @ draw.params(f"autoencoder/{n}/w", squares.shape[-1], LATENT) for n in ("mean", "std"))
        x = mean + torch.sigmoid(std) * draw("normal", "score/latents", *mean.shape)
        noise = draw("normal", "score/noise", *x.shape)
        t = (torch.arange(b).double() + 0.5) / b
        at = t[:, None, None, None]
        v = self.velocity((1 - at) * x + at * noise, t, 0 * t, self.read(tokens) if self.words else None)
        return (v - (noise - x)).square().mean((1, 2, 3))

    def paint(self, noise, tokens, guidance, steps):
        """The end of the path from noise at time 1 to 0, by Runge and Kutta."""
        n = len(noise)
        reading = self.read(torch.cat([tokens, tokenise("").expand(n, -1)]))

        def slope(x, t):
            t = torch.full((2 * n,), t, dtype=torch.float64)
            told, none = self.velocity(torch.cat([x, x]), t, 0 * t, reading).chunk(2)
            return none + guidance * (told - none)

        x, h = noise, -1 / steps
        for i in range(steps):
            t = 1 + i * h
            a = slope(x, t)
            b = slope(x + h / 2 * a, t + h / 2)
            c = slope(x + h / 2 * b, t + h / 2)
            d = slope(x + h * c, t + h)
            x = x + h / 6 * (a + 2 * b + 2 * c + d)
        return x


class Draw:
    """Noise of an iteration by name, as Limner's graphs draw it."""

    def __init__(self, params, it):
        self.params, self.it = params, it

    def __call__(self, kind, name, *shape):
        return torch.tensor(getattr(philox, kind)(self.params.seed, name, self.it, *shape)).double()


def pack(t):
    t = t.detach().double()
    return dict(shape=list(t.shape), data=base64.b64encode(t.numpy().astype("<f4").tobytes()).decode())


def probes(name, t):
    """The norm of an array and its products with three arrays of noise."""
    x = t.detach().double().numpy()
    along = [(x * philox.normal(0, "golden/probe/" + name, i, *x.shape)).sum() for i in range(3)]
    return [float(f"{v:.9g}") for v in (math.sqrt((x * x).sum()), *along)]


class Training:
    """The optimisers and the averages."""

    def __init__(self, case, params):
        self.c, self.batch, self.params = case["config"], case["batch"], params
        self.muon = Muon()
        trained = params.values
        hidden = lambda n: self.c["optimiser"] == "muon" and trained[n].dim() == 2 and ("/block" in n or "/layer" in n)
        self.matrices = {n: p for n, p in trained.items() if hidden(n)}
        self.others = {n: p for n, p in trained.items() if not hidden(n)}
        self.adam = torch.optim.AdamW(self.others.values(), RATE, (self.c["beta1"], self.c["beta2"]), 1e-8, self.c["decay"])
        averages = Params(params.seed)
        self.averages = {n: averages("ema/" + n, *p.shape).detach() for n, p in trained.items()}

    @torch.no_grad()
    def step(self, it, grads):
        """Returns the norm of the gradients and all states after the step."""
        c, trained = self.c, self.params.values
        norm = math.sqrt(sum(g.square().sum() for g in grads.values()))
        shrink = min(1, c["clip"] / norm) if c["clip"] else 1
        for n, g in grads.items():
            trained[n].grad = shrink * g
        for p in self.matrices.values():
            p.mul_(1 - RATE * c["decay"])
        self.muon.step(self.matrices, [p.grad for p in self.matrices.values()], RATE)
        self.adam.step()
        scope = c["optimiser"] + "/"
        states = dict(trained)
        for n in self.matrices:
            states[scope + "momentum/" + n] = self.muon.state[n]
        for n, p in self.others.items():
            states[scope + "m/" + n] = self.adam.state[p]["exp_avg"]
            states[scope + "v/" + n] = self.adam.state[p]["exp_avg_sq"]
        for i in "12":
            states[scope + "correction" + i] = torch.tensor(1 - c["beta" + i] ** (it + 1))
        if c["half_life"]:
            seen = (STARTED + it + 1) * self.batch
            share = 0.5 ** (self.batch / min(c["half_life"], 0.05 * seen))
            for n, a in self.averages.items():
                a.copy_(share * a + (1 - share) * trained[n])
                states["ema/" + n] = a
            states["ema/steps"] = torch.tensor(STARTED + it + 1)
        return norm, states


def good(case, params, grads):
    """Whether the first iteration has what the case is about, and no gradient
    that is nothing beside its neighbours: Adam would take its rounding error
    for a direction."""
    c, draw = case["config"], Draw(params, 0)
    dropped = draw("uniform", "drop", case["batch"], 1) < c["drop"]
    shortest = draw("uniform", "level", math.floor(c.get("shortcut", 0) * case["batch"] + 0.5)) < 1 / DOUBLINGS
    mixed = lambda v: v.any() and not v.all()
    faint = any((g.abs() < 1e-5 * g.abs().max())[g != 0].any() for g in grads.values())
    return not faint and (not case["words"] or mixed(dropped)) and (not c.get("shortcut") or mixed(shortest))


def run(name, case, seed):
    """One case, or None where the seed is no good."""
    c, b = case["config"], case["batch"]
    params = Params(seed)
    net = Flow(params, c, case["words"])
    draw = lambda it: Draw(params, it)
    prompts = lambda it: torch.stack([tokenise(PROMPTS[(i + it) % len(PROMPTS)]) for i in range(b)])
    grid = (b, HEIGHT, WIDTH, LATENT)

    iterations, training = [], None
    for it in range(ITERATIONS):
        mean, std = draw(it)("normal", "golden/mean", *grid), draw(it)("uniform", "golden/std", *grid)
        loss, metrics = net.losses(torch.cat([mean, std], 3), prompts(it), draw(it))
        grads = dict(zip(params.values, torch.autograd.grad(loss, list(params.values.values()))))
        if it == 0 and not good(case, params, grads):
            return None
        training = training or Training(case, params)
        norm, states = training.step(it, grads)
        metrics = {k: v.item() for k, v in metrics.items()}
        if c["clip"]:
            metrics["norm/gradient"] = norm
        iterations.append(dict(metrics=metrics, states={k: probes(k, v) for k, v in states.items()}))

    params = Params(seed)
    prefix = "ema/" if c["half_life"] else ""
    net = Flow(lambda name, *shape: params(prefix + name, *shape), c, case["words"])
    with torch.no_grad():
        x, tokens = draw(0)("normal", "golden/noised", *grid), prompts(0)
        told = None
        if case["words"]:
            n, d = WORDS["length"], WORDS["channels"]
            told = (draw(0)("normal", "golden/states", b, n, d), draw(0)("normal", "golden/pooled", b, d), tokens != 0)
        times, strides = draw(0)("uniform", "golden/time", b), draw(0)("uniform", "golden/stride", b)
        images = draw(0)("uniform", "golden/images", b, 2 * HEIGHT, 2 * WIDTH, 2)
        uses = {
            "velocity": {"velocity": net.velocity(x, times, strides, told)},
            "score": {"flow": net.score(images, tokens, Draw(params, 0))},
        }
        if case["words"]:
            uses["read"] = dict(zip(["states", "pooled", "present"], net.read(tokens)))
        painted = net.paint(x[:2], tokens[:2], 2.5, PATH) if name == "words" else None

    part = lambda family, config, h, w, c: {"from": family, "family": family, "config": config,
                                            "pictures": dict(height=h, width=w, channels=c)}
    config = dict(c, autoencoder=part("folding", dict(latent=LATENT), 2 * HEIGHT, 2 * WIDTH, 2))
    if case["words"]:
        config["words"] = part("contrast", WORDS, 8, 8, 4)
    return dict(family="flow", pictures=dict(height=2 * HEIGHT, width=2 * WIDTH, channels=2), config=config, batch=b,
                seed=seed, rate=RATE, iterations=iterations, prompts=PROMPTS, started=STARTED,
                uses={u: {k: pack(v) for k, v in out.items()} for u, out in uses.items()}, painted=painted if painted is None else pack(painted))


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.makedirs("testdata/flow", exist_ok=True)
    for name, case in CASES.items():
        made = next(filter(None, (run(name, case, seed) for seed in range(2024, 2324))))
        document = json.dumps(made, separators=(",", ":")).encode()
        with open(f"testdata/flow/{name}.json.gz", "wb") as f:
            f.write(gzip.compress(document, 9, mtime=0))
        print(name, made["seed"], len(document))
