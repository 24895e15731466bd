"""Keyed randomness: every decision is a pure function of who, what and which try, never of a sequence.

A 64-bit key is mixed by the finaliser of splitmix64 (Steele, Lea & Flood 2014). Keys are built as
root (seed) -> stream and day -> candidate i -> decision. Nothing hashed depends on a row, a count,
an order, the horizon or a file name, so adding an agent, a stream or a matter moves nothing else.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numba import float64, int64, uint64

from sim.compiled import rule

G = np.uint64(0x9E3779B97F4A7C15)
_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)
S12, S32 = np.uint64(12), np.uint64(32)

# Purposes: one constant for every kind of decision. Values are arbitrary, distinct and never reused.
REQUEST = np.uint64(0x4C2A_0001_9D1F_53B1)
TIME = np.uint64(0x4C2A_0002_1B37_A9C5)
LAYER = np.uint64(0x4C2A_0003_77E1_0D2F)
ACCEPT = np.uint64(0x4C2A_0004_C3B5_6A11)
RESIDENT = np.uint64(0x4C2A_0005_58D9_2E73)
SLICE = np.uint64(0x4C2A_0006_E40B_91D7)
CHANNEL = np.uint64(0x4C2A_0007_0A6D_F83B)
TRANSFER = np.uint64(0x4C2A_0008_96CF_459F)
SUPERVISE = np.uint64(0x4C2A_0009_2131_BC03)
WORK = np.uint64(0x4C2A_000A_AD93_1267)
ROUTE = np.uint64(0x4C2A_000B_39F5_78CB)
PATIENCE = np.uint64(0x4C2A_000C_C657_DF2F)
REWORK = np.uint64(0x4C2A_000D_52B9_3593)
REPEAT = np.uint64(0x4C2A_000E_DF1B_9BF7)
ABSENT = np.uint64(0x4C2A_000F_6B7D_025B)
THINK = np.uint64(0x4C2A_0010_F7DF_68BF)
GAMMA = np.uint64(0x4C2A_0011_8441_CF23)
PERSON = np.uint64(0x4C2A_0012_10A3_2587)
MARKET = np.uint64(0x4C2A_0013_9D05_8BEB)
SAMPLE = np.uint64(0x4C2A_0014_2967_F24F)
QUIT = np.uint64(0x4C2A_0015_B5C9_58B3)
NEWCOMER = np.uint64(0x4C2A_0016_422B_BF17)
KIND = np.uint64(0x4C2A_0017_CE8D_257B)
DAY_BELOW = np.uint64(0x4C2A_0020_1B58_7C2D)
REPLACE = np.uint64(0x4C2A_0021_A7BA_E291)


@lru_cache(maxsize=1 << 16)
def declared_id(name: str) -> np.uint64:
    """64-bit id of a declared name: the first 8 bytes of its blake2b digest."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little"))


def root_key(seed: int) -> np.uint64:
    """Root of all keys of a run. The seed is hashed: neighbouring seeds must not give shifted streams."""
    return np.uint64(int.from_bytes(hashlib.blake2b(str(int(seed)).encode(), digest_size=8).digest(), "little"))


@rule
def mix(z):
    """Finaliser of splitmix64: a bijection of 64-bit integers."""
    z = (z ^ (z >> _S30)) * _A
    z = (z ^ (z >> _S27)) * _B
    return z ^ (z >> _S31)


@rule
def draw(key, purpose, occurrence):
    """64 random bits of one decision: `occurrence` tells the n-th of its kind, or the step it belongs to."""
    return mix(key ^ mix(purpose + uint64(occurrence) * G))


@rule
def unit(z):
    """Uniform in (0, 1) from the upper 52 bits; never 0 or 1."""
    return (float64(int64(z >> S12)) + 0.5) * 2.220446049250313e-16


@rule
def below(z, n):
    """Integer in [0, n) from the upper 32 bits."""
    return int64(((z >> S32) * uint64(n)) >> S32)


def threshold(probability: float) -> np.uint64:
    """Integer t such that `z >> 12 < t` has the given probability (cumulative sums stay exact at 1)."""
    return np.uint64(min(int(round(probability * 2.0**52)), 2**52))


def chance(root: np.uint64, who: np.uint64, purpose: np.uint64, occurrence: int) -> float:
    """Uniform of one decision of one agent, for rules that are ordinary Python (slow clock)."""
    key = np.uint64(mix(np.uint64(root) ^ np.uint64(who)))
    return float(unit(np.uint64(draw(key, purpose, np.uint64(occurrence)))))
