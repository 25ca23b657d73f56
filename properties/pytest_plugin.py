"""All policy of the test runs: options, collection of claims, evidence.

Installed as a pytest plugin of the same name, and named by the project's conftest.py.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

DEFAULT_EXAMPLES = 200
DEFAULT_BACKEND = "numpy"
DEFAULT_LIMIT = 600.0
CATALOGUE = Path(__file__).parent
NO_CLAIMS = {"__init__.py", Path(__file__).name}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("claims")
    group.addoption(
        "--examples",
        type=int,
        default=DEFAULT_EXAMPLES,
        metavar="N",
        help=f"cases generated for each claim (default {DEFAULT_EXAMPLES})",
    )
    group.addoption(
        "--claims-seed", type=int, metavar="S", help="seed (default 0; a random one with --explore)"
    )
    group.addoption(
        "--claims-from",
        metavar="PATH",
        help="verify the claims in this file or folder, instead of the project's own",
    )
    group.addoption(
        "--backend",
        default=DEFAULT_BACKEND,
        metavar="NAME",
        help="implementation under test: numpy, torch, jax, module:object or file.py:object",
    )
    group.addoption("--evidence", metavar="FILE", help="write what the claims showed as JSON")
    group.addoption(
        "--explore",
        action="store_true",
        help="a random seed and a database of failures, instead of the same cases every time",
    )
    group.addoption(
        "--reuse",
        metavar="FOLDER",
        help="recall from here what was verified before with the same sources, versions and seed",
    )
    group.addoption(
        "--limit",
        type=float,
        default=DEFAULT_LIMIT,
        metavar="SECONDS",
        help=f"what each part of a claim may take (default {DEFAULT_LIMIT:g})",
    )
    group.addoption("--long", action="store_true", help="run the long tests too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes minutes; runs with --long")
    outside = config.getoption("--claims-from")
    if outside:
        path = Path(outside)
        if not path.exists():
            raise pytest.UsageError(f"--claims-from {outside}: there is no such file or folder")
        named = config.known_args_namespace.file_or_dir
        config.args[:] = [*named, str(path.resolve())]
    if config.getoption("--claims-seed") is None:
        # With pytest-xdist the workers are handed what the controller chose.
        explore = config.getoption("--explore")
        config.option.claims_seed = secrets.randbits(32) if explore else 0
    if config.getoption("--examples") < 1:
        raise pytest.UsageError("--examples: at least 1 is needed")
    _require_backend(config.getoption("--backend"))


def _require_backend(name: str) -> None:
    if name == DEFAULT_BACKEND:
        return
    from models.backends import BackendError, load_backend

    try:
        load_backend(name)
    except BackendError as problem:
        raise pytest.UsageError(f"--backend: {problem}") from None


def pytest_report_header(config: pytest.Config) -> str:
    examples, seed = config.getoption("--examples"), config.getoption("--claims-seed")
    return f"claims: {examples} examples each, seed {seed}, backend {config.getoption('--backend')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="takes minutes; run it with --long"))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """A file of claims is nothing else: pytest takes what is named to it for a module of tests."""
    others = yield
    if not _has_claims(file_path, parent.config):
        return others
    return [ClaimFile.from_parent(parent, path=file_path)]


def _has_claims(file: Path, config: pytest.Config) -> bool:
    outside = config.getoption("--claims-from")
    if file.suffix != ".py":
        return False
    if outside and file.resolve().is_relative_to(Path(outside).resolve()):
        return True
    return file.parent == CATALOGUE and file.name not in NO_CLAIMS


class ClaimFile(pytest.File):
    """A module of claims: the project's under its own name, another's under a private one."""

    def collect(self) -> Any:
        import importlib

        from models.backends.files import load_file
        from properties.checking.claim import Claim
        from properties.checking.loading import guarded

        inside = self.path.parent == CATALOGUE
        try:
            if inside:
                module = importlib.import_module(f"properties.{self.path.stem}")
            else:
                with guarded():
                    module = load_file(self.path)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:
            # An item of its own, so that the claims of other files still run.
            yield BrokenFile.from_parent(self, name="import", problem=problem)
            return
        for name, value in vars(module).items():
            if isinstance(value, Claim) and value.module == module.__name__:
                yield ClaimCollector.from_parent(self, name=name, claim=value)


class BrokenFile(pytest.Item):
    """Stands for a file of claims that does not import."""

    def __init__(self, *, problem: BaseException, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem

    def runtest(self) -> None:
        from properties.checking.evidence import failed_import

        why = f"{self.path} does not import: {type(self.problem).__name__}: {self.problem}"
        self.user_properties.append(
            ("failed import", json.dumps(failed_import(self.path.stem, why)))
        )
        raise ClaimFailed(f"{why}\nMend the file; the claims of the others are not affected.")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.path.name}::import"


class ClaimCollector(pytest.Collector):
    """One claim: an item for each of its parts that the backend is judged by."""

    def __init__(self, *, claim: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim = claim

    def collect(self) -> Any:
        from properties.checking.applicability import parts_on, why_not_applicable

        backend = self.config.getoption("--backend")
        why_not = why_not_applicable(self.claim, backend)
        if why_not is not None:
            yield NotApplicable.from_parent(self, name="holds", claim=self.claim, why=why_not)
        for part in parts_on(self.claim, backend):
            yield ClaimItem.from_parent(self, name=part, claim=self.claim)


class NotApplicable(pytest.Item):
    """Stands for a claim that the backend is not judged by."""

    def __init__(self, *, claim: Any, why: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim, self.why = claim, why

    def runtest(self) -> None:
        self.user_properties.append(("not applicable", json.dumps(self.claim.name)))
        pytest.skip(self.why)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.claim.name}::{self.name}"


class ClaimFailed(Exception):
    """A part of a claim that does not hold; its text is all that is reported."""


class ClaimItem(pytest.Item):
    """One part of a claim, verified by the function that the command line uses too."""

    def __init__(self, *, claim: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim = claim

    def runtest(self) -> None:
        from properties.checking.evidence import header
        from properties.checking.running import verify_or_recall

        record, failure = verify_or_recall(self.claim, self.name, _plan(self.config))
        seen = {"header": header(self.claim), "record": record}
        self.user_properties.append(("claim", json.dumps(seen)))
        if failure:
            raise ClaimFailed(failure)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ClaimFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.claim.name}::{self.name}"


def _plan(config: pytest.Config) -> Any:
    from properties.checking.plan import Plan

    explore = config.getoption("--explore")
    return Plan(
        examples=config.getoption("--examples"),
        seed=config.getoption("--claims-seed"),
        backend=config.getoption("--backend"),
        database=config.rootpath / ".hypothesis" / "claims" if explore else None,
        reuse=_folder(config.getoption("--reuse")),
        limit=config.getoption("--limit"),
    )


def _folder(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, value in report.user_properties if report.when == "call" else ():
        if name == "claim":
            SEEN.append(json.loads(value))
        elif name == "failed import":
            FAILED.append(json.loads(value))
        elif name == "not applicable":
            NOT_APPLICABLE.append(json.loads(value))


SEEN: list[dict[str, Any]] = []
FAILED: list[dict[str, Any]] = []
NOT_APPLICABLE: list[str] = []
"""What this process was told of claims: by its own items, or by the workers of pytest-xdist."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--evidence")
    if not file or hasattr(session.config, "workerinput"):
        return
    from properties.checking.evidence import entry, evidence, write

    records: dict[str, list[dict[str, Any]]] = {}
    for seen in SEEN:
        records.setdefault(seen["header"]["name"], []).append(seen)
    entries = [
        entry(group[0]["header"], [seen["record"] for seen in group]) for group in records.values()
    ]
    write(Path(file), evidence(entries + FAILED, _plan(session.config), NOT_APPLICABLE))
