"""The claims, one module a theme; the machinery that verifies them is in `checking`."""
