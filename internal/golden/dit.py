"""The diffusion transformer of internal/bench/dit in PyTorch: forward pass and
loss."""

import math

import torch
import torch.nn.functional as F

DEFAULTS = dict(channels=256, layers=8, heads=4, ratio=4)


def linear(p, name, x, out):
    return x @ p(name + "/w", x.shape[-1], out)


def dense(p, name, x, out):
    """One multiplication that begins with the bias, which is faster."""
    w, b = p(name + "/w", x.shape[-1], out), p(name + "/b", out)
    return torch.addmm(b, x.flatten(0, -2), w).unflatten(0, x.shape[:-1])


def rms(x, scale=None):
    return F.rms_norm(x, x.shape[-1:], scale, 1e-5)


def sinusoid(x, d, period=10000):
    frequency = torch.exp(-math.log(period) * torch.arange(d // 2, dtype=x.dtype) / (d // 2))
    phase = x[:, None] * frequency
    return torch.cat([phase.cos(), phase.sin()], 1)


def axial_angles(h, w, d, base=100):
    """Angles [h·w, 2, d/4]: by the row, then by the column."""
    frequency = base ** (-2 * torch.arange(d // 4, dtype=torch.float64) / (d // 2))
    at = torch.arange(h * w)
    return torch.stack([at // w, at % w], 1)[:, :, None] * frequency


class Rotary:
    def __init__(self, h, w, d):
        angle = axial_angles(h, w, d)
        self.cos, self.sin = angle.cos(), angle.sin()
        self.whole = {}

    def tables(self, dtype):
        """Of every channel of a head, [h·w, d], the sine with the sign that it has for the channel."""
        if dtype not in self.whole:
            cos, sin = self.cos.float().to(dtype), self.sin.float().to(dtype)
            self.whole[dtype] = (torch.stack([cos, cos], 2).flatten(1), torch.stack([-sin, sin], 2).flatten(1))
        return self.whole[dtype]

    def __call__(self, x):
        """x is [b heads n d]."""
        cos, sin = self.tables(x.dtype)
        partner = x.unflatten(-1, (2, 2, -1)).flip(-2).flatten(-3)
        return x * cos + partner * sin


class DiT:
    steps = ["train"]

    def __init__(self, pictures, config, params):
        self.h, self.w, self.ch = pictures["height"], pictures["width"], pictures["channels"]
        self.c, self.p = dict(DEFAULTS, **config), params
        self.rotary = Rotary(self.h, self.w, self.c["channels"] // self.c["heads"])

    def attention(self, at, x):
        p, d, heads = self.p, self.c["channels"], self.c["heads"]
        parted = lambda name: linear(p, f"{at}/{name}", x, d).unflatten(-1, (heads, -1)).transpose(1, 2)
        q, k = (self.rotary(rms(parted(n), p(f"{at}/{n}/scale", d // heads))) for n in "qk")
        o = F.scaled_dot_product_attention(q, k, parted("v"))
        return dense(p, at + "/out", o.transpose(1, 2).flatten(2), d)

    def mlp(self, at, x):
        d = self.c["channels"]
        return dense(self.p, at + "/out", F.gelu(dense(self.p, at + "/in", x, self.c["ratio"] * d)), d)

    def velocity(self, x, t):
        p, d = self.p, self.c["channels"]
        cond = dense(p, "time/out", F.silu(dense(p, "time/in", sinusoid(1000 * t, d), d)), d)
        shared = dense(p, "modulation", F.silu(cond), 6 * d)
        x = dense(p, "in", x, d)
        for i in range(self.c["layers"]):
            at = f"block{i}"
            m = (shared + p(at + "/table", 6 * d))[:, None].chunk(6, -1)
            x = x + m[2] * self.attention(at + "/attention", torch.addcmul(m[0], rms(x), 1 + m[1]))
            x = x + m[5] * self.mlp(at + "/mlp", torch.addcmul(m[3], rms(x), 1 + m[4]))
        shift, scale = dense(p, "final", F.silu(cond), 2 * d)[:, None].chunk(2, -1)
        return dense(p, "out", torch.addcmul(shift, rms(x), 1 + scale), self.ch)

    def losses(self, step, batch):
        x = (2 * batch["images"] - 1).flatten(1, 2)
        noise = batch["normal"]("noise", *x.shape)
        t = torch.sigmoid(batch["normal"]("time", len(x)))
        loss = (self.velocity(x + t[:, None, None] * (noise - x), t) - (noise - x)).square().mean()
        return loss, {"loss": loss}, self.p.values
