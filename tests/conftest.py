"""What takes long to start, once for all tests that need it: a local AWS, and one with the real template deployed."""

import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader

import local.demo
from local.demo import Demo, local_stack
from local.stack.aws import LocalAws, local_aws

BUILD_TOOLS = ("cp", "find", "make", "rm", "sh", "touch")


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with what a build needs besides .venv, and no other Python."""
    folder = tmp_path_factory.mktemp("tools")
    for name in BUILD_TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.fixture(scope="session", autouse=True)
def read_service_models_once() -> Iterator[None]:
    """Many tests make clients of their own, which is half of their time without this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", staticmethod(lru_cache(JSONFileLoader().load_file)))
        yield


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("aws") / "aws.log") as aws:
        yield aws


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
