"""A real Chromium and a real server for the browser tests."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, NONE_FOUND, find
from tests.browser.editor import Editor
from tests.browser.window import Window
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY, shared_models

HERE = Path(__file__).parent
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=20_000)  # machines are shared: what is seen late is no failure


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail(NONE_FOUND)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def permissions() -> list[str]:
    """What a file's pages may do that pages have to ask for."""
    return []


@pytest.fixture(scope="module")
def window(browser: Browser, permissions: list[str]) -> Iterator[Window]:
    found = Window(browser, permissions)
    yield found
    found.close()


@pytest.fixture
def page(window: Window, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page as good as new; a script error on it fails the test."""
    page = window.page
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    page.on("pageerror", note)
    yield page
    page.remove_listener("pageerror", note)
    window.used_up |= request.node.stash.get(FAILED, False)  # a key may be down, or a button
    window.clean()
    assert not errors, errors


@pytest.fixture
def window_of_its_own(window: Window) -> None:
    """For a test that does what cannot be taken back, such as listening to dialogs."""
    window.used_up = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file is a group: its pages and servers are its own, and two workers share the files."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(f"browser {item.path.stem}"))


@pytest.fixture
def editor(page: Page) -> Editor:
    return Editor(page)


@pytest.fixture(scope="module")
def models_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def server(models_root: Path) -> Iterator[RunningServer]:
    """One server for all tests of a file."""
    with running_server([models_root]) as running:
        yield running


@pytest.fixture
def folder(models_root: Path) -> Path:
    """A folder of the server's that a test has for itself."""
    return Path(tempfile.mkdtemp(dir=models_root))


@pytest.fixture(scope="module")
def sample_server() -> Iterator[RunningServer]:
    with running_server([REPOSITORY / "sample_models"]) as server:
        yield server


@pytest.fixture(scope="module")
def shared_server() -> Iterator[RunningServer]:
    """A server whose root is the large collection of models."""
    with running_server([shared_models()]) as server:
        yield server
