"""Which folder the tools work on."""

from pathlib import Path

import pytest

from local import root
from local.errors import InputError
from local.root import find_root


def clone(folder: Path) -> Path:
    for name in ("events", "handlers"):
        (folder / name).mkdir(parents=True)
    for name in ("template.yaml", "handlers/alert.py"):
        (folder / name).touch()
    return folder


def test_a_tool_in_a_clone_works_on_it_wherever_it_is_called(tmp_path: Path) -> None:
    mine, yours = clone(tmp_path / "mine"), clone(tmp_path / "yours")
    assert find_root(mine, yours) == mine


def test_an_installed_tool_works_on_the_clone_it_is_called_in(tmp_path: Path) -> None:
    mine = clone(tmp_path / "mine")
    assert find_root(tmp_path / "site-packages", mine) == mine
    assert find_root(tmp_path / "site-packages", mine / "events") == mine


def test_another_project_of_sam_is_not_taken_for_a_clone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "events").mkdir(parents=True)
    (other / "template.yaml").touch()
    assert find_root(tmp_path / "site-packages", other / "events") == other / "events"


def test_an_installed_tool_outside_a_clone_works_on_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_root(tmp_path / "site-packages", tmp_path) == tmp_path
    monkeypatch.setattr(root, "ROOT", tmp_path)
    with pytest.raises(InputError, match=r"is not in a clone of shirase.*change to one and run it there\.$"):
        root.require_clone()


def test_a_tool_in_a_clone_finds_what_it_requires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root, "ROOT", clone(tmp_path))
    root.require_clone()
