"""`make browser` on machines without Chromium: what it says, and that the tests are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make")


def make_browser(path: Path, chromium: str) -> subprocess.CompletedProcess[str]:
    """As on a machine that has the commands of a folder alone, and Playwright."""
    named = [f"DEBIANS={chromium}", f"CHROMIUM={chromium}"]
    command = [str(MAKE), "--assume-old=.venv/installed-browser", "browser", *named]
    environment = {"PATH": str(path), "HOME": str(path)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def command(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    "there",
    [
        {},
        {"apt-get": "echo E: are you root >&2; exit 100", "id": "echo 1000"},
        {"apt-get": "exit 100", "id": "echo 0"},
        {"apt-get": "exit 0", "id": "echo 0"},
    ],
    ids=["no apt", "no root", "apt fails", "apt has none"],
)
def test_without_chromium_it_says_what_to_do(tmp_path: Path, there: dict[str, str]) -> None:
    for name, script in there.items():
        command(tmp_path, name, script)
    for chromium in ("/nowhere/chromium", str(tmp_path / "chrome")):
        result = make_browser(tmp_path, chromium)
        assert result.returncode != 0
        assert f"make browser: there is no {chromium}" in result.stderr
        assert "CHROMIUM=/path/to/chromium" in result.stderr
        assert "are you root" not in result.stderr
        assert len(result.stderr.splitlines()) <= 6


def test_root_installs_it(tmp_path: Path) -> None:
    chromium = tmp_path / "chromium"
    link = f'test "$1" = update || ln -s {shutil.which("true")} {chromium}'
    command(tmp_path, "apt-get", link)
    command(tmp_path, "id", "echo 0")
    (tmp_path / "ln").symlink_to(str(shutil.which("ln")))
    result = make_browser(tmp_path, str(chromium))
    assert (result.returncode, result.stderr) == (0, "")
    assert chromium.exists()


def test_any_chromium_will_do(tmp_path: Path) -> None:
    command(tmp_path, "chrome", "exit 0")
    result = make_browser(tmp_path, str(tmp_path / "chrome"))
    assert (result.returncode, result.stderr) == (0, "")


def test_without_chromium_the_tests_are_skipped_with_a_reason() -> None:
    pytest.importorskip("playwright", reason="`make browser` installs it")
    environment = os.environ | {"CHROMIUM": "/nowhere/chromium"}
    chosen = "tests/test_browser.py::test_a_slider_works_on_the_page"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", chosen],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "there is no /nowhere/chromium; `make browser` installs it" in result.stdout
