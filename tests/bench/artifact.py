"""The alert function as it is deployed: the artifact that `sam build` makes, on Lambda's Python, beside its boto3."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).parents[2]
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")  # with all that it needs


def build(folder: Path, *, bytecode: bool = True) -> Path:
    """Make the artifact in a folder, as the Makefile does for SAM; it ships bytecode where it finds Lambda's Python."""
    folder.mkdir()
    _make("build-AlertFunction", f"ARTIFACTS_DIR={folder}")
    if not bytecode:
        for cache in list(folder.rglob("__pycache__")):
            shutil.rmtree(cache)
    return folder


def zipped(folder: Path) -> list[ZipInfo]:
    """The files of an artifact as the zip that is uploaded holds them."""
    with ZipFile(BytesIO(), "w", ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
        return archive.infolist()


def lambda_python() -> str:
    """The Python that the template names, where this machine has it; else the one that runs this."""
    return _make("lambda-python") or sys.executable


def lambda_runtime(folder: Path, python: str) -> Path:
    """A folder with boto3 and what it needs, and their bytecode for `python`: what Lambda has at hand by itself."""
    folder.mkdir()
    for path in map(_module_path, BOTO3):
        (folder / path.name).symlink_to(path)
    modules = [str(path) for path in folder.iterdir()]
    subprocess.run([python, "-m", "compileall", "-q", "-r", "20", *modules], check=True)
    return folder


def _make(*arguments: str) -> str:
    command = ["make", "--silent", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stderr}")
    return result.stdout.strip()


def _module_path(name: str) -> Path:
    spec = find_spec(name)
    assert spec
    origin = Path(str(spec.origin))
    return origin.parent if origin.name == "__init__.py" else origin


def environment(*folders: Path) -> dict[str, str]:
    """Lambda's environment for a Python that finds modules in these folders alone (and needs the option -S)."""
    return {
        **os.environ,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
