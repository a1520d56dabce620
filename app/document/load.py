"""Opening a model: weightless, and with everything kept that graphsurgeon has no place for."""

from __future__ import annotations

import gc
import mmap
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import onnx_graphsurgeon as gs
from google.protobuf.message import DecodeError
from onnx import AttributeProto, GraphProto

from onnx_scalpel.document import ids
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import (
    LiveGraph,
    LiveNode,
    LiveValue,
    declare,
    empty_slot,
    gs_attribute,
    make_constant,
    new_node,
    new_variable,
)
from onnx_scalpel.document.ordering import note_early, note_holders
from onnx_scalpel.document.protos import attribute_type, declared_type, text, texts
from onnx_scalpel.document.sniff import refuse_unreadable
from onnx_scalpel.document.source import ModelFile, Reference
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.document.wire import Buffer, CutTensor, Cutter, MalformedError
from onnx_scalpel.errors import AppError

TELL_EVERY = 1024  # nodes
Told = Callable[[str, int, int], None]  # hears how far reading is: a step, how much of it is done, and of how much
READ_WHOLE = 16 << 20  # bytes; a larger file is mapped, and a crash if somebody shortens it meanwhile


def tell_nobody(step: str, done: int, of: int) -> None:
    """For whoever does not wait for it."""


def open_model(
    path: Path, store: TensorStore | None = None, *, whole: bool = False, told: Told = tell_nobody
) -> Document:
    """The model in a file, its weights left there. Raises AppError for what is no ONNX model.

    `store` takes the large tensors that edits make; without one they are in a temporary folder. `whole`: weights are read,
    because the model's data files lie in another folder than this file, or it does not stay. `told` hears `reading` with
    the bytes of the file, then `nodes` while those of the graph and of functions are made.

    The garbage collector rests meanwhile (a quarter of the time otherwise), and what was made here is exempt from it later.
    """
    # weights are references to the file beside the folder it lies in; runtimes refuse ones that go through a link
    return _import(_read(path.resolve(), store, told, whole=whole), told)


def _import(file: ModelFile, told: Told = tell_nobody) -> Document:
    collecting = gc.isenabled()
    gc.disable()
    try:
        document = Document(file)
        _Importer(document, told).run()
        gc.freeze()
    finally:
        if collecting:
            gc.enable()
    return document


def open_again(
    structure: bytes, path: Path, cut: Mapping[int, CutTensor], moved: Mapping[Reference, Reference], store: TensorStore
) -> Document:
    """A model as it was opened, from its structure without weights (`ModelFile.structure`), after another file took the place
    of its own at `path`; `moved` says where the weights are by now. AppError `cannot-read`."""
    proto = onnx.ModelProto()
    proto.ParseFromString(structure)
    file = ModelFile(path, b"", proto, structure, cut, store)
    file.moved = dict(moved)
    data, inode = own_bytes(file)
    file.rest_on(data, inode, moved)
    return _import(file)


def own_bytes(file: ModelFile) -> tuple[Buffer, tuple[int, int] | None]:
    """What `read_own` gives of a model's own file, if that is needed. AppError `cannot-read`."""
    return read_own(file.path) if file.reads_own else (b"", None)


def read_own(path: Path) -> tuple[Buffer, tuple[int, int]]:
    """The bytes of a file, mapped if they are many, and which file that is. AppError `cannot-read`."""
    try:
        with path.open("rb") as stream:
            facts = os.fstat(stream.fileno())
            large = facts.st_size > READ_WHOLE
            data: Buffer = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if large else stream.read()
    except OSError as error:
        raise AppError(
            "cannot-read", f"{path.name} cannot be read: {error.strerror}", hint="check the path and its rights"
        ) from error
    return data, (facts.st_dev, facts.st_ino)


def as_opened(document: Document) -> Document:
    """The same model without any edit, from what was read of its file: whatever became of that file since."""
    original = Document(document.file)
    _Importer(original).run()
    return original


def _read(path: Path, store: TensorStore | None, told: Told, *, whole: bool) -> ModelFile:
    """The parsed model and where its weights are."""
    data, inode = read_own(path)
    told("reading", 0, len(data))
    proto = onnx.ModelProto()
    try:
        cutter = Cutter(data, path.name)
        wire = bytes(data) if whole else cutter.run()
        proto.ParseFromString(wire)
    except (MalformedError, DecodeError, UnicodeEncodeError, RecursionError) as error:
        refuse_unreadable(path)
        raise AppError("not-a-model", f"{path.name} is no ONNX model", hint="an .onnx file is expected") from error
    if not proto.HasField("graph"):
        refuse_unreadable(path)
        if not proto.ir_version and not proto.opset_import:
            raise AppError("not-a-model", f"{path.name} is no ONNX model", hint="an .onnx file is expected")
    return ModelFile(path, data, proto, wire, cutter.cut, store, inode)


class _Importer:
    """Builds the live objects of one document. Graphs wait in a list instead of a recursion: nesting costs no stack."""

    def __init__(self, document: Document, told: Told = tell_nobody) -> None:
        self._document = document
        self._told = told
        self._made = self._all = 0  # nodes of the graph and of functions: those of bodies come along
        self._nodes, self._values, self._graphs = document.tables()
        self._waiting: list[LiveGraph] = []

    def run(self) -> None:
        model = self._document.file.proto
        main = self._document.main
        self._waiting.append(main)
        self._all = len(model.graph.node) + sum(len(function.node) for function in model.functions)
        self._told("nodes", 0, self._all)
        for function in model.functions:
            wanted = ids.function_id(text(function.domain), text(function.name), text(function.overload))
            graph = gs.Function(
                text(function.name), domain=text(function.domain), doc_string=text(function.doc_string), functions=[]
            )
            graph.import_domains = list(function.opset_import)
            graph.attrs = {text(a): None for a in function.attribute}
            graph.attrs |= {text(a.name): gs_attribute(a) for a in function.attribute_proto}
            live = LiveGraph(ids.free_id(wanted, self._graphs), graph, function)
            self._graphs[live.id] = live
            self._document.opened_functions.append(live)
            main.gs.functions.append(graph)
            self._waiting.append(live)
        while self._waiting:
            self._import(self._waiting.pop())
        self._told("nodes", self._all, self._all)

    def _import(self, live: LiveGraph) -> None:
        """Values first, so that a body's own names hide outer ones wherever they are defined; then the wires."""
        proto = live.proto
        if live.is_function:
            live.inputs = [(self._define(live, name), None) for name in texts(proto.input)]
        else:
            live.inputs = [(self._define(live, text(info.name)), info) for info in proto.input]
            for tensor in proto.initializer:
                live.initializers.append((self._initializer(live, text(tensor.name), tensor), tensor))
            for tensor in proto.sparse_initializer:
                live.sparse.append((self._initializer(live, text(tensor.values.name), tensor), tensor))
        for value, _ in live.inputs:
            value.is_input = True
            value.listed += 1
        node_outputs = [texts(node.output) for node in proto.node]
        for names in node_outputs:
            for name in names:
                if name and name not in live.names:
                    self._define(live, name)
        self._wire(live, node_outputs)
        self._outputs(live)
        self._infos(live)

    def _outputs(self, live: LiveGraph) -> None:
        entries: Sequence[Any] = live.proto.output
        names = texts(entries) if live.is_function else texts([info.name for info in entries])
        for name, info in zip(names, entries, strict=True):
            value = self._visible(live, name)
            value.listed += 1
            value.is_output = value.is_output or value.graph is live
            live.outputs.append((value, None if live.is_function else info))
            if value.graph is not live:
                note_holders(self._document, live)
        live.gs.inputs = [value.tensor for value, _ in live.inputs]
        live.gs.outputs = [value.tensor for value, _ in live.outputs]

    def _infos(self, live: LiveGraph) -> None:
        """Declared types, those of inputs and outputs before those of value_info."""
        for value, info in (*live.inputs, *live.outputs):
            if info is not None and value.graph is live:
                value.infos += (info,)
        for info in live.proto.value_info:
            described = live.visible(text(info.name))
            live.infos.append((described, info))
            if described is not None and described.graph is live:
                described.infos += (info,)
                described.declared = True
                self._document.declared_values.add(described.id)
                if not info.type.HasField("tensor_type") or info.type.tensor_type.HasField("shape"):
                    self._document.declared_shapes.add(described.id)
        for value in live.names.values():
            if value.infos and not value.initializers:
                dtype, shape, _ = declared_type(value.infos[0].type)
                declare(value.tensor, dtype, shape)

    def _define(self, live: LiveGraph, name: str) -> LiveValue:
        known = live.names.get(name)
        if known is not None:
            return known
        value = LiveValue(ids.free_id(ids.value_id(name, live.id), self._values), live, new_variable(name))
        live.names[name] = self._values[value.id] = value
        return value

    def _visible(self, live: LiveGraph, name: str) -> LiveValue:
        """What a name means here; a name that nothing defines becomes a value of this graph, without a producer."""
        return live.visible(name) or self._define(live, name)

    def _initializer(self, live: LiveGraph, name: str, tensor: Any) -> LiveValue:
        value = self._define(live, name)
        if not value.initializers:
            make_constant(value.tensor, tensor)
        value.initializers += (tensor,)
        return value

    def _wire(self, live: LiveGraph, node_outputs: list[tuple[str, ...]]) -> None:
        graph_nodes, append = live.gs.nodes, list.append
        names, node_names = live.names, live.node_names
        for index, (proto, outputs) in enumerate(zip(live.proto.node, node_outputs, strict=True)):
            name, op_type = text(proto.name), text(proto.op_type)
            if not live.owner:
                self._made += 1
                if self._made % TELL_EVERY == 0:
                    self._told("nodes", self._made, self._all)
            node = new_node(op_type, name, text(proto.domain))
            wanted = ids.node_id(next(filter(None, outputs), ""), name, op_type, index, live.id)
            item = LiveNode(ids.free_id(wanted, self._nodes), live, node, proto, (index,))
            self._nodes[item.id] = item
            read, made = node.inputs, node.outputs
            for input_name in texts(proto.input):
                if not input_name:
                    append(read, empty_slot())
                    continue
                value = names.get(input_name) or self._visible(live, input_name)
                tensor = value.tensor
                append(read, tensor)
                append(tensor.outputs, node)
                if not (tensor.inputs or value.is_input or value.initializers):
                    live.early.add(item.id)
                    if value.graph is not live:
                        note_holders(self._document, live)
            for output_name in outputs:
                tensor = names[output_name].tensor if output_name else empty_slot()
                append(made, tensor)
                append(tensor.inputs, node)
            if live.owner:
                note_early(self._document, item)
            for attribute in proto.attribute:
                self._attribute(item, attribute)
            graph_nodes.append(node)
            live.nodes.append(item)
            node_names[name] = node_names.get(name, 0) + 1
            live.orders.append(item.order)

    def _attribute(self, node: LiveNode, proto: AttributeProto) -> None:
        name, kind = text(proto.name), attribute_type(proto)
        if kind == "GRAPH" and not proto.ref_attr_name:
            node.node.attrs[name] = self._body(node, name, None, proto.g)
        elif kind == "GRAPHS" and not proto.ref_attr_name:
            node.node.attrs[name] = [self._body(node, name, i, graph) for i, graph in enumerate(proto.graphs)]
        else:
            node.node.attrs[name] = gs_attribute(proto)

    def _body(self, node: LiveNode, attribute: str, index: int | None, proto: GraphProto) -> Any:
        main = self._document.main.gs
        graph = gs.Graph(
            name=text(proto.name), doc_string=text(proto.doc_string), opset=main.opset, ir_version=main.ir_version
        )
        graph.import_domains, graph._functions = main.import_domains, main._functions
        graph_id = ids.free_id(ids.body_id(node.id, attribute, index), self._graphs)
        live = LiveGraph(graph_id, graph, proto, node.graph, node.id, attribute)
        self._graphs[graph_id] = node.graph.children[graph_id] = live
        node.bodies.setdefault((attribute, index), graph_id)
        self._waiting.append(live)
        return graph
