"""The text encoder of package text and the contrast family in PyTorch: both
encoders and the loss, with PyTorch's own attention and cross-entropy."""

import math

import torch
import torch.nn.functional as F

import layers
from dit import dense, linear, rms

DEFAULTS = dict(vocabulary=300, length=6, channels=8, layers=2, heads=2, patch=2, pictures=[4, 5], blocks=1,
                embedding=6, beta1=0.9, beta2=0.999, decay=0.05, clip=0, half_life=1000)


def encode(p, c, tokens):
    """States [b n d] and their mean over what is no padding [b d]."""
    d, heads, n = c["channels"], c["heads"], tokens.shape[1]
    present = tokens != 0
    x = F.embedding(tokens, p("text/pieces/table", c["vocabulary"], d)) + p("text/places/w", c["length"], d)[:n]
    for i in range(c["layers"]):
        at = f"text/layer{i}/attention"
        y = rms(x, p(at + "/norm/scale", d))
        parted = lambda name: linear(p, f"{at}/{name}", y, d).unflatten(-1, (heads, -1)).transpose(1, 2)
        q, k = (rms(parted(name), p(f"{at}/{name}/scale", d // heads)) for name in "qk")
        o = F.scaled_dot_product_attention(q, k, parted("v"), attn_mask=present[:, None, None, :])
        x = x + dense(p, at + "/out", o.transpose(1, 2).flatten(2), d)
        at = f"text/layer{i}/net"
        y, hidden = rms(x, p(at + "/norm/scale", d)), (8 * d + 2) // 3
        x = x + linear(p, at + "/out", F.silu(linear(p, at + "/gate", y, hidden)) * linear(p, at + "/in", y, hidden), d)
    x = rms(x, p("text/norm/scale", d))
    return x, torch.stack([row[at].mean(0) for row, at in zip(x, present)])


def look(p, c, images):
    """Embeddings of pictures [b h w 3]."""
    x = F.pixel_unshuffle(layers.to_nchw(2 * images - 1), c["patch"])
    # PyTorch puts colours before the places inside of a square, Limner after.
    x = x.unflatten(1, (3, -1)).transpose(1, 2).flatten(1, 2)
    for i, channels in enumerate(c["pictures"]):
        at = f"picture/grid{i}"
        x = layers.conv(p, at + "/in", x, 3, channels, padding=1) if i == 0 else layers.halve(p, at + "/in", x, channels)
        x = F.silu(layers.bias(p, at + "/in", x))
        for j in range(c["blocks"]):
            y = x
            for k in "12":
                name = f"{at}/block{j}/{k}"
                y = layers.bias(p, name, layers.conv(p, name, y, 3, channels, padding=1))
                y = F.silu(y) if k == "1" else y
            x = x + y
    return F.normalize(linear(p, "picture/out", rms(layers.flat(x)), c["embedding"]), dim=1)


class Contrast:
    steps = ["train"]

    def __init__(self, pictures, config, params):
        self.c, self.p = config, params

    def losses(self, step, batch):
        p, images, tokens = self.p, batch["images"], batch["tokens"]
        alpha, colour = images[..., 3:], batch["uniform"]("background", len(images), 1, 1, 3)
        pictures = look(p, self.c, images[..., :3] * alpha + colour * (1 - alpha))
        words = F.normalize(linear(p, "text/out", encode(p, self.c, tokens)[1], self.c["embedding"]), dim=1)
        scale = p("temperature/log").exp().clamp(max=100)
        own = torch.arange(len(tokens))
        same = (tokens[:, None] == tokens).all(2) & (own[:, None] != own)
        logits = (scale * words @ pictures.T).masked_fill(same, -math.inf)
        loss = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
        first = (logits.argmax(1) == own).double().mean()
        return loss, {"loss": loss, "first": first, "scale": scale}, p.values
