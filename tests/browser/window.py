"""The page that the tests of a file share: a new profile for each costs more than most of what the tests do."""

from __future__ import annotations

from playwright.sync_api import Browser, Dialog, Page

SIZE = {"width": 1440, "height": 900}


class Window:
    """One profile with one page; `clean` leaves nothing behind that the next test could see."""

    def __init__(self, browser: Browser, permissions: list[str]) -> None:
        self.browser, self.permissions = browser, permissions
        self.used_up = False  # what a test did to it cannot be taken back
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        if self._page is None:
            context = self.browser.new_context(viewport=SIZE, accept_downloads=True, permissions=self.permissions)  # type: ignore[arg-type]
            self._page = context.new_page()
        return self._page

    def clean(self) -> None:
        """Nothing is stored, routed or open any more; the page is blank."""
        if self._page is None:
            return
        if self.used_up or self._page.is_closed():
            self.close()
            return
        page, context = self._page, self._page.context
        page.unroute_all(behavior="ignoreErrors")
        for other in context.pages:
            if other is not page:
                other.close()
        origin = page.evaluate("() => { try { sessionStorage.clear() } catch {} return location.origin }")
        self._leave(page)
        context.clear_cookies()
        if origin.startswith("http"):
            tools = context.new_cdp_session(page)
            tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,indexeddb"})
            tools.detach()
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        page.emulate_media(media="null", color_scheme="null", reduced_motion="null")
        page.mouse.move(0, 0)

    def close(self) -> None:
        if self._page is not None:
            self._page.context.close()
        self._page, self.used_up = None, False

    @staticmethod
    def _leave(page: Page) -> None:
        """Unsaved edits are given up."""

        def accept(dialog: Dialog) -> None:
            dialog.accept()

        page.on("dialog", accept)
        page.goto("about:blank")
        page.remove_listener("dialog", accept)
