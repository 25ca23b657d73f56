"""Implementations of the recurrent networks that can be put under test.

numpy's own is built in, torch's and JAX's are extras, and a user's is an object of theirs: see
`protocol.Backend` for what it offers, `torch_cells.TorchCell` and `jax_cells.JaxCell` for a short
way to offer it, and `load_backend` for the names they are chosen by.
"""

from models.backends.loading import load_backend
from models.backends.protocol import Backend, BackendError
from models.backends.under_test import UnderTest

__all__ = ["Backend", "BackendError", "UnderTest", "load_backend"]
