"""The wires of a graphsurgeon node and the lists of users of its tensors, kept true to each other; for `document.py` alone."""

from __future__ import annotations

from collections import Counter
from typing import Any


def rewire_side(node: Any, wires: Any, tensors: list[Any], back: str) -> bool:
    """Give a node these tensors on one side and keep their own lists of nodes true; whether they are others than before."""
    if len(wires) == len(tensors) and all(a is b for a, b in zip(wires, tensors, strict=True)):
        return False
    for tensor in wires:
        if tensor.live is not None:  # an empty slot knows nobody
            users = getattr(tensor, back)
            list.__delitem__(users, _place_of(node, users))
    list.clear(wires)
    list.extend(wires, tensors)
    for tensor in tensors:
        if tensor.live is not None:
            list.append(getattr(tensor, back), node)
    return True


def _place_of(node: Any, users: Any) -> int:
    """Where a node stands among the users of a tensor. Looks from both ends: what is changed in bulk goes in order."""
    last = len(users) - 1
    for at in range(last // 2 + 1):
        if users[last - at] is node:
            return last - at
        if users[at] is node:
            return at
    raise LookupError("the wires of a node and its tensors disagree")


def forget_users(kept: Any, gone: list[Any]) -> None:
    """Take nodes out of a tensor's list of nodes, each as often as it is named."""
    if len(kept) == len(gone):
        list.clear(kept)
        return
    left = Counter(map(id, gone))
    staying = []
    for node in kept:
        if left.get(id(node)):
            left[id(node)] -= 1
        else:
            staying.append(node)
    list.clear(kept)
    list.extend(kept, staying)
