"""The policy of the test runs is a plugin, so that it also serves claims outside the project.

pytest reads the options of a conftest.py only when it is given no path elsewhere, and
`--claims-from PATH` gives one.
"""

pytest_plugins = ["properties.pytest_plugin"]
collect_ignore = ["properties/checking", "properties/pytest_plugin.py", "benchmarks", "build"]
