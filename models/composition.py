"""One layer composed with itself along a line: what becomes of a cross-section of its map.

Goodfellow, Bengio & Courville 2016, figure 10.15: a line through the space of initial states, and
one coordinate of the state after 0, 1, 2, … steps.
"""

from dataclasses import dataclass

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import require
from models.rnn import RNN


@dataclass(frozen=True, eq=False)
class Curves:
    """A coordinate of the state along a line, after 0, 1, … T steps.

    x       (P,) where on the line
    y       (T+1, P) readout · h_t
    slopes  (T+1, P) dy/dx
    """

    x: np.ndarray
    y: np.ndarray
    slopes: np.ndarray

    def turning_points(self) -> np.ndarray:
        """(T+1,): how often the slope changes its sign from one x to the next.

        Each time the curve turns at least once in between; turns closer than that are not seen.
        """
        rising = np.sign(self.slopes)
        return np.sum(rising[:, 1:] * rising[:, :-1] < 0, axis=1)


def random_layer(units: int, gain: float, generator: np.random.Generator) -> RNN:
    """h ↦ tanh(Wh) with independent W_ij ~ N(0, gain²/units); it takes no inputs.

    The book's figure states no scale of the weights: here it is the gain, by which Wh is longer
    than h in the mean square.
    """
    W = generator.standard_normal((units, units)) * (gain / np.sqrt(units))
    return RNN(W, np.zeros((units, 0)), np.zeros(units))


def random_unit(units: int, generator: np.random.Generator) -> np.ndarray:
    """(units,): a direction, each as likely as any other."""
    vector = generator.standard_normal(units)
    return vector / np.linalg.norm(vector)


def compose(
    layer: RNN,
    origin: np.ndarray,
    direction: np.ndarray,
    readout: np.ndarray,
    x: np.ndarray,
    steps: int,
) -> Curves:
    """The curves y_t(x) = readout · h_t with h_0 = origin + x·direction, and their slopes.

    origin, direction, readout: (N,); x: (P,); the layer has order "activation_last". Slopes are
    carried along with the states: ∂h_t/∂x = φ'(a_t) ⊙ W ∂h_{t-1}/∂x.
    Raises ValueError for arguments that don't fit, OverflowError when a pre-activation leaves
    the doubles.
    """
    if layer.order != "activation_last" or layer.W.ndim != 2:
        raise ValueError(
            f"layer has order {layer.order!r} and W of shape {layer.W.shape}; it needs "
            "'activation_last' and one W for all points"
        )
    sizes = {"N": len(layer.W)}
    for name, vector in (("origin", origin), ("direction", direction), ("readout", readout)):
        require(name, vector, "N", sizes=sizes)
    require("x", x, "P", sizes={})
    inputs = np.zeros((steps, len(x), layer.U.shape[-1]))
    states = layer.run(origin + x[:, None] * direction, inputs).states
    slope_at, tangent = ACTIVATIONS[layer.activation].slope_at, direction[None]
    slopes = [np.full(len(x), direction @ readout)]
    for state in states[1:]:
        tangent = slope_at(state) * (tangent @ layer.W.T)
        slopes.append(tangent @ readout)
    return Curves(x, states @ readout, np.array(slopes))


def random_composition(
    units: int, gain: float, seed: int | np.random.Generator, x: np.ndarray, steps: int = 5
) -> Curves:
    """The curves of a random layer, along a random line and read out in a random direction.

    The line passes a standard Gaussian point at x = 0; direction and readout have length 1.
    """
    generator = np.random.default_rng(seed)
    layer = random_layer(units, gain, generator)
    origin = generator.standard_normal(units)
    direction, readout = random_unit(units, generator), random_unit(units, generator)
    return compose(layer, origin, direction, readout, x, steps)


def figure_10_15(gain: float = 5.0, seed: int = 0) -> Curves:
    """The figure's 100 units, after 0 to 5 compositions, at 1201 points from −30 to 30."""
    return random_composition(100, gain, seed, np.linspace(-30.0, 30.0, 1201))
