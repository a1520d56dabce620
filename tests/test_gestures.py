"""Every gesture is made by a browser test with the pointer, and by one with the keyboard alone; its menus are the page's own tests'."""

from __future__ import annotations

import json
import re

from tests.shared_models import REPOSITORY

GESTURES = json.loads((REPOSITORY / "tests" / "browser" / "gestures.json").read_text(encoding="utf-8"))
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
        for gesture, said in GESTURES.items()
        for test, uses in ((said["pointer"], POINTER), (said["keys"], KEYS))
        if not uses.search(bodies.get(test, ""))
    ]
    assert wrong == []
