"""What the tutorial shows is what happens, command by command."""

from pathlib import Path

import pytest

from tests.tutorial import change, replay, untimed

TUTORIAL = (Path(__file__).parent.parent / "TUTORIAL.md").read_text()


def test_every_command_prints_what_is_shown(tmp_path: Path) -> None:
    commands = 0
    for command, shown, said in replay(TUTORIAL, tmp_path):
        assert untimed(said) == untimed(shown), command
        commands += 1
    assert commands > 10


def test_a_change_has_to_fit(tmp_path: Path) -> None:
    (tmp_path / "it.py").write_text("a = 1\nb = 2\n")
    change(tmp_path, "-a = 1\n+a = 3\n")
    assert (tmp_path / "it.py").read_text() == "a = 3\nb = 2\n"
    with pytest.raises(ValueError, match="not enough values"):
        change(tmp_path, "-a = 1\n+a = 3\n")


def test_an_output_that_differs_is_seen(tmp_path: Path) -> None:
    (tmp_path / "lecture").mkdir()
    text = "```console\n$ claims show nothing\nclaims: it is there\n```\n"
    [(_, shown, said)] = replay(text, tmp_path)
    assert untimed(said) != untimed(shown)
