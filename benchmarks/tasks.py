"""What is timed: three tasks at given sizes, and each library's way of doing them.

A task is a cost Σ G·(last state) with a fixed G and its derivatives in float64:
bptt      ∂/∂ all parameters, the initial state and the inputs of a tanh network
lstm      the same of an LSTM
jacobian  ∂h_T/∂h_0 of the tanh network, for each sequence
There are as many inputs as units. What comes before the first call, compiling included, is not
part of what `prepare` gives back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

TASKS = ("bptt", "jacobian", "lstm")


class Size(NamedTuple):
    """N units, T steps, B sequences."""

    N: int
    T: int
    B: int

    def name(self) -> str:
        """As in N16-T100-B1."""
        return "-".join(f"{letter}{count}" for letter, count in self._asdict().items())


SIZES = (Size(4, 20, 1), Size(16, 100, 1), Size(64, 200, 16), Size(128, 500, 8), Size(8, 100, 1000))


class Problem(NamedTuple):
    """Parameters of the torch layout, the start and inputs of a run, and G."""

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    start: np.ndarray
    x: np.ndarray
    G: np.ndarray


def problem(task: str, size: Size) -> Problem:
    """Gaussian weights, inputs, start and G, so scaled that no derivative nears underflow."""
    random = np.random.default_rng(0)
    gates, states = (4, 2) if task == "lstm" else (1, 1)
    n, steps, batch = size

    def normal(*shape: int, gain: float = 1.0) -> np.ndarray:
        return gain * random.normal(size=shape)

    return Problem(
        W=normal(gates * n, n, gain=1.2 * n**-0.5),
        U=normal(gates * n, n, gain=0.3 * n**-0.5),
        b=normal(gates * n, gain=0.1),
        start=normal(batch, states * n),
        x=normal(steps, batch, n),
        G=normal(batch, n),
    )


def at_rest(size: Size) -> Problem:
    """An orthogonal W and nothing that moves the state from 0: derivatives of one size at any T.

    Those of `problem` are denormal numbers after some 1500 steps, and those take longer.
    """
    given = problem("bptt", size)
    still = {name: np.zeros_like(getattr(given, name)) for name in ("b", "start", "x")}
    return given._replace(W=np.linalg.qr(given.W)[0], **still)


def flops(task: str, size: Size) -> float:
    """Of the matrix products alone: 2 for a multiplication and an addition."""
    n, steps, batch = size
    if task == "jacobian":
        # The forward run; then a product of each step's Jacobian but the last with the others.
        return 2.0 * batch * n * n * (2 * steps + n * (steps - 1))
    # W and U forwards; their transposes backwards; and the gradients of both.
    return 2.0 * 6 * (4 if task == "lstm" else 1) * steps * batch * n * n


def with_numpy(task: str, given: Problem) -> Callable[[], Any]:
    """This project's models."""
    from models.lstm import LSTM
    from models.rnn import RNN

    W, U, b, start, x, G = given
    model = (LSTM if task == "lstm" else RNN)(W, U, b)
    if task == "jacobian":
        return lambda: model.run(start, x).jacobian(0, len(x))
    last = np.concatenate([G, np.zeros_like(G)], axis=1) if task == "lstm" else G
    return lambda: model.run(start, x).backward(last).parameters["W"]


def with_torch(task: str, given: Problem) -> Callable[[], Any]:
    """nn.RNN and nn.LSTM; for the Jacobian vmap over the sequences of jacrev."""
    import torch

    torch.set_num_threads(1)
    W, U, b, start, x, G = (torch.tensor(each, requires_grad=True) for each in given)
    if task == "jacobian":
        W, U, b, start, x = (each.detach() for each in (W, U, b, start, x))

        def last(h: Any, inputs: Any) -> Any:
            for u in inputs @ U.T + b:
                h = torch.tanh(W @ h + u)
            return h

        jacobian = torch.func.vmap(torch.func.jacrev(last), in_dims=(0, 1))
        return lambda: jacobian(start, x)
    n = W.shape[1]
    layer = (torch.nn.LSTM if task == "lstm" else torch.nn.RNN)(n, n, dtype=torch.float64)
    with torch.no_grad():
        for name, value in (("weight_hh_l0", W), ("weight_ih_l0", U), ("bias_ih_l0", b)):
            getattr(layer, name).copy_(value)
        layer.bias_hh_l0.zero_()
    parts = [part[None].detach().requires_grad_() for part in start.split(n, dim=1)]
    inputs = [*layer.parameters(), *parts, x]

    def gradients() -> Any:
        outputs, _ = layer(x, tuple(parts) if task == "lstm" else parts[0])
        by = torch.autograd.grad((outputs[-1] * G).sum(), inputs)
        return by[[name for name, _ in layer.named_parameters()].index("weight_hh_l0")]

    return gradients


def with_jax(task: str, given: Problem) -> Callable[[], Any]:
    """lax.scan under jit; for the Jacobian vmap over the sequences of jacrev."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    W, U, b, start, x, G = map(jnp.asarray, given)
    n = W.shape[1]

    def rnn(h: Any, u: Any, W: Any) -> Any:
        return jnp.tanh(h @ W.T + u)

    def lstm(state: Any, u: Any, W: Any) -> Any:
        h, c = state[..., :n], state[..., n:]
        i, f, g, o = jnp.split(h @ W.T + u, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jnp.concatenate([jax.nn.sigmoid(o) * jnp.tanh(c), c], axis=-1)

    cell = lstm if task == "lstm" else rnn

    def last(W: Any, U: Any, b: Any, start: Any, x: Any) -> Any:
        scanned = jax.lax.scan(lambda s, u: (cell(s, u, W), None), start, x @ U.T + b)
        return scanned[0][..., :n]

    if task == "jacobian":
        jacobian = jax.jacrev(last, argnums=3)
        function = jax.jit(jax.vmap(jacobian, in_axes=(None, None, None, 0, 1)))
        return lambda: jax.block_until_ready(function(W, U, b, start, x))
    cost = jax.jit(jax.grad(lambda *args: (last(*args) * G).sum(), argnums=range(5)))
    return lambda: jax.block_until_ready(cost(W, U, b, start, x))[0]


LIBRARIES = {"numpy": with_numpy, "torch": with_torch, "jax": with_jax}
