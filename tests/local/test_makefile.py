"""What may be given to make: a slip of the pen is told, not ignored."""

import os
import re
import subprocess

import pytest

from local.root import ROOT

TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


# What `make test` itself hands on.
OF_MAKE_TEST = {"PYTHON", "MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MFLAGS"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OF_MAKE_TEST}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--dry-run", *arguments]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", TARGETS)
def test_a_variable_that_a_target_does_not_take_is_refused_by_its_name(target: str) -> None:
    done = make(target, "FILES=x.json")
    assert done.returncode == 2
    assert f"make {target} takes no FILES, but " in done.stderr
    assert done.stdout == ""


def test_the_refusal_names_what_is_taken() -> None:
    assert "takes no FILE, but ALL EVENT STACK YES." in make("replay", "FILE=x.json").stderr
    assert "make redrive takes no EVENT, but " in make("redrive", "STACK=shirase", "EVENT=x").stderr


@pytest.mark.parametrize("target", TARGETS)
def test_every_variable_that_the_list_of_commands_names_is_taken(target: str) -> None:
    named = set[str]()
    for language in ("en", "ja"):
        environment = {**ENVIRONMENT, "MESSAGE_LANGUAGE": language}
        told = subprocess.run(["make", "help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        [line] = [line for line in told.stdout.splitlines() if line.split()[:1] == [target]]
        named |= {f"{name}=1" for name in re.findall(r"\b([A-Z]{2,})=", line)}
    assert make(target, *named, "PYTHON=python3").returncode == 0


def test_the_refusal_is_japanese_for_whoever_reads_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "MESSAGE_LANGUAGE", "ja")
    assert (
        "make replay に FILE は指定できません。指定できるもの: ALL EVENT STACK YES" in make("replay", "FILE=x").stderr
    )
