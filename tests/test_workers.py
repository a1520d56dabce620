"""How the tests are shared out: what a group of tests starts, such as a file's server and page, is started once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GROUP = """
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("{name}")


@pytest.mark.parametrize("number", range(4))
def test_one(number):
    Path("{name}", os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_the_tests_of_a_group_run_on_one_worker(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / f"test_{name}.py").write_text(GROUP.format(name=name), encoding="utf-8")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    options = ["-q", "-n", "2", "--dist", "loadgroup", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=tmp_path, env=outside, check=True)
    assert [len(list((tmp_path / name).iterdir())) for name in ("first", "second")] == [1, 1]
