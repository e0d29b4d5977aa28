"""Velocities of model/flow in PyTorch, at its best: for timing. The first
steps of its blocks are those of dit.DiT."""

import torch
import torch.nn.functional as F

from dit import DiT, dense, linear, rms, sinusoid


class Painter(DiT):
    """config has the words' length and width besides, and how many steps a
    picture takes."""

    def __init__(self, pictures, config, params):
        super().__init__(pictures, config, params)
        self.c["latent"] = self.h * self.w * self.ch
        self.told = None

    def listen(self, at, x, states, present):
        p, d, heads = self.p, self.c["channels"], self.c["heads"]
        parted = lambda name, y: linear(p, f"{at}/{name}", y, d).unflatten(-1, (heads, -1)).transpose(1, 2)
        q, k = (rms(parted(n, y), p(f"{at}/{n}/scale", d // heads)) for n, y in (("q", x), ("k", states)))
        o = F.scaled_dot_product_attention(q, k, parted("v", states), attn_mask=present[:, None, None, :])
        return dense(p, at + "/out", o.transpose(1, 2).flatten(2), d)

    def moment(self, at, t):
        d = self.c["channels"]
        return dense(self.p, at + "/out", F.silu(dense(self.p, at + "/in", sinusoid(1000 * t, d), d)), d)

    def velocity(self, x, t, stride, told):
        """x is [b h·w c]."""
        p, d = self.p, self.c["channels"]
        states, pooled, present = told
        cond = F.silu(self.moment("time", t) + self.moment("stride", stride) + dense(p, "prompt", pooled, d))
        shared = dense(p, "modulation", cond, 6 * d)
        x = dense(p, "in", x, d)
        for i in range(self.c["layers"]):
            at = f"block{i}"
            m = (shared + p(at + "/table", 6 * d))[:, None].chunk(6, -1)
            x = torch.addcmul(x, m[2], self.attention(at + "/attention", torch.addcmul(m[0], rms(x), 1 + m[1])))
            y = self.listen(at + "/words", rms(x, p(at + "/words/scale", d)), states, present)
            x = torch.addcmul(x, y, p(at + "/words/gate", d))
            x = torch.addcmul(x, m[5], self.mlp(at + "/mlp", torch.addcmul(m[3], rms(x), 1 + m[4])))
        shift, scale = dense(p, "final", cond, 2 * d)[:, None].chunk(2, -1)
        return dense(p, "out", torch.addcmul(shift, rms(x), 1 + scale), self.ch)

    def sample(self, z):
        b, n, d, steps = len(z), self.c["length"], self.c["width"], self.c["steps"]
        if self.told is None:
            self.told = torch.randn(b, n, d), torch.randn(b, d), torch.ones(b, n, dtype=torch.bool)
        x, stride = z.unflatten(1, (self.h * self.w, self.ch)), torch.full((b,), 1 / steps)
        for i in range(steps):
            x = x - self.velocity(x, torch.full((b,), 1 - i / steps), stride, self.told) / steps
        return x
