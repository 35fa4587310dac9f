"""Which folder the tools work on."""

from pathlib import Path

from local.root import find_root


def clone(folder: Path) -> Path:
    (folder / "events").mkdir(parents=True)
    (folder / "template.yaml").touch()
    return folder


def test_a_tool_in_a_clone_works_on_it_wherever_it_is_called(tmp_path: Path) -> None:
    mine, yours = clone(tmp_path / "mine"), clone(tmp_path / "yours")
    assert find_root(mine, yours) == mine


def test_an_installed_tool_works_on_the_clone_it_is_called_in(tmp_path: Path) -> None:
    mine = clone(tmp_path / "mine")
    assert find_root(tmp_path / "site-packages", mine) == mine
    assert find_root(tmp_path / "site-packages", mine / "events") == mine


def test_an_installed_tool_outside_a_clone_works_on_the_current_folder(tmp_path: Path) -> None:
    assert find_root(tmp_path / "site-packages", tmp_path) == tmp_path
