"""The names by which a backend is chosen, and what is said when there is none."""

import difflib
import importlib
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from models.backends.files import find_beside, load_file
from models.backends.protocol import BackendError
from models.backends.under_test import UnderTest

BUILT_IN = {
    "numpy": ("models.backends.numpy_models", "NumpyModels", ("float64",)),
    "torch": ("models.backends.torch_cells", "TorchModules", ("float64", "float32")),
    "jax": ("models.backends.jax_cells", "JaxScan", ("float64", "float32")),
}
WAYS = (
    f"{', '.join(BUILT_IN)} (torch:float32, jax:float32), or your own as module:object "
    "or path/to/file.py:object"
)


@cache
def load_backend(name: str) -> UnderTest:
    """The backend of this name.

    "numpy", "torch", "jax", "torch:float32", "jax:float32", "module:object" or
    "path/to/file.py:object". An object that is a class is called without arguments. Raises
    BackendError where there is none such, naming the closest, the extra to install, or what it is
    that the object lacks.
    """
    home, _, member = name.rpartition(":")
    if name in BUILT_IN:
        return _built_in(name, name, "float64")
    if home in BUILT_IN:
        return _built_in(name, home, member)
    if not home:
        raise BackendError(_unknown(name))
    found = _member(name, _module(home), member)
    if isinstance(found, type):
        found = _without_failing(f"{name}: {member}()", found)
    return UnderTest(found, name)


def _built_in(name: str, kind: str, precision: str) -> UnderTest:
    module, made, precisions = BUILT_IN[kind]
    if precision not in precisions:
        raise BackendError(f"{name}: {kind} computes in {' or '.join(precisions)}")
    try:
        backend = getattr(importlib.import_module(module), made)
    except ModuleNotFoundError as missing:
        if missing.name != kind:
            raise
        raise BackendError(
            f"{name} needs the package {kind}: install the extra, "
            f"pip install 'long-term-dependencies[{kind}]'"
        ) from None
    return UnderTest(backend() if kind == "numpy" else backend(precision), name)


def _unknown(name: str) -> str:
    if name.endswith(".py"):
        return f"{name} names no object; write {name}:object"
    close = difflib.get_close_matches(name, BUILT_IN, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"there is no backend {name!r}; {hint}There are {WAYS}"


def _module(home: str) -> Any:
    """The module of a file, or the one of this name, which may lie in the working directory."""
    if home.endswith(".py"):
        file = Path(home).expanduser()
        if not file.is_file():
            raise BackendError(f"{home}: there is no such file")
        return _imported(home, file.resolve().parent, lambda: load_file(file))
    find_beside(Path.cwd())
    return _imported(home, Path.cwd(), lambda: importlib.import_module(home))


def _imported(home: str, folder: Path, load: Any) -> Any:
    def explained() -> Any:
        try:
            return load()
        except ImportError as failure:
            collision = _collision(failure, folder)
            raise BackendError(f"{home} does not import: {failure}{collision}") from failure

    return _without_failing(f"{home} does not import", explained)


def _without_failing(what: str, call: Callable[[], Any]) -> Any:
    """What code from outside returns; whatever it raises is said, and what it prints is no result.

    Only what is no Exception passes through, but for an exit: an interrupt, or a limit of time.
    """
    try:
        with redirect_stdout(sys.stderr):
            return call()
    except BackendError:
        raise
    except (Exception, SystemExit) as failure:
        raise BackendError(f"{what}: {type(failure).__name__}: {failure}") from failure


def _collision(failure: ImportError, folder: Path) -> str:
    """What to say where a module beside the user's has the name of one that is loaded already."""
    top = (failure.name or "").partition(".")[0]
    theirs = next((p for p in (folder / top, folder / f"{top}.py") if top and p.exists()), None)
    ours = getattr(sys.modules.get(top), "__file__", None)
    if theirs is None or ours is None or Path(ours).is_relative_to(theirs):
        return ""
    return (
        f". The name {top} is taken: {theirs} is not reached, since {ours} has it. Rename yours, "
        "or put the backend into one file and give its path"
    )


def _member(name: str, module: Any, member: str) -> Any:
    if not hasattr(module, member):
        names = [each for each in vars(module) if not each.startswith("_")]
        close = difflib.get_close_matches(member, names, n=3, cutoff=0.4)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise BackendError(f"{name}: the module has no {member!r}{hint}")
    return getattr(module, member)
