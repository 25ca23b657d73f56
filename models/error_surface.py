"""The error surface of one unit over many steps: mostly flat, with a wall in it."""

from dataclasses import dataclass

import numpy as np

from models.activations import ACTIVATIONS
from models.clipping import clip_by_norm
from models.rnn import RNN

LOGISTIC = ACTIVATIONS["logistic"]


@dataclass(frozen=True)
class Surface:
    """E and ∇E at points (w, b): loss of the shape S of these, gradient (2, *S), by w first."""

    loss: np.ndarray
    gradient: np.ndarray

    @property
    def steepness(self) -> np.ndarray:
        """‖∇E‖, of shape S."""
        return np.hypot(*self.gradient)


@dataclass(frozen=True)
class ErrorSurface:
    """E(w, b) = (σ(x_T) − target)² of x_t = wσ(x_{t−1}) + b, T steps from x_0 = start.

    Pascanu, Mikolov & Bengio 2013, figure 6, has the values given here.
    """

    steps: int = 50
    start: float = 0.5
    target: float = 0.7

    def network(self, w: np.ndarray, b: np.ndarray) -> RNN:
        """A network of one unit for each of the points w, b (B,), as a batch."""
        return RNN(
            W=w[:, None, None],
            U=np.zeros((1, 0)),
            b=b[:, None],
            activation="logistic",
            order="activation_first",
        )

    def given(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """The initial states (B, 1) and the inputs (T, B, 0), of which there are none."""
        return np.full((batch, 1), self.start), np.zeros((self.steps, batch, 0))

    def cotangent(self, last: np.ndarray) -> np.ndarray:
        """∂E/∂x_T at last states of any shape."""
        value = LOGISTIC.value(last)
        return 2 * (value - self.target) * LOGISTIC.slope_at(value)

    def evaluate(self, w: np.ndarray | float, b: np.ndarray | float) -> Surface:
        """E and ∇E at points (w, b), which may be numbers or arrays that broadcast together.

        Raises ValueError for numbers that aren't finite, and OverflowError when a derivative leaves
        the doubles.
        """
        w, b = np.broadcast_arrays(np.asarray(w, float), np.asarray(b, float))
        model = self.network(w.ravel(), b.ravel())
        trajectory = model.run(*self.given(w.size))
        last = trajectory.states[-1]
        gradients = trajectory.backward(self.cotangent(last)).parameters
        loss = (LOGISTIC.value(last) - self.target) ** 2
        by_both = np.stack([gradients["W"].reshape(w.shape), gradients["b"].reshape(w.shape)])
        return Surface(loss.reshape(w.shape)[()], by_both)

    def grid(self, w: tuple[float, float], b: tuple[float, float], points: int) -> Surface:
        """E and ∇E on points × points values of w (down) and of b (across), the ends included."""
        return self.evaluate(np.linspace(*w, points)[:, None], np.linspace(*b, points)[None])

    def wall(self, w: float) -> float:
        """The bias at which the unit rests at its start, b = x_0 − wσ(x_0).

        For w > 1/σ′(x_0) the start then parts two basins, and a wall runs along this line.
        """
        return float(self.start - w * LOGISTIC.value(np.array([self.start]))[0])

    def steepest(self, w: float, b: tuple[float, float]) -> float:
        """The bias in an interval at which ‖∇E‖ is largest: the best of 65, then of 65 around it.

        Each round looks 16 times closer. What lies between two of the first 65 points and is as
        thin as that may be missed: look near the wall.
        """
        low, high = b
        best = (low + high) / 2
        while high - low > 1e-13:
            biases = np.linspace(low, high, 65)
            best = float(biases[np.argmax(self.evaluate(w, biases).steepness)])
            low, high = best - (high - low) / 32, best + (high - low) / 32
        return best

    def step(
        self, w: float, b: float, rate: float, threshold: float | None = None
    ) -> tuple[float, float]:
        """(w, b) after a step of gradient descent, clipped to a length if a threshold is given.

        Raises ValueError for a negative threshold.
        """
        gradient = self.evaluate(w, b).gradient[None]
        if threshold is not None:
            gradient = clip_by_norm(gradient, threshold)
        moved = np.array([w, b]) - rate * gradient[0]
        return float(moved[0]), float(moved[1])

    def largest_safe_rate(self, w: float, b: float) -> float:
        """The largest learning rate at which a step from (w, b) does not raise E, to 1 in 10⁹.

        Found by bisection between 10⁻³⁰ and 10³⁰, so that it is the largest only where E falls and
        then rises along the step, as it does from the wall.
        """
        before = self.evaluate(w, b).loss
        low, high = -30.0, 30.0
        while high - low > 4e-10:
            middle = (low + high) / 2
            after = self.evaluate(*self.step(w, b, 10**middle)).loss
            low, high = (low, middle) if after > before else (middle, high)
        return float(10**low)
