"""The edit set-opset-import."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveGraph
from onnx_scalpel.document.schemas import STANDARD_DOMAINS, newest_opset, normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.parameters import LARGEST_INTEGER, DomainParam, NumberParam
from onnx_scalpel.edits.scopes import enclosing_graphs, shown
from onnx_scalpel.errors import EditRejected


class SetOpsetImport(Edit):
    """Declare which version of an operator domain the model uses; null takes away a domain that nothing uses.

    Only the declaration changes: nodes stay as they are. What local functions import on their own stays, too. Declared types
    that do not follow from the operators of that version are dropped.
    """

    title, acts_on = "Set opset import", "model"

    domain: DomainParam
    version: NumberParam | None

    def apply(self, tx: Transaction) -> None:
        model, wanted = tx.model(), normal_domain(self.domain)
        known = any(normal_domain(domain) == wanted for domain, _ in model.opset_imports)
        if self.version is None:
            if not known:
                raise EditRejected(f"the model does not import {self._called()}", hint="there is nothing to remove")
            self._refuse_used(tx.document)
            after = tuple(found for found in model.opset_imports if normal_domain(found[0]) != wanted)
        else:
            version = self._checked(self.version)
            after = tuple(
                (domain, version if normal_domain(domain) == wanted else old) for domain, old in model.opset_imports
            )
            after = after if known else (*after, (wanted, version))
        if after != model.opset_imports:
            tx.put(replace(model, opset_imports=after))
            self._mend_types(tx, self._imported(model.opset_imports), self._imported(after))

    def _imported(self, imports: Iterable[tuple[str, int]]) -> int | None:
        return next((v for domain, v in imports if normal_domain(domain) == normal_domain(self.domain)), None)

    def _mend_types(self, tx: Transaction, before: int | None, after: int | None) -> None:
        """Drop what is declared of types where it does not follow from the operators of the other version."""
        if before is None or after is None:
            return  # nothing of the domain is used, or was known before
        nodes, _, _ = tx.document.tables()
        others: dict[str, bool] = {}
        made: list[str] = []
        for live in nodes.values():
            op_type = live.node.op
            if live.bodies or normal_domain(live.node.domain or "") != normal_domain(self.domain):
                continue
            if op_type not in others:
                one, other = (operator(self.domain, op_type, version) for version in (before, after))
                others[op_type] = (one and one.since) != (other and other.since)
            if others[op_type] and _is_in_model(live.graph):
                made += [output for output in live.current().outputs if output]
        drop_declared_types(tx, made)

    def _checked(self, version: int) -> int:
        newest = newest_opset(self.domain) if normal_domain(self.domain) in STANDARD_DOMAINS else LARGEST_INTEGER
        if not 1 <= version <= newest:
            upper = "or more" if newest == LARGEST_INTEGER else f"to {newest}, the newest known here"
            raise wrong_parameters({"version": f"must be 1 {upper}"}, self.kind)
        return version

    def _refuse_used(self, document: Document) -> None:
        """Raise EditRejected when nodes or functions need the domain. Functions count: runtimes put their nodes into the model."""
        wanted = normal_domain(self.domain)
        if wanted == "":
            raise EditRejected("every model imports the standard operators", hint="set another version instead")
        nodes, _, graphs = document.tables()
        using = next((n for n in nodes.values() if (n.node.domain or "") == self.domain), None)
        if using is not None:
            *_, outermost = enclosing_graphs(document, using.graph.id)
            where = f" in the function {shown(outermost.name)}" if outermost.function else ""
            name = shown(using.node.name or using.node.op)
            raise EditRejected(
                f"{name}{where} is an operator of {self._called()}",
                subjects=(using.id,),
                hint="delete or replace the nodes of this domain first",
            )
        functions = [graph.current() for graph in graphs.values() if graph.is_function]
        own = next((f for f in functions if f.function is not None and f.function.domain == self.domain), None)
        if own is not None:
            raise EditRejected(
                f"the function {shown(own.name)} is of the domain {self._called()}",
                subjects=(own.id,),
                hint="delete the function first",
            )

    def _called(self) -> str:
        return shown(self.domain, "ai.onnx")

    def describe(self, document: Document) -> str:
        if self.version is None:
            return f"Removed the import of {self._called()}"
        known = any(normal_domain(d) == normal_domain(self.domain) for d, _ in document.model().opset_imports)
        return f"{'Set' if known else 'Imported'} {self._called()} {'to version ' if known else ''}{self.version}"


def _is_in_model(graph: LiveGraph) -> bool:
    """Whether the graph is the main one or in it: functions import on their own."""
    while graph.parent is not None:
        graph = graph.parent
    return not graph.is_function
