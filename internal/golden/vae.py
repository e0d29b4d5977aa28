"""The VAE of model/vae in PyTorch: forward pass and loss."""

import math

import torch
import torch.nn.functional as F

import layers as L

DEFAULTS = dict(
    net="conv", latent=3, hidden=[], channels=[], decoder="transposed", activation="silu",
    likelihood="logistic", scale="shared", binarize="none", conditional=False,
    beta=1, warmup=0, iwae=1, decay=0, clip=0, skip=0, ema=0.999,
)


class VAE:
    steps = ["train"]

    def __init__(self, pictures, config, params):
        self.h, self.w, self.ch = pictures["height"], pictures["width"], pictures["channels"]
        self.classes = len(pictures.get("classes", []))
        self.c, self.p = dict(DEFAULTS, **config), params
        self.act = L.ACTIVATIONS[self.c["activation"]]

    def condition(self, rows, y):
        return rows if y is None else torch.cat([rows, y], 1)

    def block(self, name, x):
        return self.act(L.bias(self.p, name, x))

    def encode(self, x, y):
        p, h = self.p, L.to_nchw(x)
        if self.c["likelihood"] == "logistic":
            h = 2 * h - 1
        for i, out in enumerate(self.c["channels"]):
            name = f"encoder/conv{i}"
            h = self.block(name, L.halve(p, name, h, out))
        h = self.condition(L.flat(h), y)
        for i, out in enumerate(self.c["hidden"]):
            name = f"encoder/dense{i}"
            h = self.block(name, L.linear(p, name, h, out))
        d = self.c["latent"]
        return L.dense(p, "encoder/mean", h, d), L.dense(p, "encoder/logvar", h, d)

    def decode(self, z, y):
        p, out = self.p, self.ch * (2 if self.c["scale"] == "pixel" else 1)
        h = self.condition(z, y)
        for i, n in enumerate(reversed(self.c["hidden"])):
            name = f"decoder/dense{i}"
            h = self.block(name, L.linear(p, name, h, n))
        if self.c["net"] == "dense":
            return L.unflat(L.dense(p, "decoder/out", h, self.h * self.w * out), self.h, self.w)
        cs = self.c["channels"]
        hs, ws = L.halvings(self.h, len(cs)), L.halvings(self.w, len(cs))
        name = "decoder/in"
        h = L.unflat(self.block(name, L.linear(p, name, h, hs[-1] * ws[-1] * cs[-1])), hs[-1], ws[-1])
        for i in reversed(range(len(cs))):
            name, to = f"decoder/conv{i}", cs[i - 1] if i else out
            if self.c["decoder"] == "transposed":
                h = L.double(p, name, h, hs[i], ws[i], to)
            else:
                h = F.interpolate(h, scale_factor=2, mode="nearest")[:, :, : hs[i], : ws[i]]
                h = L.conv(p, name, h, 3, to, padding=1)
            h = self.block(name, h) if i else L.bias(p, name, h)
        return h

    def sample(self, z):
        return self.decode(z, None)

    def log_likelihood(self, x, theta):
        """Per picture, nats; x and theta are NCHW."""
        if self.c["likelihood"] == "bernoulli":
            return -F.binary_cross_entropy_with_logits(theta, x, reduction="none").sum((1, 2, 3))
        if self.c["scale"] == "pixel":
            mean, s = theta.chunk(2, 1)
        else:
            mean, s = theta, self.p("decoder/logscale", self.ch).reshape(-1, 1, 1)
        s = s.clamp(min=-7)
        level = torch.floor(255 * x + 0.5)
        t = 2 * level / 255 - 1 - mean
        upper, lower = (t + 1 / 255) / s.exp(), (t - 1 / 255) / s.exp()
        # log(σ(u) − σ(l)) of the inner bins; the outer ones reach to infinity.
        inner = -F.softplus(-upper) - F.softplus(lower) + torch.log(-torch.expm1(-2 / 255 / s.exp()))
        each = torch.where(level < 0.5, -F.softplus(-upper), torch.where(level > 254.5, -F.softplus(lower), inner))
        return each.sum((1, 2, 3))

    def losses(self, step, batch):
        x, k = batch["images"], self.c["iwae"]
        n, d = x.shape[0], self.c["latent"]
        y = F.one_hot(batch["labels"], self.classes).to(x) if self.c["conditional"] else None
        if self.c["binarize"] == "dynamic":
            x = (batch["uniform"]("binarize", *x.shape) < x).to(x)
        mu, logvar = self.encode(x, y)
        eps = batch["normal"]("latents", n, k, d)
        z = mu[:, None] + (logvar / 2).exp()[:, None] * eps
        rep = lambda v: v.repeat_interleave(k, 0)
        theta = self.decode(z.reshape(n * k, d), None if y is None else rep(y))
        rec = self.log_likelihood(rep(L.to_nchw(x)), theta).reshape(n, k)
        kl = 0.5 * (logvar.exp() + mu.square() - 1 - logvar).sum(1)
        if k > 1:
            prior_z = -0.5 * (z.square() + math.log(2 * math.pi)).sum(2)
            q_z = (-0.5 * (((z - mu[:, None]) ** 2) / logvar.exp()[:, None] + math.log(2 * math.pi)) - logvar[:, None] / 2).sum(2)
            loss = -(torch.logsumexp(rec + prior_z - q_z, 1) - math.log(k)).mean()
        else:
            beta = self.c["beta"]
            if self.c["warmup"] > 0:
                beta *= min(1, batch["progress"] / self.c["warmup"])
            loss = (beta * kl - rec[:, 0]).mean()
        metrics = {"loss": loss, "nats/reconstruction": rec.mean(), "nats/kl": kl.mean(), "nats/elbo": rec.mean() - kl.mean()}
        return loss, metrics, self.p.values
