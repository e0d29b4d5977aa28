"""Golden values for evaluate/fidelity, computed without any of its code.

    pip install numpy scipy scikit-learn prdc
    python internal/golden/fidelity.py > evaluate/fidelity/testdata/golden.json

The samples are sums of twelve uniforms from splitmix64, which the Go test
draws again bit by bit, so that only the results are stored.
"""

import contextlib
import io
import json

import numpy as np
import prdc
from scipy.linalg import sqrtm
from scipy.stats import entropy
from sklearn.metrics.pairwise import polynomial_kernel

MASK = (1 << 64) - 1


def splitmix64(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def sample(seed, n, d, shift, scale, tilt):
    """Rows with mean shift, spread scale, and neighbours mixed by tilt."""
    words = splitmix64(seed)
    x = np.empty((n, d))
    for i in range(n):
        for j in range(d):
            s = 0.0
            for _ in range(12):
                s += (next(words) >> 40) * 2.0**-24
            x[i, j] = s - 6
        for j in range(1, d):
            x[i, j] += tilt * x[i, j - 1]
    return (x * scale + shift).astype(np.float32).astype(np.float64)


def frechet(x, y):
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = sqrtm(a @ b)
    return float(np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(a + b - 2 * root.real))


def kid(x, y):
    def kernel(p, q):
        return polynomial_kernel(p, q, degree=3, gamma=1 / p.shape[1], coef0=1)

    n, m = len(x), len(y)
    xx, yy, xy = kernel(x, x), kernel(y, y), kernel(x, y)
    return float(
        (xx.sum() - np.trace(xx)) / (n * (n - 1))
        + (yy.sum() - np.trace(yy)) / (m * (m - 1))
        - 2 * xy.mean()
    )


def quantiles(x, y):
    """Squared 2-Wasserstein distance on a line, on a grid fine enough to be exact."""
    n, m = len(x), len(y)
    at = (np.arange(n * m) + 0.5) / (n * m)
    d = np.sort(x)[(at * n).astype(int)] - np.sort(y)[(at * m).astype(int)]
    return float(np.mean(d**2))


def case(name, x, y, k):
    a, b = sample(*x), sample(*y)
    with contextlib.redirect_stdout(io.StringIO()):
        overlap = prdc.compute_prdc(a, b, nearest_k=k)
    return {
        "name": name,
        "x": dict(zip(("seed", "n", "d", "shift", "scale", "tilt"), x)),
        "y": dict(zip(("seed", "n", "d", "shift", "scale", "tilt"), y)),
        "k": k,
        "frechet": frechet(a, b),
        "kid": kid(a, b),
        "overlap": {key: float(v) for key, v in overlap.items()},
        "wasserstein2": quantiles(a[:, 0], b[:, 0]),
    }


def modes(counts):
    p = np.array(counts) / sum(counts)
    return {"counts": counts, "kl": float(entropy(p, np.full(len(p), 1 / len(p))))}


print(
    json.dumps(
        {
            "samples": [
                case("equal", (1, 300, 16, 0, 1, 0.5), (2, 300, 16, 0, 1, 0.5), 5),
                case("moved", (3, 257, 7, 0, 1, 0.5), (4, 193, 7, 0.5, 1, 0.5), 5),
                case("wide", (5, 200, 5, 0, 1, 0), (6, 210, 5, 0, 2, 0.25), 3),
                case("far origin", (7, 150, 3, 1000, 1, 0.5), (8, 150, 3, 1000.25, 1, 0), 5),
                case("fewer rows than features", (9, 20, 32, 0, 1, 0.5), (10, 24, 32, 0, 1, 0), 2),
            ],
            "modes": [modes([5, 0, 3, 2]), modes([7] * 11), modes([1] + [0] * 99)],
        },
        indent=1,
    )
)
