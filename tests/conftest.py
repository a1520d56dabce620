"""What every test rests on."""

from __future__ import annotations

import os
from collections.abc import Callable

# before numpy and the runtime are imported: tests fork jobs, which needs a process without threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import pytest
from hypothesis import settings

# what other files than tests claim tells what it saw, too
CLAIM = ("browser", "inspectors", "laws", "outputs", "page_tests", "proofs", "real_server", "system", "web")
pytest.register_assert_rewrite(*(f"tests.{name}" for name in CLAIM))

settings.register_profile("scalpel", deadline=None)  # machines are shared: a slow example is no failure
settings.load_profile("scalpel")

FIGURE = "figure"


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says a figure that the summary of the run prints, also when the test passes on another process."""
    return lambda line: record_property(FIGURE, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "when")]
    told = [
        (r.nodeid, str(line)) for r in reports if r.when == "call" for name, line in r.user_properties if name == FIGURE
    ]
    if told:
        terminalreporter.section("figures")
    for nodeid, line in sorted(told):
        terminalreporter.write_line(f"{nodeid.rpartition('::')[2]}: {line}")
