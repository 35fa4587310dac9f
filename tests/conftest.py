"""What takes long to start, once for all tests that need it: the built template, a local AWS, and one to which the
template is deployed."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from botocore import useragent
from botocore.loaders import JSONFileLoader

import local.demo
from local.demo import Demo, local_stack
from local.stack.aws import LocalAws, local_aws
from local.stack.deployment import build
from tests import skipped
from tests.progress import Progress
from tests.unit.wild import EXHAUSTIVE

# What the commands print is tested in English, whatever language the machine speaks; a test of Japanese says so.
os.environ["MESSAGE_LANGUAGE"] = "en"

BUILD_TOOLS = ("cp", "find", "make", "rm", "sh", "touch")

# What stays in one process of pytest-xdist, for the servers that it shares take long to start. All else goes by file.
# The longest first: what they wait for leaves the cores to others.
TOGETHER = {"tests/e2e": "demo", "tests/browser": "demo", "tests/faults": "ground", "tests/integration": "aws"}
NEED_NO_SERVER = (
    "tests/e2e/test_build.py",
    "tests/e2e/test_commands.py",
    "tests/e2e/test_artifact.py",
    "tests/integration/test_spreadsheet.py",
)

DeployedStack = Callable[..., AbstractContextManager[Demo]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling  # here, for pytest runs without xdist, too

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _queue(nodeid)

    return Scheduling(config, log)


def _queue(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return file if file in NEED_NO_SERVER else TOGETHER.get(folder, file)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is for `make faults` alone is left out elsewhere. The longest queues begin first, and what needs no server
    fills up what they leave."""
    if not EXHAUSTIVE:
        left_out = [item for item in items if item.get_closest_marker("exhaustive")]
        items[:] = [item for item in items if not item.get_closest_marker("exhaustive")]
        config.hook.pytest_deselected(items=left_out)
    queues = list(dict.fromkeys(TOGETHER.values()))
    items.sort(key=lambda item: queues.index(queue) if (queue := _queue(item.nodeid)) in queues else len(queues))


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(lambda line: _terminal(config).write_line(line)))


def _terminal(config: pytest.Config) -> pytest.TerminalReporter:
    reporter = config.pluginmanager.get_plugin("terminalreporter")  # which comes later than this file
    assert isinstance(reporter, pytest.TerminalReporter)
    return reporter


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if told := skipped.sentence(reasons):
        terminalreporter.write_line(told, yellow=True)


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with what a build needs besides .venv, and no other Python."""
    folder = tmp_path_factory.mktemp("tools")
    for name in BUILD_TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.fixture(scope="session", autouse=True)
def do_once_what_every_client_repeats() -> Iterator[None]:
    """Many tests make clients of their own, which is half of their time without this; and every call of a client
    spells its User-Agent twice, letter by letter."""
    sanitize = "sanitize_user_agent_string_component"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", staticmethod(lru_cache(JSONFileLoader().load_file)))
        patch.setattr(useragent, sanitize, lru_cache(getattr(useragent, sanitize)))
        yield


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("aws") / "aws.log") as aws:
        yield aws


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory, tools: Path) -> Path:
    """What `sam build` makes of the template, once a run, by whichever of its processes asks first."""
    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = common / "artifacts"
    with (common / "artifacts.lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            patch.setenv("PATH", str(tools))
            build(common / "unfinished")
            (common / "unfinished").rename(folder)
    return folder


@pytest.fixture(scope="session")
def deployed_stack(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> DeployedStack:
    """`local_stack` of what was built, under a name and in a folder of its own: a demo may run on this machine too."""

    @contextmanager
    def deployed(name: str, **arguments: Any) -> Iterator[Demo]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(local.demo, "STACK_NAME", name)
            patch.setattr(local.demo, "DEMO_STATE", tmp_path_factory.mktemp(name) / "stack.json")
            patch.setattr(local.demo, "build", lambda folder: folder.symlink_to(artifacts))
            patch.setenv("SOMEBODYS_TOKEN", "nothing for the functions")
            with local_stack(**arguments) as demo:
                yield demo

    return deployed


@pytest.fixture(scope="session")
def demo(deployed_stack: DeployedStack) -> Iterator[Demo]:
    # All tests together announce more than the usual 20 within five minutes; one of storms lowers the limit.
    with deployed_stack("shirase-test", BurstLimit="200") as demo:
        yield demo
