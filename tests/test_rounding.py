"""What the two formats have of their own."""

from properties.checking.rounding import FLOAT32, FLOAT64, conversions, gamma, smallest_normal


def test_formats():
    assert (FLOAT64, FLOAT32) == (2.0**-53, 2.0**-24)
    assert (smallest_normal(FLOAT64), smallest_normal(FLOAT32)) == (2.0**-1022, 2.0**-126)
    assert (conversions(FLOAT64), conversions(FLOAT32)) == (0, 1)
    assert gamma(3, 0.125) == 0.375 / 0.625
