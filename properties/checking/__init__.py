"""The machinery of claims: cases, comparisons, bounds, search, evidence."""
