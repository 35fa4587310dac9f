"""What is installed: exact versions with their hashes, within the ranges that pyproject.toml gives."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SHIPPED, EVERYTHING, INSTALLER = "requirements.txt", "requirements-dev.txt", "requirements-uv.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEPENDENCIES = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
WITH_DEMO = f"{PROJECT['project']['name']}[demo]"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

each_file = pytest.mark.parametrize("name", [SHIPPED, EVERYTHING, INSTALLER])


def entries(name: str) -> list[str]:
    """The requirements of a file, each with its hashes on one line."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if not line.startswith("#")]


def versions(name: str) -> dict[str, set[str]]:
    """The versions of each package: more than one if they differ between Pythons."""
    found: dict[str, set[str]] = {}
    for entry in entries(name):
        requirement = Requirement(entry.partition(" --hash")[0])
        [pin] = requirement.specifier
        assert pin.operator == "=="
        found.setdefault(canonicalize_name(requirement.name), set()).add(pin.version)
    return found


@each_file
def test_every_package_has_one_version_and_hashes_and_comes_from_no_address(name: str) -> None:
    assert versions(name)
    for entry in entries(name):
        assert HASH.search(entry), entry
        assert "@" not in entry
        assert set(re.findall(r"--\w+", entry)) == {"--hash"}, entry


@pytest.mark.parametrize("wanted", [*DEPENDENCIES, *EXTRAS["demo"], *EXTRAS["dev"][1:]])
def test_the_locked_version_is_in_the_range_of_the_project(wanted: str) -> None:
    requirement = Requirement(wanted)
    locked = versions(EVERYTHING).get(canonicalize_name(requirement.name))
    assert locked, "run `make lock`"
    assert all(requirement.specifier.contains(version) for version in locked), "run `make lock`"


def test_whoever_works_on_it_has_the_demo() -> None:
    assert EXTRAS["dev"][0] == WITH_DEMO


@pytest.mark.parametrize("name", [SHIPPED, INSTALLER])
def test_what_ships_and_what_installs_is_what_is_tested(name: str) -> None:
    everything = versions(EVERYTHING)
    assert {package: everything.get(package) for package in versions(name)} == versions(name)


def test_what_ships_is_named_among_the_dependencies() -> None:
    shipped = {canonicalize_name(name) for name in PROJECT["dependency-groups"]["artifact"]}
    assert shipped <= {canonicalize_name(Requirement(wanted).name) for wanted in DEPENDENCIES}
    assert shipped <= versions(SHIPPED).keys()
