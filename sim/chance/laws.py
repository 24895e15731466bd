"""Samplers: a law and 64 bits give minutes (or any unit the parameters are in).

Logarithm and exponential are our own, made of + - * / and integer bits only, because library versions
differ between processors in the last bit and results must not. Relative error below 1e-11.
"""

from __future__ import annotations

import math

import numpy as np
from numba import float64, int64

from sim.chance.keys import GAMMA, draw, unit
from sim.compiled import rule

FIXED, EXPONENTIAL, UNIFORM, TRIANGULAR, LOGNORMAL, GAMMA_LAW, EMPIRICAL = 0, 1, 2, 3, 4, 5, 6
CODES = {"fixed": FIXED, "exponential": EXPONENTIAL, "uniform": UNIFORM, "triangular": TRIANGULAR,
         "lognormal": LOGNORMAL, "gamma": GAMMA_LAW, "empirical": EMPIRICAL}

_LN2 = 0.6931471805599453


@rule
def log(x):
    """Natural logarithm of a positive normal number, by the series of artanh on [1/sqrt 2, sqrt 2)."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits >> 52) - 1023
    m = np.int64((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    if m > 1.4142135623730951:
        m = m * 0.5
        exponent += 1
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    series = 1.0 + q * (0.3333333333333333 + q * (0.2 + q * (0.14285714285714285 + q * (
        0.1111111111111111 + q * (0.09090909090909091 + q * 0.07692307692307693)))))
    return float64(exponent) * _LN2 + 2.0 * s * series


@rule
def exp(x):
    """Exponential function; 0 below -700, capped at e^700."""
    if x < -700.0:
        return 0.0
    if x > 700.0:
        x = 700.0
    n = int64(math.floor(x * 1.4426950408889634 + 0.5))
    r = x - float64(n) * _LN2
    p = 1.0 + r * (1.0 + r * (0.5 + r * (0.16666666666666666 + r * (0.041666666666666664 + r * (
        0.008333333333333333 + r * (0.001388888888888889 + r * (0.0001984126984126984 + r * (
            2.48015873015873e-05 + r * (2.7557319223985893e-06 + r * 2.755731922398589e-07)))))))))
    return p * np.int64((1023 + n) << 52).view(np.float64)


@rule
def exponential(z):
    """Standard exponential variate."""
    return -log(unit(z))


@rule
def normal(z):
    """Standard normal variate."""
    return normal_quantile(unit(z))


@rule
def normal_quantile(p):
    """Value below which a standard normal variate lies with probability p (Acklam; relative error 1.2e-9)."""
    if p < 0.02425 or p > 0.97575:
        q = math.sqrt(-2.0 * log(p if p < 0.5 else 1.0 - p))
        x = (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q
               - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783) / (
            (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q
             + 3.754408661907416) * q + 1.0)
        return x if p < 0.5 else -x
    q = p - 0.5
    r = q * q
    return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r
              + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239) * q / (
        ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r
          + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1.0)


@rule
def standard_gamma(shape, z):
    """Gamma variate of scale 1 (Marsaglia & Tsang 2000), each try keyed by its number."""
    boosted = shape if shape >= 1.0 else shape + 1.0
    d = boosted - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    n = 0
    value = d
    while n < 64:
        x = normal(draw(z, GAMMA, 2 * n))
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            u = unit(draw(z, GAMMA, 2 * n + 1))
            if log(u) < 0.5 * x * x + d - d * v + d * log(v):
                value = d * v
                break
        n += 1
    if shape < 1.0:
        value = value * exp(log(unit(draw(z, GAMMA, 1000))) / shape)
    return value


@rule
def sample(code, a, b, c, z):
    """Draw from a law given by its code and table parameters (see `parameters`)."""
    if code == EXPONENTIAL:
        return a * exponential(z)
    if code == FIXED:
        return a
    if code == LOGNORMAL:
        return exp(a + b * normal(z))
    if code == UNIFORM:
        return a + (b - a) * unit(z)
    if code == GAMMA_LAW:
        return b * standard_gamma(a, z)
    u = unit(z)
    left = (b - a) / (c - a) if c > a else 0.5
    if u < left:
        return a + math.sqrt(u * (c - a) * (b - a))
    return c - math.sqrt((1.0 - u) * (c - a) * (c - b))


def parameters(law) -> tuple[int, float, float, float]:
    """Code and table parameters of a `Law`: mean and spread become the ones the sampler needs."""
    code = CODES[law.kind]
    if code == LOGNORMAL:
        variance = math.log(1.0 + law.second**2)
        return code, math.log(law.first) - variance / 2.0, math.sqrt(variance), 0.0
    if code == GAMMA_LAW:
        shape = 1.0 / law.second**2
        return code, shape, law.first / shape, 0.0
    return code, law.first, law.second, law.third
