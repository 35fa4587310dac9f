"""What is deployed: what the build makes, and that it makes it alike everywhere."""

import filecmp
import hashlib
import io
import marshal
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import cache_from_source, find_spec, source_hash
from pathlib import Path

import pytest

from local.root import ROOT
from tests.bench.artifact import zipped as packed

FUNCTIONS = ("AlertFunction", "DigestFunction", "SweepFunction")
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")  # with all that it needs
LAMBDA_PYTHON = "cpython-313"
MOST_ZIP_BYTES = 5_000_000


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_artifact_holds_only_what_runs(artifacts: Path, function: str) -> None:
    folder = artifacts / function
    names = {path.name for path in folder.iterdir()}
    assert {"handlers", "shared", "slack_sdk", "aws_lambda_powertools"} <= names
    assert not names & {
        "tests",
        "local",
        "events",
        ".venv",
        "bin",
        "boto3",
        "botocore",
        "Makefile",
        "template.yaml",
        "node_modules",
        "docs",
    }
    assert [path for path in folder.rglob("*") if path.suffix in {".dist-info", ".so"}] == []
    strangers = [path for path in folder.rglob("*.pyc") if not path.name.endswith(f".{LAMBDA_PYTHON}.pyc")]
    assert strangers == []


def test_the_artifact_stays_small(artifacts: Path) -> None:
    assert sum(entry.compress_size for entry in packed(artifacts / "AlertFunction")) <= MOST_ZIP_BYTES


@pytest.mark.parametrize("module", ["handlers.alert", "handlers.digest"])
def test_the_artifact_needs_nothing_but_boto3_beside_it(artifacts: Path, tmp_path: Path, module: str) -> None:
    for path in map(module_path, BOTO3):
        (tmp_path / path.name).symlink_to(path)
    artifact = artifacts / "AlertFunction"
    code = f"""
import sys
sys.path[:0] = [{str(artifact)!r}, {str(tmp_path)!r}]
import {module}, slack_sdk, aws_lambda_powertools
print({module}.__file__, slack_sdk.__file__, aws_lambda_powertools.__file__, sep="\\n")
"""
    command = [sys.executable, "-I", "-S", "-B", "-c", code]  # neither PYTHONPATH, nor this folder, nor site-packages
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert all(Path(line).is_relative_to(artifact) for line in result.stdout.splitlines())


def module_path(name: str) -> Path:
    """The folder of a package, or the file of a module."""
    spec = find_spec(name)
    assert spec
    origin = Path(str(spec.origin))
    return origin.parent if origin.name == "__init__.py" else origin


def test_every_build_has_the_same_bytes_and_needs_no_other_python(tools: Path, artifacts: Path, tmp_path: Path) -> None:
    mine = artifacts / "AlertFunction"
    checkout(ROOT, tmp_path / "yours")
    yours = make(tools, "build-DigestFunction", tmp_path / "yours")
    names = sorted(str(path.relative_to(mine)) for path in mine.rglob("*"))
    assert "handlers/alert.py" in names
    assert names == sorted(str(path.relative_to(yours)) for path in yours.rglob("*"))
    own = [name for name in names if (mine / name).is_file()]
    assert filecmp.cmpfiles(mine, yours, own, shallow=False) == (own, [], [])
    assert zipped(mine) == zipped(yours)


def test_bytecode_is_that_of_the_source_beside_it_as_lambda_would_name_it(tools: Path, tmp_path: Path) -> None:
    # Lambda's Python may not be at hand; this one is, and compiles alike.
    checkout(ROOT, tmp_path / "mine")
    version = ".".join(map(str, sys.version_info[:2]))
    folder = make(tools, "build-AlertFunction", tmp_path / "mine", f"LAMBDA_PYTHON_VERSION={version}")
    compiled = {path.relative_to(folder): path for path in folder.rglob("*.pyc")}
    sources = [path.relative_to(folder) for path in folder.rglob("*.py")]
    assert {Path(cache_from_source(str(source))) for source in sources} == set(compiled)
    for source in (Path("handlers/alert.py"), Path("shared/app.py")):
        content = compiled[Path(cache_from_source(str(source)))].read_bytes()
        # PEP 552: the flags (a hash of the source, not to be checked), then the hash.
        assert content[4:8] == (1).to_bytes(4, "little")
        assert content[8:16] == source_hash((folder / source).read_bytes())
        assert marshal.loads(content[16:]).co_filename == f"/var/task/{source}"  # noqa: S302 - made by our build


def checkout(source: Path, folder: Path) -> None:
    """A copy of what a build reads."""
    for name in ("handlers", "shared"):
        shutil.copytree(source / name, folder / name)
    for name in ("Makefile", "requirements.txt"):
        shutil.copyfile(source / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def make(tools: Path, target: str, source: Path, *settings: str) -> Path:
    """Build as SAM does, with .venv/bin/python and a few tools at hand."""
    artifact = source / "artifact"
    artifact.mkdir()
    command = [str(tools / "make"), target, f"ARTIFACTS_DIR={artifact}", *settings]
    environment = {**os.environ, "PATH": str(tools), "MAKEFLAGS": "w"}  # as within "make demo"
    result = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return artifact


def zipped(folder: Path) -> str:
    """The digest of a zip of a folder, with its files in order and their own times and modes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return hashlib.sha256(content.getvalue()).hexdigest()
