"""The GANs of model/gan in PyTorch: forward pass and losses."""

import math

import torch
import torch.nn.functional as F

import layers as L
import text

DEFAULTS = dict(
    arch="r3gan", latent=5, channels=[], blocks=1, norm="", loss="relativistic", gamma=1, gamma_final=0.1, r2=True,
    lazy=1, beta1=0, beta2=0.9, beta2_final=0.99, half_life=1000, conditional=True,
)
DCGAN = dict(arch="dcgan", norm="pixel", loss="nonsaturating", r2=False, blocks=0, gamma_final=1, beta2=0.99)
ENCODER = dict(vocabulary=270, length=6, channels=8, layers=1, heads=2, patch=2, pictures=[4], blocks=0, embedding=6)
WORDS = dict(words={"from": "words", "family": "contrast", "config": ENCODER, "pictures": dict(height=8, width=8, channels=4)},
             embedding=5, drop=0.4, mismatch=0.4)


def cosine(start, end, progress):
    return start + (end - start) * (1 - math.cos(math.pi * progress)) / 2


class GAN:
    steps = ["discriminator", "generator"]

    def __init__(self, pictures, config, params):
        self.h, self.w, self.ch = pictures["height"], pictures["width"], pictures["channels"]
        self.classes = len(pictures.get("classes", []))
        self.c, self.p = dict(DEFAULTS, **config), params

    # Words: what the frozen text encoder says of a prompt is told to both nets.

    def read(self, step, batch):
        """Readings of the prompts, some left empty, and whether each is wrong
        for the next picture."""
        tokens, n = batch["tokens"], len(batch["images"])
        empty = torch.zeros_like(tokens[0])
        empty[:2] = torch.tensor([1, 2])
        dropped = batch["uniform"](f"drop/{step}", n, 1) < self.c["drop"]
        said = torch.where(dropped, empty, tokens)
        wrong = [float(not torch.equal(said[i - 1], tokens[i]) and not torch.equal(said[i - 1], empty)) for i in range(n)]
        with torch.no_grad():
            pooled = text.encode(lambda name, *shape: self.p("words/" + name, *shape), self.c["words"]["config"], tokens=said)[1]
        return pooled, torch.tensor(wrong).double()

    def embed(self, net, words):
        scaled = words / (words.square().mean(1, keepdim=True) + 1e-5).sqrt()
        return F.leaky_relu(L.dense(self.p, net + "/words", scaled, self.c["embedding"]), 0.2)

    def modulate(self, name, x):
        if "words" not in self.c:
            return x
        gain, shift = L.linear(self.p, name + "/affine", self.row, 2 * x.shape[1])[:, :, None, None].chunk(2, 1)
        return x + x * gain + shift

    def act(self, name, x):
        return F.leaky_relu(L.bias(self.p, name, x), 0.2)

    # DCGAN.

    def settle(self, name, x):
        return self.act(name, self.modulate(name, L.pixel_norm(x) if self.c["norm"] == "pixel" else x))

    def dcgan_generate(self, z):
        p, cs = self.p, self.c["channels"]
        n = len(cs)
        hs, ws = L.halvings(self.h, n), L.halvings(self.w, n)
        name = "generator/in"
        x = self.settle(name, L.unflat(L.linear(p, name, z, hs[n] * ws[n] * cs[0]), hs[n], ws[n]))
        for i, c in enumerate(cs[1:]):
            name = f"generator/up{i}"
            x = self.settle(name, L.double(p, name, x, hs[n - 1 - i], ws[n - 1 - i], c))
        name = "generator/out"
        return torch.tanh(L.bias(p, name, L.double(p, name, x, self.h, self.w, self.ch)))

    def dcgan_features(self, x):
        for i, c in enumerate(reversed(self.c["channels"])):
            name = f"discriminator/down{i}"
            x = self.act(name, L.halve(self.p, name, x, c))
        return L.flat(x)

    # R3GAN.

    def blocks(self, at, x):
        p, c = self.p, x.shape[1]
        for i in range(self.c["blocks"]):
            b = f"{at}/block{i}/"
            h = self.act(b + "1", L.conv(p, b + "1", x, 1, 2 * c))
            h = self.act(b + "2", L.conv(p, b + "2", h, 3, 2 * c, groups=2 * c // 16, padding=1))
            x = x + L.conv(p, b + "3", h, 1, c)
        return x

    def widen(self, at, x, c):
        return x if x.shape[1] == c else L.conv(self.p, at + "/transition", x, 1, c)

    def base(self):
        n = len(self.c["channels"]) - 1
        return self.h >> n, self.w >> n

    def r3gan_generate(self, z):
        p, cs = self.p, self.c["channels"]
        basis = p("generator/in/basis", *self.base(), cs[0]).permute(2, 0, 1)
        x = L.linear(p, "generator/in", z, cs[0])[:, :, None, None] * basis
        for i, c in enumerate(cs):
            at = f"generator/stage{i}"
            if i > 0:
                x = L.bilinear_up(self.widen(at, x, c))
            x = self.blocks(at, self.modulate(at, x))
        return L.conv(p, "generator/out", x, 1, self.ch)

    def r3gan_features(self, x):
        p, cs = self.p, self.c["channels"]
        x = L.conv(p, "discriminator/in", x, 1, cs[-1])
        for i in reversed(range(len(cs))):
            at = f"discriminator/stage{i}"
            x = self.blocks(at, x)
            if i > 0:
                x = self.widen(at, L.bilinear_down(x), cs[i - 1])
        basis = p("discriminator/out/basis", *self.base(), cs[0]).permute(2, 0, 1)
        return (x * basis).sum((2, 3))

    # Both.

    def generate(self, name, batch, words=None):
        z = batch["normal"]("latents/" + name, len(batch["images"]), self.c["latent"])
        if self.c["conditional"]:
            table = self.p("generator/class/table", self.classes, self.c["latent"])
            z = torch.cat([z, F.embedding(batch["labels"], table)], 1)
        if words is not None:
            z = torch.cat([z, self.embed("generator", words)], 1)
        return self.sample(z)

    def sample(self, z):
        self.row = z
        return getattr(self, self.c["arch"] + "_generate")(z)

    def score(self, x, y, words=None):
        phi = getattr(self, self.c["arch"] + "_features")(x)
        s = L.linear(self.p, "discriminator/head", phi, 1)
        if self.c["loss"] != "relativistic":
            s = L.bias(self.p, "discriminator/head", s)
        if self.c["conditional"]:
            table = self.p("discriminator/class/table", self.classes, phi.shape[1])
            s = s + (F.embedding(y, table) * phi).sum(1, keepdim=True)
        if words is not None:
            e = L.linear(self.p, "discriminator/prompt", self.embed("discriminator", words), phi.shape[1])
            s = s + (e * phi).sum(1, keepdim=True)
        return s[:, 0]

    def seen(self, images):
        """Colours times alpha, between -1 and 1."""
        if self.ch == 4:
            images = torch.cat([images[..., :3] * images[..., 3:], images[..., 3:]], 3)
        return 2 * L.to_nchw(images) - 1

    def losses(self, step, batch):
        c, y = self.c, batch["labels"]
        real = self.seen(batch["images"])
        words, wrong = self.read(step, batch) if "words" in c else (None, None)
        relativistic = c["loss"] == "relativistic"
        if step == "generator":
            fake = self.score(self.generate(step, batch, words), y, words)
            if relativistic:
                with torch.no_grad():
                    real = self.score(real, y, words)
                loss = F.softplus(real - fake).mean()
            else:
                loss = F.softplus(-fake).mean()
            return loss, {"loss/generator": loss}, self.p.below("generator/")
        with torch.no_grad():
            fake = self.generate(step, batch, words)
        if c["r2"]:
            x = torch.cat([real, fake]).requires_grad_()
            s = self.score(x, torch.cat([y, y]), None if words is None else torch.cat([words, words]))
            sr, sf = s.chunk(2)
        else:
            x = real.requires_grad_()
            s = sr = self.score(x, y, words)
            sf = self.score(fake, y, words)
        (grad,) = torch.autograd.grad(s.sum(), x, create_graph=True)
        r = grad.square().sum((1, 2, 3)).reshape(-1, len(real)).mean(1)
        against = lambda s: F.softplus(s - sr if relativistic else s)
        loss = against(sf)
        metrics = {}
        if words is not None:
            others = self.score(real.detach(), y, words.roll(1, 0))
            loss = torch.lerp(loss, against(others) * wrong, c["mismatch"])
            metrics["score/mismatched"] = others.mean()
        loss = loss.mean() if relativistic else (loss + F.softplus(-sr)).mean()
        metrics |= {"loss/discriminator": loss, "score/real": sr.mean(), "score/fake": sf.mean(), "penalty/r1": r[0]}
        if c["r2"]:
            metrics["penalty/r2"] = r[1]
        gamma = cosine(c["gamma"], c["gamma_final"], batch["progress"])
        return loss + gamma / 2 * r.sum(), metrics, self.p.below("discriminator/")
