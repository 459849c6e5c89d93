"""Quantiles of the gamma distribution, for intervals of rates; standard library only.

Source: the regularised incomplete gamma function by its series and its continued fraction (Abramowitz and Stegun
        6.5.29, 6.5.31), and bisection, which needs no start value and ends for every shape.
"""

from __future__ import annotations

from math import exp, lgamma, log

_STEPS = 4096
_HALVINGS = 200
_SMALL = 1e-15


def cumulative(shape: float, x: float) -> float:
    """Share of a gamma distribution of this shape and scale 1 below x."""
    if x <= 0:
        return 0.0
    front = exp(shape * log(x) - x - lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        for step in range(1, _STEPS):
            term *= x / (shape + step)
            total += term
            if term < total * _SMALL:
                break
        return min(1.0, front * total)
    return max(0.0, 1 - front * _fraction(shape, x))


def _fraction(shape: float, x: float) -> float:
    """The continued fraction of the upper tail, by Lentz's method."""
    tiny = 1e-300
    b = x + 1 - shape
    c, d = 1 / tiny, 1 / b
    result = d
    for step in range(1, _STEPS):
        a = -step * (step - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        change = d * c
        result *= change
        if abs(change - 1) < _SMALL:
            break
    return result


def quantile(shape: float, share: float) -> float:
    """The x below which that share lies. A shape of 0 is all at 0."""
    if shape <= 0:
        return 0.0
    low, high = 0.0, max(shape, 1.0)
    while cumulative(shape, high) < share:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if cumulative(shape, middle) < share else (low, middle)
    return high
