"""What tests share can say no: a sentence that is not listed, a claim that a file left behind."""

import sys
from pathlib import Path

import pytest

from properties.checking.claim import REGISTRY
from properties.checking.loading import load_from
from tests.forgetting import forgetting_files
from tests.saying import is_said, refusing
from tests.test_collection import TRUE

CITED = "it cites 2, which is no earlier relation"
STEP = "derivation d, step 1 (identity), x = y: refused, "
UNMATCHED = "the lemma chain rule does not match: "


@pytest.mark.parametrize("before", ["", STEP, "derivation d, assumed: refused, "])
def test_a_sentence_is_said_as_a_whole_or_not(before: str) -> None:
    assert is_said(before + CITED)
    assert not is_said(before + CITED + ".")
    assert not is_said(before + CITED.upper())


def test_why_a_lemma_does_not_match_is_a_sentence_too() -> None:
    assert is_said(STEP + UNMATCHED + "c_s could be c_t itself")
    assert not is_said(STEP + UNMATCHED + "c_s could be anything")


def test_a_refusal_in_other_words_is_no_refusal() -> None:
    with refusing(ValueError, match="cites 2"):
        raise ValueError(CITED)
    with pytest.raises(AssertionError), refusing(ValueError, match="cites 2"):
        raise ValueError("it cites 2 somehow")


def test_of_a_file_nothing_is_left(tmp_path: Path) -> None:
    file = tmp_path / "true.py"
    file.write_text(TRUE)
    path = list(sys.path)
    with forgetting_files():
        (claim,) = load_from(file).claims
        assert claim in REGISTRY[claim.name]
        assert claim.module in sys.modules
    assert claim not in REGISTRY[claim.name]
    assert claim.module not in sys.modules
    assert sys.path == path
