"""philox.py - numbers that C and Python can both make: Philox 4x32-10 keyed by a name.

Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11. The key is the 64-bit
FNV-1a hash of the name, low half first; number i is word i mod 4 of counter {i / 4, 0, 0, 0}.
"""
import numpy as np

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (0x9E3779B9, 0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)


def hashed(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def bits(name, count):
    key = [hashed(name) & 0xFFFFFFFF, hashed(name) >> 32]
    c = [np.arange((count + 3) // 4, dtype=np.uint64)]
    c += [np.zeros_like(c[0]) for _ in range(3)]
    for _ in range(10):
        a, b = MULTIPLIERS[0] * c[0], MULTIPLIERS[1] * c[2]
        shift = np.uint64(32)
        c = [b >> shift ^ c[1] ^ np.uint64(key[0]), b & LOW,
             a >> shift ^ c[3] ^ np.uint64(key[1]), a & LOW]
        key = [(k + w) & 0xFFFFFFFF for k, w in zip(key, WEYL)]
    return np.stack(c, 1).ravel()[:count]


def uniform(name, shape, low, high):
    """float32 numbers in (low, high), from float64 arithmetic."""
    unit = (bits(name, int(np.prod(shape))).astype(np.float64) + 0.5) / 2**32
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)
