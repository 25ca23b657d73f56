"""Numbers as they are printed: is a value what the digits say?"""

from flint import arb


def printed(value, digits):
    """Whether a value, a ball or a float, is what is printed: within half a unit of its last."""
    _, _, decimals = digits.partition("e")[0].partition(".")
    scale = int(digits.partition("e")[2] or 0)
    unit = arb(10) ** (scale - len(decimals))
    return bool(abs(arb(value) - arb(digits)) <= unit / 2)
