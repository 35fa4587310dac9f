"""What is installed without the extra `demo` is enough for a pipeline."""

import json
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.check.engines import install_engines
from tests.book import ROOT

DEPENDENCIES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
# Everything that is run without a local AWS. Some of them import only once they run.
COMMANDS = """
import pkgutil
from local import check, digest, forget, redrive, replay, routes
for room in (check, forget, redrive, routes):
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        __import__(module.name)
from local.stack import lookup
"""
# Of SAM's own types, which the transform is installed for, and judged by an engine of each kind.
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Old:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.8, Handler: app.handler, CodeUri: s3://bucket/key}
  Anybodys: {Type: "AWS::EFS::AccessPoint", Properties: {FileSystemId: fs-1}}
"""


@cache
def _left_out() -> dict[str, None]:
    """The modules of all packages that are installed here and would not be without extras, as `sys.modules` holds
    those that can't be imported."""
    kept = {"shirase"}
    waiting = [(Requirement(text), "") for text in DEPENDENCIES]
    seen = set()
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        kept.add(canonicalize_name(wanted.name))
        for each in ("", *wanted.extras):
            if (key := (canonicalize_name(wanted.name), each)) not in seen:
                seen.add(key)
                waiting += [(Requirement(text), each) for text in requires(wanted.name) or []]
    owners = packages_distributions()
    return {name: None for name, by in owners.items() if kept.isdisjoint(map(canonicalize_name, by))}


def run_without_extra(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code where the packages of no extra can be imported."""
    start = f"import json, sys; sys.modules.update(json.loads({json.dumps(json.dumps(_left_out()))}))\n"
    command = [sys.executable, "-c", start + code, *arguments]
    return subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)


def test_the_extra_is_told_from_the_rest() -> None:
    assert {"ministack", "samcli", "starlette", "trustme", "uvicorn", "pytest"} <= _left_out().keys()
    assert {"local", "shared", "boto3", "awscrt", "samtranslator", "yaml"}.isdisjoint(_left_out())


def test_what_works_with_a_deployed_stack_imports_nothing_of_the_extra() -> None:
    done = run_without_extra(COMMANDS)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_template_is_checked_without_the_extra(tmp_path: Path) -> None:
    install_engines()
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE, encoding="utf-8")
    done = run_without_extra(
        "from local.cli import main; sys.exit(main())", "check", str(template), "--controls", "EFS.4,Lambda.2"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 violations (2 MEDIUM)" in done.stdout


def test_what_needs_the_extra_says_how_to_install_it() -> None:
    commands = [["demo"], ["replay"], ["digest"], ["digest", "--account"]]
    each = f"for sys.argv[1:] in {commands}: print(main())"
    done = run_without_extra(f"from local.cli import main\n{each}")
    assert done.stdout.split() == ["2"] * len(commands)
    told = done.stderr.splitlines()
    assert len(told) == len(commands)
    assert set(told) == {
        "✗ This command needs a local AWS, which isn't installed: in a clone of shirase type make setup, or "
        "pipx install --force '.[demo]'."
    }
