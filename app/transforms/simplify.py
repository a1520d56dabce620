"""The edit simplify."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import onnx
from onnx import ModelProto
from pydantic import Field

from onnx_scalpel.document.data_files import require_data
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.placement import FITTING
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import MAIN_GRAPH, NodeRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.schemas import STANDARD_DOMAINS, normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.write_model import write_model
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.parameters import NamesParam, SwitchParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected
from onnx_scalpel.transforms.engines.running import run_engine
from onnx_scalpel.transforms.preparing import Preparation, nodes_in
from onnx_scalpel.transforms.proof import require_equal_outputs
from onnx_scalpel.transforms.takeover import take_over

Operators = Counter[tuple[str, str]]


class Simplify(Edit):
    """Fold what is constant, remove what does nothing and fuse what belongs together, by onnxsim, ONNX Runtime or onnxslim.

    `onnxsim` does most, `onnxruntime-basic` is careful and fits very large models, `onnxslim` is the slowest. Nodes that
    survive keep their names, documentation and metadata; inputs and outputs keep theirs.

    Inputs with a default value may be fed with another one, so they are not constant unless `fold_defaults` says so; those
    that nothing reads any more are inputs no more then. Some exporters list every weight like that.

    `keep` names what must stay: ids or names of nodes and values, or types of operators, of the main graph. Nothing is
    folded or fused across them. `standard_only` refuses results with operators of a runtime's own that the model does
    not use already.

    The result is run beside the original on the same made-up inputs. Where outputs differ, or where the model does not
    run, the edit is refused unless `accept_difference` is set; a preview shows what differs.
    """

    title, acts_on = "Simplify", "model"
    in_job = True

    engine: Literal["onnxsim", "onnxruntime-basic", "onnxslim"] = "onnxsim"
    keep: NamesParam = Field(default_factory=list, description="nodes, values or operators that must stay as they are")
    fold_defaults: SwitchParam = Field(False, description="treat inputs that have a default value as constants")
    standard_only: SwitchParam = Field(True, description="refuse operators that only one runtime knows")
    accept_difference: SwitchParam = Field(
        False, description="apply it although outputs differ, or nothing could be run"
    )

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        kept_nodes, kept_values = self._kept(document)
        before, operators = weightless(document), _operators(document)
        require_data(before, "the model cannot be simplified")
        with tempfile.TemporaryDirectory() as scratch:
            given, made = Path(scratch, "given"), Path(scratch, "made")
            made.mkdir()
            tx.progress(None, "writing the model")
            preparation = Preparation(document, kept_values, self.fold_defaults)
            write_model(document, given / "model.onnx", change=preparation.change, options=FITTING)
            tx.progress(None, f"simplifying with {self.engine}")
            run_engine(self.engine, given / "model.onnx", made / "result.onnx", self.standard_only)
            result = onnx.load_model(str(made / "result.onnx"), load_external_data=False)
            if self.standard_only:
                self._require_standard(result, operators)
            tx.progress(None, "taking over the result")
            effect = take_over(tx, result, made, self.fold_defaults)
        if effect.is_nothing:
            raise EditRejected(
                f"{self.engine} finds nothing to simplify in this model",
                code="nothing-to-simplify",
                hint="its weights are inputs with default values: fold_defaults folds them too"
                if preparation.fed
                else "another engine may find something",
            )
        for node in kept_nodes:
            if node.id not in effect.survivors:
                raise EditRejected(
                    f"{self.engine} would not keep {shown(node.name, node.op_type)}",
                    code="not-kept",
                    subjects=(node.id,),
                    hint="choose another engine, or do not keep it",
                )
        after = _operators(document)
        tx.report.update(
            engine=self.engine,
            nodes={"before": operators.total(), "after": after.total()},
            operators=[
                {
                    "op_type": op_type,
                    "domain": domain,
                    "before": operators[domain, op_type],
                    "after": after[domain, op_type],
                }
                for domain, op_type in sorted(operators.keys() | after.keys())
                if operators[domain, op_type] != after[domain, op_type]
            ],
        )
        if not tx.trial:
            tx.progress(None, "comparing the outputs")
            require_equal_outputs(tx, before, weightless(document), accept=self.accept_difference)

    def _kept(self, document: Document) -> tuple[list[NodeRecord], list[str]]:
        """Nodes that have to stay, and all values that have to."""
        nodes = [live.current() for live in document.live_graph(MAIN_GRAPH).nodes]
        chosen: dict[str, NodeRecord] = {}
        values: dict[str, None] = {}
        for word in self.keep:
            found = [n for n in nodes if word and word in (n.id, n.name, n.op_type)]
            named = word if document.has("value", word) else document.value_named(MAIN_GRAPH, word)
            if not found and (named is None or document.value(named).graph != MAIN_GRAPH):
                line = f"{shown(word)} is no node, value or operator of the main graph"
                raise wrong_parameters({"keep": line}, self.kind)
            chosen |= {node.id: node for node in found}
            values |= dict.fromkeys([named] if named is not None and not found else [])
        wired = (value for node in chosen.values() for value in (*node.inputs, *node.outputs) if value)
        values |= dict.fromkeys(value for value in wired if document.producer(value) is not None)
        return list(chosen.values()), list(values)

    def _require_standard(self, result: ModelProto, before: Operators) -> None:
        functions = {(text(f.domain), text(f.name)) for f in result.functions}
        used = {(normal_domain(text(n.domain)), text(n.op_type)) for n in nodes_in(result.graph)}
        known = {domain for domain, _ in before}
        strange = sorted(o for o in used - before.keys() - functions if o[0] not in STANDARD_DOMAINS | known)
        if strange:
            domain, op_type = strange[0]
            raise EditRejected(
                f"{self.engine} makes {op_type} of {domain}, which is no standard operator",
                code="not-standard",
                hint="choose another engine, or allow operators that are not standard",
            )

    def describe(self, document: Document) -> str:
        return f"Simplified the model with {self.engine}"


def _operators(document: Document) -> Operators:
    graphs: Iterable[str] = document.graph_ids()
    lives = (live for graph in graphs for live in document.live_graph(graph).nodes)
    return Counter((normal_domain(live.node.domain or ""), str(live.node.op)) for live in lives)
