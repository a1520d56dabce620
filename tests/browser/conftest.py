"""A real Chromium and a real server for the browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import FLAGS, NONE_FOUND, find
from tests.browser.editor import Editor
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY, shared_models


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail(NONE_FOUND)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh profile; a script error on the page fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors


@pytest.fixture
def editor(page: Page) -> Editor:
    return Editor(page)


@pytest.fixture(scope="module")
def sample_server() -> Iterator[RunningServer]:
    with running_server([REPOSITORY / "sample_models"]) as server:
        yield server


@pytest.fixture(scope="module")
def shared_server() -> Iterator[RunningServer]:
    """A server whose root is the large collection of models."""
    with running_server([shared_models()]) as server:
        yield server
