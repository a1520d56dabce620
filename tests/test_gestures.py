"""Every gesture is made by a browser test with the pointer, and by one with the keyboard alone."""

from __future__ import annotations

import re

from tests.browser.gestures import GESTURES
from tests.shared_models import REPOSITORY

DEFINED = re.compile(r"^def (test_\w+)\(.*?(?=^def |\Z)", re.MULTILINE | re.DOTALL)
POINTER = re.compile(r"mouse\.|\.click\(|\.drag\(|\.dblclick\(|\.choose\(|touch\(|\.find\(|moved\(|menu\(")
KEYS = re.compile(r"keyboard|keys\.press|\.press\(|go_to\(|\.search\(")


def test_each_has_a_test_that_points_and_one_that_presses_keys() -> None:
    bodies = {
        found[1]: found[0]
        for path in (REPOSITORY / "tests" / "browser").glob("test_*.py")
        for found in DEFINED.finditer(path.read_text(encoding="utf-8"))
    }
    wrong = [
        f"{gesture}: {test}"
        for gesture, tests in GESTURES.items()
        for test, uses in zip(tests, (POINTER, KEYS), strict=True)
        if not uses.search(bodies.get(test, ""))
    ]
    assert wrong == []
