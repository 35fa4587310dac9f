"""No module of the tools, or of their page, takes part in an import circle, be it for a type or inside a function."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "local" / "page"
INSTALLED = "node_modules"  # packages from npm, some of which have Python within
RELATIVE_IMPORT = re.compile(r'\b(?:from|import)\s*\(?\s*"(\.{1,2}/[^"]+)"')

Graph = dict[str, set[str]]


def python_graph(root: Path, package: str) -> Graph:
    """Which modules of a package each of them imports."""
    paths = [path for path in (root / package).rglob("*.py") if INSTALLED not in path.parts]
    modules = {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}
    return {name: python_imports(path) & modules.keys() for name, path in modules.items()}


def python_imports(path: Path) -> set[str]:
    """Every name a file imports, and what it is imported from."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def page_graph(source: Path) -> Graph:
    """Which modules each TypeScript module imports, by their paths without ending; style sheets are none."""
    modules = {path.with_suffix(""): path for path in source.rglob("*.ts*")}
    graph = {
        str(module): {str((path.parent / name).resolve()) for name in relative_imports(path)}
        for module, path in modules.items()
    }
    unknown = {name for imported in graph.values() for name in imported} - graph.keys()
    assert unknown == set(), f"imported, but nowhere to be found: {unknown}"
    return graph


def relative_imports(path: Path) -> set[str]:
    return {name for name in RELATIVE_IMPORT.findall(path.read_text(encoding="utf-8")) if not name.endswith(".css")}


def circle(graph: Graph) -> list[str]:
    """A circle in a graph, its first name repeated at the end; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_the_tools_import_each_other_in_no_circle() -> None:
    graph = python_graph(ROOT, "local")
    assert "local.slack.workspace" in graph["local.slack.http"]
    assert circle(graph) == []


def test_the_page_imports_in_no_circle() -> None:
    graph = page_graph(PAGE / "src")
    assert str(PAGE / "src" / "App") in graph[str(PAGE / "src" / "main")]
    assert circle(graph) == []


@pytest.mark.parametrize(
    "back",
    [
        "from package.one import name",
        "from package import one",
        "import package.one",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from package.one import name",
        "def late():\n    from package.one import name",
    ],
)
def test_a_circle_of_python_modules_is_seen(tmp_path: Path, back: str) -> None:
    package = tmp_path / "package"
    (package / "deep").mkdir(parents=True)
    (package / "one.py").write_text("from package.deep.two import name", encoding="utf-8")
    (package / "deep" / "two.py").write_text(back, encoding="utf-8")
    assert set(circle(python_graph(tmp_path, "package"))) == {"package.one", "package.deep.two"}


@pytest.mark.parametrize(
    "back",
    [
        'import { one } from "../one";',
        'import type {\n  One,\n} from "../one";',
        'import "../one";',
        'export * from "../one";',
        'const late = import("../one");',
    ],
)
def test_a_circle_of_the_page_is_seen(tmp_path: Path, back: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "one.ts").write_text('import { two } from "./deep/two";\nimport "./style.css";', encoding="utf-8")
    (tmp_path / "deep" / "two.tsx").write_text(back, encoding="utf-8")
    assert {Path(name).name for name in circle(page_graph(tmp_path))} == {"one", "two"}
