"""How far two right float64 derivatives of the same network may lie apart.

A derivative by the chain rule is a sum over paths, each a product of local derivatives: weights,
states, slopes. Whatever the order in which a program forms the sum, forwards, backwards or by
matrices, it rounds each path at most k times, so that its error is at most

    inexact + γ_k (paths + inexact),

where `paths` is the sum of the paths' absolute values and `inexact` how much that sum can change
when each factor has its own error. Both follow from arithmetic that adds whatever it is given:
no order enters. (Higham 2002, sections 3.1 and 3.5, for sums of products; the rest is the
triangle inequality.) The same holds for a value between two activations, whose `size` is the sum
of the absolute values of its terms. After an activation a value is a factor of its own, with the
error of its argument, times sup|φ'|, and the activation's.
"""

import numpy as np

UNIT = 2.0**-53
# k for the networks of `tests.model_cases`, of at most 3 units, 2 inputs, 4 steps and 2 sequences.
# Through a step a path meets at most two sums, of 4·3 + 2 terms or fewer, and eight products,
# each of which a complex number rounds three times: 52. A sum over 8 steps and sequences follows.
ROUNDINGS = 4 * 52 + 8
# glibc claims at most 2 ulp for exp and tanh, and up to 4 ulp for a part of their complex forms; a
# few more operations make the logistic function, 1 - tanh² and y(1 - y). 16u, of a value or a
# slope that is at most 1, holds them all.
ACTIVATION = 16 * UNIT


GAMMA = ROUNDINGS * UNIT / (1 - ROUNDINGS * UNIT)


class Majorant:
    """A scalar of the network, and bounds on it and on its derivatives in K directions.

    value    as float64 computed it, used to know a slope
    size     at least the sum of the absolute values of its terms
    error    how much of that sum its factors' errors can change
    paths    (K,) as size, of the derivatives
    inexact  (K,) as error, of the derivatives
    """

    __slots__ = ("error", "inexact", "paths", "size", "value")

    def __init__(self, value, size, error, paths, inexact):
        self.value, self.size, self.error = value, size, error
        self.paths, self.inexact = paths, inexact

    @classmethod
    def constant(cls, value):
        return cls(value, abs(value), 0.0, 0.0, 0.0)

    @classmethod
    def variable(cls, value, direction):
        return cls(value, abs(value), 0.0, direction, 0.0)

    def __add__(self, other):
        other = _lifted(other)
        return Majorant(
            self.value + other.value,
            self.size + other.size,
            self.error + other.error,
            self.paths + other.paths,
            self.inexact + other.inexact,
        )

    __radd__ = __add__

    def __rsub__(self, other):
        other = _lifted(other)
        difference = self + other
        difference.value = other.value - self.value
        return difference

    def __mul__(self, other):
        other = _lifted(other)
        size, other_size = self.size + self.error, other.size + other.error
        paths = self.paths * other.size + self.size * other.paths
        reached = (self.paths + self.inexact) * other_size + size * (other.paths + other.inexact)
        return Majorant(
            self.value * other.value,
            self.size * other.size,
            size * other_size - self.size * other.size,
            paths,
            reached - paths,
        )

    def tanh(self):
        value = float(np.tanh(self.value))
        error = self.total_error + ACTIVATION
        # |y² - ŷ²| = |y - ŷ||y + ŷ| <= 2|y - ŷ|
        return self._activated(value, error, 1 - value * value, 2 * error + ACTIVATION)

    def logistic(self):
        value = float(1 / (1 + np.exp(-self.value)))
        error = self.total_error / 4 + ACTIVATION
        # |y(1 - y) - ŷ(1 - ŷ)| = |y - ŷ||1 - y - ŷ| <= |y - ŷ|
        return self._activated(value, error, value * (1 - value), error + ACTIVATION)

    @property
    def total_error(self):
        """Of the value: what came with its factors, and k roundings."""
        return self.error + GAMMA * (self.size + self.error)

    @property
    def total_derivative_error(self):
        """(K,), of the derivatives."""
        return self.inexact + GAMMA * (self.paths + self.inexact)

    def _activated(self, value, error, slope, slope_error):
        # What bounds the exact factor, and then what bounds a computed one.
        exact, computed = slope + slope_error, slope + 2 * slope_error
        paths = self.paths * exact
        return Majorant(
            value, abs(value) + error, error, paths, (self.paths + self.inexact) * computed - paths
        )


def _lifted(number):
    return number if isinstance(number, Majorant) else Majorant.constant(float(number))
