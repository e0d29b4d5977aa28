"""The kernels of internal/bench in PyTorch. Each function takes a description
of the work and returns the ways to do it, by name."""

import torch
import torch.nn.functional as F

aten = torch.ops.aten


def quiet(f):
    """Without what autograd keeps, not even versions of tensors."""
    return torch.inference_mode()(f)


def gemm(w):
    m, n, k = w["m"], w["n"], w["k"]
    a = torch.randn(k, m).t() if w["ta"] else torch.randn(m, k)
    b = torch.randn(n, k).t() if w["tb"] else torch.randn(k, n)
    c = torch.empty(m, n)
    return {"out": quiet(lambda: torch.mm(a, b, out=c))}


def conv(w):
    f, stride, pad, groups = w["f"], w["stride"], w["pad"], w["groups"]
    x = torch.randn(w["batch"], w["c"], w["size"], w["size"])
    if w["transposed"]:
        weight = torch.randn(w["c"], w["k"] // groups, f, f)
        forward = lambda x, v: F.conv_transpose2d(x, v, stride=stride, padding=pad, groups=groups)
    else:
        weight = torch.randn(w["k"], w["c"] // groups, f, f)
        forward = lambda x, v: F.conv2d(x, v, stride=stride, padding=pad, groups=groups)
    dy = torch.randn_like(forward(x, weight))
    ways = {}
    for layout, memory in ("nhwc", torch.channels_last), ("nchw", torch.contiguous_format):
        t = [v.contiguous(memory_format=memory) for v in (x, weight, dy)]

        def backward(mask, t=t):
            return aten.convolution_backward(t[2], t[0], t[1], None, [stride, stride], [pad, pad], [1, 1],
                                             w["transposed"], [0, 0], groups, mask)

        ways[layout] = quiet({
            "forward": lambda t=t: forward(t[0], t[1]),
            "dx": lambda b=backward: b([True, False, False]),
            "dw": lambda b=backward: b([False, True, False]),
        }[w["pass"]])
    return ways


def adam_of(params, beta1=0.9, beta2=0.99):
    try:
        return torch.optim.Adam(params, lr=1e-4, betas=(beta1, beta2), fused=True)
    except (RuntimeError, TypeError):  # older ones fuse on GPUs alone
        return torch.optim.Adam(params, lr=1e-4, betas=(beta1, beta2), foreach=True)


def adam(w):
    p = torch.randn(*w["dims"], requires_grad=True)
    p.grad = torch.randn(*w["dims"])
    return {"fused": adam_of([p], beta2=0.999).step}


# Functions of one tensor, and their forms that write to one that is there.
PLAIN = {
    "exp": torch.exp,
    "tanh": torch.tanh,
    "gelu": F.gelu,
    "silu": F.silu,
    "layernorm": lambda x: F.layer_norm(x, x.shape[-1:]),
    "softmax": lambda x: torch.softmax(x, -1),
    "sum-rows": lambda x: x.sum(0),
    "groupnorm-silu": lambda x: F.silu(F.group_norm(x, 8)),
}
INTO = {
    "exp": torch.exp,
    "tanh": torch.tanh,
    "gelu": lambda x, out: aten.gelu.out(x, out=out),
    "silu": lambda x, out: aten.silu.out(x, out=out),
    "softmax": lambda x, out: aten._softmax.out(x, -1, False, out=out),
}


def function(w):
    name, dims = w["kernel"], w["dims"]
    f, inputs = PLAIN[name], {"": torch.randn(*dims)}
    if len(dims) == 4:  # pictures, given as NHWC
        x = torch.randn(dims[0], dims[3], dims[1], dims[2])
        inputs = {"nchw": x, "nhwc": x.contiguous(memory_format=torch.channels_last)}
    ways = {}
    for layout, x in inputs.items():
        if w.get("gradient"):
            ways[layout or "autograd"] = gradient(f, x)
            continue
        ways[layout or "plain"] = quiet(lambda x=x: f(x))
        if name in INTO:
            ways["out"] = quiet(lambda x=x, y=torch.empty_like(x): INTO[name](x, out=y))
    return ways


def gradient(f, x):
    x = x.detach().requires_grad_()
    dy = torch.randn_like(x)
    return lambda: torch.autograd.grad(f(x), x, dy)


WORKS = {"gemm": gemm, "conv": conv, "adam": adam}
