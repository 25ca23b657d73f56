"""Finding claims by file, by name and by theme; and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from properties import THEMES
from properties.checking.loading import (
    Loaded,
    UnknownName,
    load_catalogue,
    load_from,
    require,
    select,
)
from tests.test_collection import TRUE


def named(loaded: Loaded) -> list[str]:
    return [claim.name for claim in loaded.claims]


def test_the_catalogue_is_in_the_order_of_the_chapter() -> None:
    loaded = load_catalogue()
    assert not loaded.failures
    places = [THEMES.index(claim.theme) for claim in loaded.claims]
    assert places == sorted(places)
    assert set(places) == set(range(len(THEMES)))


def test_claims_are_selected_by_name_and_by_theme() -> None:
    loaded = load_catalogue()
    assert select(loaded, [], None) == loaded.claims
    (chosen,) = select(loaded, ["carousel"], None)
    assert chosen.name == "carousel"
    of_theme = select(loaded, [], chosen.theme)
    assert {claim.theme for claim in of_theme} == {chosen.theme}
    assert len(of_theme) < len(loaded.claims)
    assert select(loaded, ["carousel"], chosen.theme) == [chosen]


def test_what_is_not_there_is_refused_with_what_comes_close() -> None:
    loaded = load_catalogue()
    with pytest.raises(UnknownName, match=r"no claim 'carousell'; did you mean carousel"):
        select(loaded, ["carousell"], None)
    with pytest.raises(UnknownName, match="no theme 'gated_memoy'; did you mean gated_memory"):
        select(loaded, [], "gated_memoy")
    with pytest.raises(UnknownName, match="no claim 'carousel'"):
        select(loaded, ["carousel"], "descent" if "descent" in THEMES else THEMES[0])


def test_where_nothing_comes_close_all_there_is_is_listed() -> None:
    require("a", ["a", "b"], "letter")
    with pytest.raises(UnknownName) as refused:
        require("xyz", ["a", "b"], "letter")
    assert str(refused.value) == "there is no letter 'xyz'; there are: a, b"
    with pytest.raises(UnknownName) as refused:
        require("xyz", [], "letter")
    assert str(refused.value) == "there is no letter 'xyz'; there are: none"
    with pytest.raises(UnknownName) as refused:
        require("alpha", ["alpah", "beta", "alphb", "alphc", "alphd"], "letter")
    assert str(refused.value) == ("there is no letter 'alpha'; did you mean alphd, alphc, alphb?")


def test_a_file_and_a_folder_give_their_claims(tmp_path: Path) -> None:
    file = tmp_path / "true.py"
    file.write_text(TRUE)
    (tmp_path / "broken.py").write_text("1 / 0")
    (tmp_path / "exits.py").write_text("import sys\nsys.exit(3)")
    (tmp_path / "notes.txt").write_text("no claims")
    (name,) = named(load_from(file))
    loaded = load_from(tmp_path)
    assert named(loaded) == [name]
    broken, exits = (str(tmp_path / each) for each in ("broken.py", "exits.py"))
    assert set(loaded.failures) == {broken, exits}
    assert loaded.failures[broken].startswith(
        f"{broken} does not import: ZeroDivisionError: division by zero ({broken}:1)"
    )


def test_a_path_where_nothing_is_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"^--claims-from .*none\.py: there is no such file or folder$"
    ):
        load_from(tmp_path / "none.py")
    with pytest.raises(
        FileNotFoundError, match=r"^--claims-from \S+: the folder holds no Python file$"
    ):
        load_from(tmp_path)
