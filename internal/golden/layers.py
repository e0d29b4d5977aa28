"""Limner's layers in PyTorch, on parameters in Limner's layout and names:
pictures NHWC at the edges, filters [kh kw in/groups out]. Inside, pictures
are NCHW as PyTorch wants them."""

import functools
import math

import torch
import torch.nn.functional as F

import philox


class Params:
    """Parameters by name, made when a layer first asks for them: normal noise
    of their own stream, over the root of the fan-in; vectors are smaller."""

    def __init__(self, seed):
        self.seed = seed
        self.values = {}

    def __call__(self, name, *shape):
        if name not in self.values:
            sigma = 1 / math.sqrt(math.prod(shape[:-1])) if len(shape) > 1 else 0.1
            w = philox.normal(self.seed, name, 0, *shape).astype("float64") * sigma
            self.values[name] = torch.tensor(w.astype("float32").astype("float64"), requires_grad=True)
        assert self.values[name].shape == torch.Size(shape), name
        return self.values[name]

    def filter(self, name, k, inputs, outputs):
        """A filter in PyTorch's layout [out in k k]."""
        return self(name, k, k, inputs, outputs).permute(3, 2, 0, 1)

    def below(self, prefix):
        return {k: v for k, v in self.values.items() if k.startswith(prefix)}


def linear(p, name, x, out):
    return x @ p(name + "/w", x.shape[1], out)


# Set where every convolution has a bias, to let PyTorch add it inside of the
# convolution, which is faster; the values are the same.
fuse_bias = False


def inner_bias(p, name, out):
    return p(name + "/b", out) if fuse_bias else None


def bias(p, name, x):
    if fuse_bias and x.dim() == 4:
        return x
    b = p(name + "/b", x.shape[1])
    return x + (b if x.dim() == 2 else b.reshape(-1, 1, 1))


def dense(p, name, x, out):
    return bias(p, name, linear(p, name, x, out))


def conv(p, name, x, k, out, groups=1, **kw):
    return F.conv2d(x, p.filter(name + "/w", k, x.shape[1] // groups, out), bias=inner_bias(p, name, out), groups=groups, **kw)


def halve(p, name, x, out):
    h, w = x.shape[2:]
    if h % 2 == w % 2 == 0:
        return conv(p, name, x, 4, out, stride=2, padding=1)
    return conv(p, name, F.pad(x, (1, 1 + w % 2, 1, 1 + h % 2)), 4, out, stride=2)


def double(p, name, x, h, w, out):
    f = p.filter(name + "/w", 4, out, x.shape[1])
    if h % 2 == w % 2 == 0:
        return F.conv_transpose2d(x, f, inner_bias(p, name, out), stride=2, padding=1)
    return F.conv_transpose2d(x, f, inner_bias(p, name, out), stride=2)[:, :, 1 : 1 + h, 1 : 1 + w]


def halvings(extent, n):
    out = [extent]
    for _ in range(n):
        out.append((out[-1] + 1) // 2)
    return out


def to_nchw(x):
    return x.permute(0, 3, 1, 2)


# The order in which flat and unflat lay pictures out as rows: Limner's, or
# for timing PyTorch the one that its memory has.
rows = "nhwc"


def flat(x):
    return (x.permute(0, 2, 3, 1) if rows == "nhwc" else x).flatten(1)


def unflat(x, h, w):
    if rows == "nchw":
        return x.reshape(x.shape[0], -1, h, w)
    return x.reshape(x.shape[0], h, w, -1).permute(0, 3, 1, 2)


@functools.lru_cache(maxsize=None)
def binomial(channels, dtype, scale):
    tap = torch.tensor([1.0, 2.0, 1.0], dtype=dtype)
    return (scale * tap[:, None] * tap).expand(channels, 1, 3, 3).contiguous()


def bilinear_up(x):
    w = binomial(x.shape[1], x.dtype, 1 / 4)
    return F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1, groups=x.shape[1])


def bilinear_down(x):
    w = binomial(x.shape[1], x.dtype, 1 / 16)
    return F.conv2d(F.pad(x, (1, 0, 1, 0)), w, stride=2, groups=x.shape[1])


def pixel_norm(x):
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-5)


ACTIVATIONS = {
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "silu": F.silu,
    "gelu": F.gelu,
    "elu": F.elu,
    "tanh": torch.tanh,
}
