"""Taking a feature out: what counts as red, and what a mutation that fits no more says."""

from pathlib import Path

import pytest

from mm_pipeline_tests.peers import copy_of_tree
from mm_pipeline_tests.peers.copy_of_tree import CopyOfTree
from mm_pipeline_tests.peers.mutation import Mutation

MODULE = "def beds() -> int:\n    return 3\n"
TEST = "from garden import beds\n\n\ndef test_beds() -> None:\n    assert beds() == 3\n"


def mutation(old: str, new: str) -> Mutation:
    return Mutation(row="1", file="garden.py", old=old, new=new, test="test_garden.py::test_beds")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CopyOfTree:
    """A copy of a tree of one module and its test."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "garden.py").write_text(MODULE)
    (source / "test_garden.py").write_text(TEST)
    monkeypatch.setattr(copy_of_tree, "ROOT", source)
    return CopyOfTree(tmp_path)


def test_a_feature_that_is_missed_is_red_and_stays_in_the_checkout(tree: CopyOfTree, tmp_path: Path) -> None:
    outcome = tree.run_without(mutation("return 3", "return 2"))
    assert outcome.is_red
    assert (tmp_path / "source" / "garden.py").read_text() == MODULE
    assert tree.run("test_garden.py").code == 0


def test_a_change_that_nobody_misses_is_not_red(tree: CopyOfTree) -> None:
    assert not tree.run_without(mutation("return 3", "return 1 + 2")).is_red


def test_a_tree_that_does_not_even_import_is_not_red(tree: CopyOfTree) -> None:
    outcome = tree.run_without(mutation("return 3", "return ("))
    assert outcome.code > 1
    assert not outcome.is_red


def test_a_text_that_is_not_there_once_is_refused(tree: CopyOfTree) -> None:
    with pytest.raises(ValueError, match="stands 0 times"):
        tree.run_without(mutation("return 4", ""))
    with pytest.raises(ValueError, match="stands 2 times"):
        mutation("e", "").applied("eel")
