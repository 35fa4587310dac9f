"""What whoever runs every test sees of their progress."""

import os
import re
import subprocess
import sys
from pathlib import Path

from local.root import ROOT

CONFTEST = """
from tests.progress import Progress

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        reporter = lambda: config.pluginmanager.get_plugin("terminalreporter")
        config.pluginmanager.register(Progress(lambda line: reporter().write_line(line)))
"""


def test_a_run_says_how_many_tests_there_are_and_names_each_file_as_it_ends(tmp_path: Path) -> None:
    (tmp_path / "test_first.py").write_text("def test_a():\n    pass\n\ndef test_b():\n    pass\n", encoding="utf-8")
    (tmp_path / "test_second.py").write_text("def test_c():\n    assert False\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--numprocesses", "1", "-p", "no:cacheprovider", "-c", os.devnull, "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert "3 tests in 2 files" in lines
    assert re.search(r"^ +[23] of 3  test_first\.py$", done.stdout, re.MULTILINE)
    assert "FAILED test_second.py::test_c" in lines
    assert re.search(r"^ +[13] of 3  test_second\.py, 1 failed$", done.stdout, re.MULTILINE)
    assert re.search(r"1 failed, 2 passed", lines[-1])
