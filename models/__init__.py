"""Recurrent and feed-forward networks in numpy, with their gradients; no symbols here."""
