"""When the page is built anew, and that a failure leaves nothing that looks complete."""

import os
from pathlib import Path
from typing import Any

import pytest

import local.node
from local.page_build import build_page
from local.step import StepError


class Npm:
    """Stands in for npm: makes its folders, notes what it was asked for, and fails once if told to."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self.calls: list[str] = []
        self.fails_at = ""

    def __call__(self, _name: str, command: list[str], **_: Any) -> None:
        self.calls.append(command[1])
        (self.page / {"ci": "node_modules", "run": "dist"}[command[1]]).mkdir(exist_ok=True)
        if command[1] == self.fails_at:
            self.fails_at = ""
            raise StepError("failed")

    def asked_for(self) -> list[str]:
        """What building the page now asks for."""
        self.calls.clear()
        build_page(self.page)
        return self.calls


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    for name in ("src", "public"):
        (tmp_path / name).mkdir()
    for name in ("package.json", "package-lock.json", "index.html", "vite.config.ts", "tsconfig.json", "src/main.tsx"):
        (tmp_path / name).touch()
    for path in tmp_path.rglob("*"):
        os.utime(path, (0, 0))
    npm = Npm(tmp_path)
    monkeypatch.setattr(local.node, "run_step", npm)
    return npm


def change(path: Path) -> None:
    path.touch()
    later = path.stat().st_mtime + 1  # than anything that was built in this second
    os.utime(path, (later, later))


def test_what_is_built_is_not_built_again(npm: Npm) -> None:
    assert npm.asked_for() == ["ci", "run"]
    assert npm.asked_for() == []


def test_a_changed_source_builds(npm: Npm) -> None:
    npm.asked_for()
    change(npm.page / "src" / "main.tsx")
    assert npm.asked_for() == ["run"]


def test_a_removed_source_builds(npm: Npm) -> None:
    npm.asked_for()
    (npm.page / "src" / "main.tsx").unlink()
    change(npm.page / "src")
    assert npm.asked_for() == ["run"]


def test_changed_packages_are_installed_and_the_page_built_with_them(npm: Npm) -> None:
    npm.asked_for()
    change(npm.page / "package-lock.json")
    assert npm.asked_for() == ["ci", "run"]


@pytest.mark.parametrize(("failing", "left"), [("ci", ["ci", "run"]), ("run", ["run"])])
def test_after_a_failure_the_next_time_goes_on_with_what_failed(npm: Npm, failing: str, left: list[str]) -> None:
    npm.fails_at = failing
    with pytest.raises(StepError):
        build_page(npm.page)
    assert npm.asked_for() == left
    assert npm.asked_for() == []
