"""What may be given to make: a slip of the pen is told, not ignored."""

import re
import subprocess

import pytest

from local.root import ROOT

TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607


@pytest.mark.parametrize("target", TARGETS)
def test_a_variable_that_a_target_does_not_take_is_refused_by_its_name(target: str) -> None:
    done = make(target, "FILE=x.json")
    assert done.returncode == 2
    assert f"make {target} takes no FILE, but " in done.stderr
    assert done.stdout == ""


def test_the_refusal_names_what_is_taken() -> None:
    assert "takes no FILE, but ALL EVENT STACK YES." in make("replay", "FILE=x.json").stderr
    assert "make redrive takes no EVENT, but " in make("redrive", "STACK=shirase", "EVENT=x").stderr


@pytest.mark.parametrize("target", TARGETS)
def test_every_variable_that_the_list_of_commands_names_is_taken(target: str) -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    [line] = [line for line in told.stdout.splitlines() if line.split()[:1] == [target]]
    named = [f"{name}=1" for name in re.findall(r"\b([A-Z]{2,})=", line)]
    assert make(target, *named, "PYTHON=python3").returncode == 0
