"""The real template, built and deployed on a local AWS that enforces IAM, once for all tests that need it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import local.demo
from local.demo import Demo, local_stack

BUILD_TOOLS = ("cp", "find", "make", "rm", "sh", "touch")


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with what a build needs besides .venv, and no other Python."""
    folder = tmp_path_factory.mktemp("tools")
    for name in BUILD_TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, tools: Path) -> Iterator[Demo]:
    with pytest.MonkeyPatch.context() as patch:
        # A name and a folder of its own: a demo may run on this machine meanwhile.
        patch.setattr(local.demo, "STACK_NAME", "shirase-test")
        patch.setattr(local.demo, "DEMO_STATE", tmp_path_factory.mktemp("demo") / "stack.json")
        patch.setenv("PATH", str(tools))
        # All tests together announce more than the usual 20 within five minutes; one of storms lowers the limit.
        with local_stack(BurstLimit="200") as demo:
            yield demo
