"""Who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = {path.stem: path for path in (ROOT / "shared").glob("*.py") if path.stem != "__init__"}
HANDLERS = {path.stem: path for path in (ROOT / "handlers").glob("*.py") if path.stem != "__init__"}

# A core module, and what of shared/ it may build on.
CORE = {
    "errors": set(),
    "retry": set(),
    "status": set(),
    "field": {"errors"},
    "violation": {"errors", "field"},
    "policy": {"errors", "violation"},
    "query": {"policy", "violation"},
    "lifecycle": {"errors", "violation"},
    "burst": {"violation", "lifecycle"},
    "rich_text": set(),
    "summary": {"errors", "violation"},
    "summary_json": {"summary", "errors", "violation"},
    "violation_json": {"violation"},
    "comparison": {"status", "violation"},
    "digest_memory": {"violation", "violation_json"},
    "wording": {"errors", "status", "violation"},
    "report": {"violation", "wording"},
    "blocks": {"errors", "violation", "policy", "lifecycle", "burst", "wording", "report", "rich_text"},
    "trend_blocks": {"summary", "wording", "rich_text"},
    "ranking_blocks": {"summary", "wording", "rich_text", "blocks"},
    "digest_blocks": {
        *("summary", "errors", "violation", "wording", "rich_text", "blocks", "ranking_blocks", "trend_blocks"),
    },
    "burst_blocks": {"violation", "lifecycle", "burst", "wording", "rich_text", "blocks"},
}
SHELL = SHARED.keys() - CORE.keys() - {"app"}
COMMON = {"item"}  # what several of the shell may build on: one table, one way to write items
WORLD = {"aws_lambda_powertools", "boto3", "botocore", "logging", "os", "slack_sdk", "socket", "time", "urllib.request"}
LIBRARIES = {"aws_lambda_powertools", "boto3", "slack_sdk"}


def imports(path: Path) -> set[str]:
    """Every module a file imports, packages included: {"urllib", "urllib.parse", "shared", "shared.errors", …}."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name[:end] for name in found for end, dot in enumerate(name + ".") if dot == "."}


def shared_imports(path: Path) -> set[str]:
    return {name for name in SHARED if f"shared.{name}" in imports(path)}


@pytest.mark.parametrize("name", sorted(CORE))
def test_a_core_module_builds_on_the_core_alone(name: str) -> None:
    assert shared_imports(SHARED[name]) <= CORE[name]
    assert not imports(SHARED[name]) & WORLD


@pytest.mark.parametrize("name", sorted(CORE))
def test_a_core_module_reads_no_clock(name: str) -> None:
    tree = ast.parse(SHARED[name].read_text(encoding="utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"now", "utcnow", "today"}


@pytest.mark.parametrize("name", sorted(SHELL))
def test_a_shell_module_builds_on_the_core_and_one_library(name: str) -> None:
    assert shared_imports(SHARED[name]) <= CORE.keys() | COMMON
    assert len(imports(SHARED[name]) & LIBRARIES) <= 1


@pytest.mark.parametrize("name", sorted(SHARED))
def test_a_shared_module_imports_neither_handlers_nor_tools(name: str) -> None:
    assert not imports(SHARED[name]) & {"handlers", "local", "tests"}


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_a_handler_imports_no_tools(name: str) -> None:
    assert not imports(HANDLERS[name]) & {"local", "tests", "boto3", "botocore", "slack_sdk", "os"}


def test_only_the_app_knows_the_environment_and_makes_clients() -> None:
    modules = SHARED | HANDLERS
    assert {name for name, path in modules.items() if "os" in imports(path)} == {"app"}
    assert {name for name, path in modules.items() if ".client(" in path.read_text(encoding="utf-8")} == {"app"}


def test_only_handlers_log() -> None:
    loggers = {name for name, path in SHARED.items() if imports(path) & {"logging", "aws_lambda_powertools.Logger"}}
    assert loggers == {"telemetry"}
    assert {name for name, path in SHARED.items() if ".log." in path.read_text(encoding="utf-8")} == set()


def test_importing_everything_that_ships_needs_no_setting() -> None:
    names = [f"shared.{name}" for name in sorted(SHARED)] + [f"handlers.{name}" for name in sorted(HANDLERS)]
    command = [sys.executable, "-c", f"import {', '.join(names)}"]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True)  # noqa: S603 - names are ours
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
