"""Recurrent and feed-forward networks in numpy, with their gradients; no symbols here."""

import numpy as np

# glibc fetches large arrays from the system as new pages each time, which can cost as much as
# computing with them, until a block of their size has once been given back. This one, of nearly 32
# MB, the most that counts, is given back at once; nothing is ever written to it.
np.empty(2**22 - 2**12)
