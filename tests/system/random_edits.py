"""Edits at random, made from the catalogue's own schemas and a model's ids: plausible ones, and ones that no form would send."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

JUNK: list[Any] = [
    *(None, True, -1, 1.5, 1e308, 2**63, 2**64, "", "x", "𝒳💥", "\x00", "a\nb", "NaN", "9" * 30, "n" * 100_000),
    *([], {}, [[]], [None], [1, "x"], ["x"] * 500, {"a": 1}, {"kind": "rename-node"}, {"dtype": []}, {"node": 3}),
    *("model:", "graph:", "value:", "node:", {"formula": "x * 2", "dtype": {}}, {"dtype": "float32", "data": [10**30]}),
]
NAMES = ["fresh", "a b", "x/y", "ü", "<b>", "𝒳💥", "n" * 300]
OPERATORS = ["Relu", "Add", "Identity", "Conv", "If", "Loop", "Split", "Concat", "Constant", "LSTM", "Nope", "💥"]
DOMAINS = ["", "", "", "ai.onnx.ml", "com.microsoft", "custom"]
DTYPES = ["float32", "int64", "bool", "string", "bfloat16", "int4", "float8e8m0", "complex64", "nope"]
DIMS = [0, 1, 3, 8, None, "N", "ß", 2**63 - 1]
FORMULAS = ["zeros", "x * 2", "normal(0, 0.02)", "arange", "eye", "x / 0", "full(300)"]
LITERALS: list[Any] = [1, 0.5, "s", [1, 2], [0.5], ["a"], {"dtype": "float32", "data": [1, 2]}]
ATTRIBUTES = ["alpha", "axis", "to", "body", "value", "epsilon", "custom"]


class RandomEdits:
    """The same seed makes the same edits of the same snapshot."""

    def __init__(self, catalogue: list[dict[str, Any]], snapshot: Mapping[str, Any], seed: str) -> None:
        self._random = random.Random(seed)
        self._schemas = {edit["kind"]: edit["schema"] for edit in catalogue}
        self.quick = [edit["kind"] for edit in catalogue if not edit["in_job"]]
        self.see(snapshot)

    def see(self, snapshot: Mapping[str, Any]) -> None:
        """Go on with the ids of this snapshot."""
        self._ids = {table: [row["id"] for row in snapshot[f"{table}s"]] for table in ("node", "value", "graph")}
        self._snapshot = snapshot

    def edit(self, kind: str, nonsense: bool) -> dict[str, Any]:
        """An edit of this kind; a nonsensical one has a parameter that is missing, strange, or one too many."""
        schema = self._schemas[kind]
        needed = schema.get("required", [])
        made = {
            name: self._value(name, described)
            for name, described in schema["properties"].items()
            if name in needed or self._chance(0.4)
        }
        if self._chance(0.8):
            made |= self._fitting(kind)
        if nonsense:
            name = self._pick([*schema["properties"], "strange", "creates", "preview"])
            how = self._pick(["junk", "leave", "id"])
            if how == "leave":
                made.pop(name, None)
            else:
                made[name] = (
                    self._pick(JUNK) if how == "junk" else self._id(self._pick(["node", "value", "graph"])) + "~"
                )
        return {"kind": kind, **made}

    def any(self) -> dict[str, Any]:
        return self.edit(self._pick(self.quick), self._chance(0.4))

    def chance(self, share: float) -> bool:
        return self._chance(share)

    def _value(self, name: str, described: Mapping[str, Any]) -> Any:
        if "enum" in described:
            return self._pick(described["enum"])
        options = [described, *described.get("anyOf", [])]
        widget = next((option["x-widget"] for option in options if "x-widget" in option), "")
        if "enum" in (first := options[min(1, len(options) - 1)]):
            return self._pick([*first["enum"], None])
        return self._by_widget(widget, name)

    def _by_widget(self, widget: str, name: str) -> Any:
        makers: dict[str, Callable[[], Any]] = {
            "node": lambda: self._id("node"),
            "value": lambda: self._id("value"),
            "graph": lambda: self._id("graph"),
            "nodes": lambda: [self._id("node") for _ in range(self._pick([1, 1, 2, 20]))],
            "values": lambda: [self._id("value") for _ in range(self._pick([1, 1, 2]))],
            "inputs": lambda: [self._pick(["", self._id("value")]) for _ in range(self._pick([0, 1, 2, 3]))],
            "ordered_values": lambda: [self._id("value") for _ in range(self._pick([1, 2]))],
            "subject": lambda: self._pick(["model:", *(self._id(table) for table in self._ids)]),
            "names": lambda: [self._pick(["", *NAMES]) for _ in range(self._pick([0, 1, 2]))],
            "slot": lambda: self._pick([0, 0, 1, 2, 60_000]),
            "number": lambda: self._pick([None, 0, 1, 13, 21, -1, 2**63 - 1, 2**63]),
            "switch": lambda: self._chance(0.5),
            "op_type": lambda: self._pick(OPERATORS),
            "domain": lambda: self._pick(DOMAINS),
            "dtype": lambda: self._pick(DTYPES),
            "choice": lambda: self._pick([*DTYPES, {}]),
            "shape": lambda: self._pick([None, [self._pick(DIMS) for _ in range(self._pick([0, 1, 2, 4]))]]),
            "shapes": lambda: {self._id("value"): [self._pick(DIMS) for _ in range(2)]},
            "attributes": lambda: {
                self._pick(ATTRIBUTES): self._pick(LITERALS) for _ in range(self._pick([0, 0, 1, 2]))
            },
            "attribute_name": lambda: self._pick(ATTRIBUTES),
            "attribute_value": lambda: self._pick(LITERALS),
            "tensor": self._tensor,
            "edits": lambda: [self.edit(self._pick(self.quick), False) for _ in range(self._pick([1, 2, 4]))],
        }
        return makers.get(widget, lambda: self._pick(NAMES) if name != "text" else "told")()

    def _fitting(self, kind: str) -> dict[str, Any]:
        """Subjects that an edit of this kind is for, where the model has such; {} where any will do."""
        nodes, values = self._snapshot["nodes"], self._snapshot["values"]
        functions = {
            (one.partition("::")[0], one.split("::")[-1].split(":")[0]) for one in self._ids["graph"] if "::" in one
        }
        calls = [n["id"] for n in nodes if (f"graph:{n['domain']}", n["op_type"]) in functions]
        holding = [n["id"] for n in nodes if n["op_type"] in ("If", "Loop")]
        constants = [n["outputs"][0] for n in nodes if n["op_type"] == "Constant" and n["outputs"]]
        tensors = [v["id"] for v in values if v["kind"] == "initializer"]
        if kind in ("inline-function", "extract-body"):
            fitting = calls if kind == "inline-function" else holding
            answer = {"attribute": self._pick(["then_branch", "else_branch"])} if kind == "extract-body" else {}
            return {"node": self._pick(fitting), **answer} if fitting else {}
        if kind == "make-function":
            first = self._pick(range(len(nodes))) if nodes else 0
            near = [
                n["id"] for n in nodes[first : first + self._pick([1, 2, 4])] if n["graph"] == nodes[first]["graph"]
            ]
            return {"nodes": near, "name": self._pick(NAMES)} if near else {}
        if kind == "constant-to-initializer":
            return {"values": [self._pick(constants)]} if constants else {}
        if kind in ("initializer-to-constant", "cast-tensor") and tensors:
            answer = (
                {"to": self._pick(DTYPES[:3]), "mismatch": self._pick(["cast", "replace"])}
                if kind == "cast-tensor"
                else {}
            )
            return {"values": list(dict.fromkeys(self._pick(tensors) for _ in range(2))), **answer}
        return {}

    def _tensor(self) -> dict[str, Any]:
        if self._chance(0.5):
            return {"formula": self._pick(FORMULAS)}
        return {
            "dtype": self._pick(DTYPES),
            "shape": self._pick([[2], [], [0]]),
            "data": self._pick([[1, 2], [1], [], ["a"]]),
        }

    def _id(self, table: str) -> str:
        return self._pick(self._ids[table] or [f"{table}:none"])

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _pick(self, options: Any) -> Any:
        return self._random.choice(options)
