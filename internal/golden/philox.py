"""Limner's random numbers in NumPy: Philox4x32-10 (Salmon et al., 2011),
bit for bit as engine/tensor draws them, so that PyTorch sees the same noise."""

import numpy as np

_M = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_W = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)


def stream_of(name):
    """FNV-1a, 32 bits."""
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def _words(count, seed, stream, step):
    """The first count random words of a stream, as uint64 below 2^32."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    c = [blocks & _LOW, blocks >> np.uint64(32), np.full_like(blocks, stream), np.full_like(blocks, step)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = _M[0] * c[0], _M[1] * c[2]
        c = [
            (p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(key[0]), p1 & _LOW,
            (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(key[1]), p0 & _LOW,
        ]
        key = [(key[0] + _W[0]) & 0xFFFFFFFF, (key[1] + _W[1]) & 0xFFFFFFFF]
    return np.stack(c, axis=1).reshape(-1)


def uniform(seed, name, step, *shape):
    """Uniforms on (0, 1), float32."""
    n = int(np.prod(shape))
    k = np.minimum(_words(n, seed, stream_of(name), step)[:n] >> np.uint64(8), np.uint64(2**24 - 2))
    return ((k.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-24)).reshape(shape)


def normal(seed, name, step, *shape):
    """Standard normals by Box and Muller, float32."""
    n = int(np.prod(shape))
    w = _words(n, seed, stream_of(name), step).astype(np.float64).reshape(-1, 2)
    r = np.sqrt(-2 * np.log((w[:, 0] + 0.5) * 2.0**-32))
    a = 2 * np.pi * w[:, 1] * 2.0**-32
    z = np.stack([r * np.cos(a), r * np.sin(a)], axis=1).reshape(-1)
    return z[:n].astype(np.float32).reshape(shape)
