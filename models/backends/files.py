"""Python files of other people: each is loaded by its path, under a name that no other can have."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PRIVATE = "from_file_"


def private_name(file: Path) -> str:
    """A module name that no other file can have."""
    digest = hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:12]
    return f"{PRIVATE}{digest}.{file.stem}"


def load_file(file: Path) -> ModuleType:
    """The module in a file, executed once a process; files beside it can be imported by name."""
    name = private_name(file)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    find_beside(file.resolve().parent)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def find_beside(folder: Path) -> None:
    """Let the modules of a folder be imported by name, where no other has that name."""
    # At the end of the path, so that a user's own `models` never hides the project's.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
