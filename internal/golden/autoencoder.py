"""The autoencoder of model/autoencoder in PyTorch: forward pass and losses."""

import torch
import torch.nn.functional as F

import layers as L
from optimiser import Adam, Muon

DEFAULTS = dict(
    latent=3, encoder=[4], decoder=[4], blocks=1, decoder_blocks=1, kl=0.1, detail=1, ema=0.999,
    critic=dict(weight=0.2, start=0, channels=[4], gamma=0.02),
)
SOFTNESS, FINE, RAMP = 2 / 255, 16, 0.05


def unshuffle(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)


def shuffle(x):
    n, c, h, w = x.shape
    return x.reshape(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // 4, 2 * h, 2 * w)


def charbonnier(e):
    return torch.sqrt(e.square() + SOFTNESS**2).mean() - SOFTNESS


class Autoencoder:
    def __init__(self, pictures, config, params):
        self.ch, self.values = pictures["channels"], pictures["height"] * pictures["width"] * pictures["channels"]
        self.c, self.p = dict(DEFAULTS, **config), params
        self.critic = self.c["critic"]
        self.steps = ["autoencoder", "adversarial"]
        self.muon, self.adam, self.critic_adam = Muon(), Adam(0.9), Adam(0)

    def due(self, step, progress):
        judged = self.critic["weight"] > 0 and progress >= self.critic["start"]
        return judged == (step == "adversarial")

    # Nets.

    def conv(self, name, x, out, k=3):
        return L.bias(self.p, name, L.conv(self.p, name, x, k, out, padding=k // 2))

    def settle(self, name, x):
        scale = self.p(name + "/norm/scale", x.shape[1])
        return F.silu(L.pixel_norm(x) * scale[:, None, None])

    def blocks(self, at, x, n):
        c = x.shape[1]
        for i in range(n):
            b = f"{at}/block{i}"
            h = F.silu(self.conv(b + "/1", self.settle(b, x), c))
            x = x + self.conv(b + "/2", h, c)
        return x

    def encode(self, x):
        cs = self.c["encoder"]
        h = self.conv("encoder/in", unshuffle(x), cs[0])
        for i, c in enumerate(cs):
            at = f"encoder/stage{i}"
            if i > 0:
                h = unshuffle(self.conv(at + "/down", h, c // 4))
            h = self.blocks(at, h, self.c["blocks"])
        h = self.settle("encoder/out", h)
        return self.conv("encoder/mean", h, self.c["latent"]), self.conv("encoder/logvar", h, self.c["latent"])

    def decode(self, z):
        cs = self.c["decoder"]
        last = len(cs) - 1
        h = self.conv("decoder/in", z, cs[last])
        for i in range(last, -1, -1):
            at = f"decoder/stage{i}"
            if i < last:
                h = shuffle(self.conv(at + "/up", h, 4 * cs[i], 1))
            h = self.blocks(at, h, self.c["decoder_blocks"])
        h = self.conv("decoder/out/up", self.settle("decoder/out", h), 4 * FINE)
        return self.conv("decoder/out/picture", F.silu(shuffle(h)), self.ch)

    def judge(self, x):
        h = unshuffle(x)
        for i, c in enumerate(self.critic["channels"]):
            at = f"critic/stage{i}"
            if i > 0:
                h = F.leaky_relu(L.bias(self.p, at + "/down", L.halve(self.p, at + "/down", h, c)), 0.2)
            h = F.leaky_relu(self.conv(at, h, c), 0.2)
        return L.conv(self.p, "critic/out", h, 3, 1, padding=1)

    # Losses.

    def detail(self, e):
        bands = []
        for _ in self.c["encoder"]:
            coarse = L.bilinear_down(e)
            bands.append(e - L.bilinear_up(coarse))
            e = coarse
        return sum(map(charbonnier, bands + [e])) / (len(bands) + 1)

    def losses(self, step, batch):
        c, k = self.c, self.critic
        x = L.to_nchw(batch["images"])
        n = len(x)
        alpha = x.shape[1] == 4
        if alpha:
            x = torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)
            ground = batch["uniform"]("backgrounds", n, 1, 1, 3).permute(0, 3, 1, 2)
        x = 2 * x - 1
        mu, v = self.encode(x)
        eps = batch["normal"]("latents", n, *mu.shape[2:], mu.shape[1]).permute(0, 3, 1, 2)
        y = self.decode(mu + (v / 2).exp() * eps)

        def seen(p):
            if not alpha:
                return p
            a = (p[:, 3:] + 1) / 2
            return 2 * ((p[:, :3] + 1) / 2 + (1 - a) * ground) - 1

        e = torch.cat([y - x, seen(y) - seen(x)], 1) if alpha else y - x
        metrics = {"loss/error": charbonnier(e)}
        loss = metrics["loss/error"]
        if c["detail"]:
            metrics["loss/detail"] = self.detail(e)
            loss = loss + c["detail"] * metrics["loss/detail"]
        kl = (v.exp() + mu.square() - 1 - v).sum((1, 2, 3)).mean() / 2
        metrics["nats/kl"] = kl
        pull = c["kl"] * kl / self.values
        if step == "autoencoder":
            return loss + pull, metrics, self.own()

        real, fake = self.judge(seen(x)), self.judge(seen(y))
        (towards,) = torch.autograd.grad(loss, y, retain_graph=True)
        (against,) = torch.autograd.grad(F.softplus(real - fake).mean(), y, retain_graph=True)
        rise = min(1, max(0, (batch["progress"] - k["start"]) / RAMP))
        weight = towards.norm() / (against.norm() + 1e-8) * k["weight"] * rise
        pushed = (y * (towards + weight * against).detach()).sum()

        both = torch.cat([seen(x), seen(y)]).detach().requires_grad_()
        scores = self.judge(both)
        real, fake = scores.chunk(2)
        critic = F.softplus(fake - real).mean()
        (slope,) = torch.autograd.grad(scores.sum(), both, create_graph=True)
        penalty = slope.square().sum() / 2 / real.numel()
        metrics.update({"loss/critic": critic, "critic/margin": (real - fake).mean(), "critic/weight": weight})
        if k["gamma"]:
            metrics["critic/penalty"] = penalty
        return pushed + pull + critic + k["gamma"] * penalty, metrics, dict(self.own(), **self.p.below("critic/"))

    def own(self):
        return dict(self.p.below("encoder/"), **self.p.below("decoder/"))

    def optimise(self, trained, grads, rate):
        def some(chosen):
            names = {n: g for n, g in zip(trained, grads) if chosen(n)}
            return {n: trained[n] for n in names}, list(names.values())

        critic = lambda n: n.startswith("critic/")
        filters = lambda n: not critic(n) and trained[n].dim() == 4 and n != "decoder/out/picture/w"
        self.muon.step(*some(filters), rate)
        self.adam.step(*some(lambda n: not critic(n) and not filters(n)), rate, 0.999)
        if any(map(critic, trained)):
            self.critic_adam.step(*some(critic), rate, 0.99)
