"""Adam and Muon on parameters by name."""

import math

import torch


class Adam:
    """Kingma and Ba (2015), algorithm 1, decoupled decay, with the weight of
    the second moment's average tracked, since β2 may change."""

    def __init__(self, beta1, decay=0):
        self.beta1, self.decay, self.state, self.w1, self.w2 = beta1, decay, {}, 0.0, 0.0

    @torch.no_grad()
    def step(self, params, grads, rate, beta2):
        self.w1 = self.beta1 * self.w1 + 1 - self.beta1
        self.w2 = beta2 * self.w2 + 1 - beta2
        for (name, p), g in zip(params.items(), grads):
            m, v = self.state.get(name, (torch.zeros_like(p), torch.zeros_like(p)))
            m, v = self.beta1 * m + (1 - self.beta1) * g, beta2 * v + (1 - beta2) * g * g
            self.state[name] = (m, v)
            p.mul_(1 - rate * self.decay).sub_(rate * (m / self.w1) / ((v / self.w2).sqrt() + 1e-8))


class Muon:
    """Jordan et al. (2024) with Nesterov's momentum and the length of Liu et
    al. (2025), equation 4; filters count as matrices [kh·kw·c out]."""

    def __init__(self, momentum=0.95):
        self.momentum, self.state = momentum, {}

    @torch.no_grad()
    def step(self, params, grads, rate):
        for (name, p), g in zip(params.items(), grads):
            m = self.state.get(name, torch.zeros_like(p))
            m = self.state[name] = self.momentum * m + (1 - self.momentum) * g
            x = (self.momentum * m + (1 - self.momentum) * g).reshape(-1, p.shape[-1])
            pace = 0.2 * math.sqrt(max(x.shape))
            x = x / (x.square().sum().sqrt() + 1e-7)
            for _ in range(5):
                a = x @ x.T
                x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
            p.sub_(rate * pace * x.reshape(p.shape))
