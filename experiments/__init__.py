"""Sweeps that train many models: on one core, on all of them, or on a cluster."""
