"""Who may import whom: one direction, over the whole tree."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("shared", "handlers", "local", "tests")

# From left to right; what stands left never imports what stands right. Those with a bar between them never meet.
ORDER = """
    text → errors message retry telemetry → finding → policy → alert | digest → view | aws | slack → config → pipeline
    → app → handlers → local → tests
"""
STEPS = [step.split("|") for step in ORDER.split("→")]
POSITION = {name: place for place, step in enumerate(STEPS) for side in step for name in side.split()}
SIDE = {name: side.strip() for step in STEPS for side in step for name in side.split()}

CORE = ("finding", "policy", "alert", "digest", "view")  # no library but Python's own, no clock, no log, no environment
WORLD = {"aws_lambda_powertools", "boto3", "botocore", "logging", "os", "slack_sdk", "socket", "time", "urllib.request"}
LIBRARIES = {"aws_lambda_powertools", "boto3", "slack_sdk"}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    _module(path): path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "node_modules" not in path.parts
}
SHIPPED = {name: path for name, path in MODULES.items() if name.split(".")[0] in {"shared", "handlers"}}


def room_of(module: str) -> str:
    """The room that ORDER names: the part of shared/ that a module is in, else its top folder."""
    top, _, rest = module.partition(".")
    return rest.split(".")[0] if top == "shared" and rest else top


def in_rooms(*rooms: str) -> list[str]:
    return [name for name in SHIPPED if room_of(name) in rooms and name != "shared"]


@cache
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


def own_imports(module: str) -> set[str]:
    """The modules of this project that a module imports."""
    return (imports(MODULES[module]) & MODULES.keys()) - {module, *ROOMS}


def test_the_order_names_every_room_and_no_other() -> None:
    rooms = {room_of(name) for name in MODULES if name != "shared"}
    assert rooms <= POSITION.keys()
    assert all(
        (ROOT / "shared" / name).exists() or (ROOT / "shared" / f"{name}.py").exists() or (ROOT / name).is_dir()
        for name in POSITION
    )


def test_nothing_imports_what_stands_right_of_it_or_beside_it() -> None:
    assert [(module, other) for module in MODULES for other in own_imports(module) if is_against(module, other)] == []


def is_against(module: str, other: str) -> bool:
    """Whether the order forbids a module to import another."""
    room, beside = room_of(module), room_of(other)
    return POSITION[beside] > POSITION[room] or (POSITION[beside] == POSITION[room] and SIDE[beside] != SIDE[room])


def test_no_module_of_what_ships_is_part_of_a_circle() -> None:
    below = {name: own_imports(name) for name in SHIPPED}
    while bottom := [name for name, needed in below.items() if not needed & below.keys()]:
        for name in bottom:
            del below[name]
    assert below == {}


def test_the_core_knows_no_world() -> None:
    core = in_rooms(*CORE)
    assert core
    assert {name: known for name in core if (known := imports(MODULES[name]) & WORLD)} == {}
    assert {name: clocks for name in core if (clocks := attributes(name) & {"now", "utcnow", "today"})} == {}


def test_an_adapter_knows_one_library() -> None:
    adapters = in_rooms("aws", "slack", "telemetry")
    assert adapters
    assert {name: known for name in adapters if len(known := imports(MODULES[name]) & LIBRARIES) > 1} == {}


def test_a_story_is_told_without_libraries() -> None:
    stories, forbidden = in_rooms("handlers", "pipeline"), {*LIBRARIES, "botocore", "os", "logging"}
    assert stories
    assert {name: known for name in stories if (known := imports(MODULES[name]) & forbidden)} == {}


def test_only_the_app_knows_the_environment_and_makes_clients() -> None:
    assert {name for name, path in SHIPPED.items() if "os" in imports(path)} == {"shared.app"}
    assert {name for name, path in SHIPPED.items() if ".client(" in path.read_text(encoding="utf-8")} == {"shared.app"}


def test_only_pipelines_and_handlers_log() -> None:
    loggers = {name for name, path in SHIPPED.items() if imports(path) & {"logging", "aws_lambda_powertools.Logger"}}
    assert loggers == {"shared.telemetry"}
    logging = {room_of(name) for name, path in SHIPPED.items() if ".log." in path.read_text(encoding="utf-8")}
    assert logging <= {"handlers", "pipeline"}


def test_packages_are_empty() -> None:
    packages = [path for path in MODULES.values() if path.name == "__init__.py"]
    assert packages
    assert [path for path in packages if path.read_text(encoding="utf-8")] == []


def test_importing_everything_that_ships_needs_no_setting() -> None:
    command = [sys.executable, "-c", f"import {', '.join(sorted(SHIPPED))}"]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def attributes(module: str) -> set[str]:
    """Every attribute that a module's code looks up."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
