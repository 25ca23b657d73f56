"""Derivations in sympy, each step verified; no numbers are computed here."""
