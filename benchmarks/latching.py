"""Training to latch one bit as experiments/latching.py does, in torch and in JAX, batched alike.

Both classes of all runs at once, T = 20, in single precision; each library's own gradients.
A call trains RUNS runs by UPDATES updates of w and h_1 … h_3 and gives their outputs (2, R).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

RUNS, UPDATES, T, LEARNT = 2048, 1000, 20, 3
W0, DEVIATION, RATE, INITIAL = 1.25, 0.2, 0.1, 0.1
NOISES = ("fixed", "redrawn")


def with_numpy(noise: Any, updates: int) -> Callable[[], Any]:
    """This project's own."""
    from experiments.latching import Training, latch

    training = Training(LEARNT, RATE, updates, INITIAL, noise=noise)
    w0, deviation = np.full(RUNS, W0), np.full(RUNS, DEVIATION)
    return lambda: latch(w0, deviation, T, training, 0)


def with_torch(noise: str, updates: int) -> Callable[[], Any]:
    """Tensors of all runs, and autograd."""
    import torch

    torch.set_num_threads(1)
    targets = torch.tensor([[0.8], [-0.8]])

    def draw() -> Any:
        return DEVIATION * torch.randn(T - LEARNT, 2, RUNS)

    def outputs(w: Any, h: Any, fed: Any) -> Any:
        x = torch.zeros(2, RUNS)
        for each in (*h, *fed):
            x = torch.tanh(w * x + each)
        return x

    def train() -> Any:
        torch.manual_seed(0)
        w = torch.full((RUNS,), W0, requires_grad=True)
        h = ((2 * torch.rand(LEARNT, 2, RUNS) - 1) * INITIAL).requires_grad_()
        fed = draw()
        for _ in range(updates):
            cost = 0.5 * ((outputs(w, h, fed) - targets) ** 2).sum()
            gradients = torch.autograd.grad(cost, (w, h))
            with torch.no_grad():
                for parameter, gradient in zip((w, h), gradients, strict=True):
                    parameter.sub_(RATE * gradient)
            fed = draw() if noise == "redrawn" else fed
        return outputs(w, h, fed).detach().numpy()

    return train


def with_jax(noise: str, updates: int) -> Callable[[], Any]:
    """All updates under one jit, steps by lax.scan, and jax.grad."""
    import jax
    import jax.numpy as jnp

    targets = jnp.array([[0.8], [-0.8]], jnp.float32)

    def draw(key: Any) -> Any:
        return DEVIATION * jax.random.normal(key, (T - LEARNT, 2, RUNS), jnp.float32)

    def outputs(w: Any, h: Any, fed: Any) -> Any:
        start = jnp.zeros((2, RUNS), jnp.float32)
        inputs = jnp.concatenate([h, fed])
        return jax.lax.scan(lambda x, each: (jnp.tanh(w * x + each), None), start, inputs)[0]

    def cost(w: Any, h: Any, fed: Any) -> Any:
        return 0.5 * ((outputs(w, h, fed) - targets) ** 2).sum()

    @jax.jit
    def train(key: Any) -> Any:
        start, first, *_ = jax.random.split(key, 3)
        fixed = draw(first)

        def update(index: Any, parameters: Any) -> Any:
            fed = draw(jax.random.fold_in(key, index)) if noise == "redrawn" else fixed
            gradients = jax.grad(cost, argnums=(0, 1))(*parameters, fed)
            return tuple(p - RATE * g for p, g in zip(parameters, gradients, strict=True))

        h = jax.random.uniform(start, (LEARNT, 2, RUNS), jnp.float32, -INITIAL, INITIAL)
        w = jnp.full((RUNS,), W0, jnp.float32)
        w, h = jax.lax.fori_loop(0, updates, update, (w, h))
        fed = draw(jax.random.fold_in(key, updates)) if noise == "redrawn" else fixed
        return outputs(w, h, fed)

    return lambda: jax.block_until_ready(train(jax.random.key(0)))


LATCHING = {"numpy": with_numpy, "torch": with_torch, "jax": with_jax}
