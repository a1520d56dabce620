"""Writing models: the edited proto in pieces, the weights straight from where they are, and files that are whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from onnx import ModelProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.keeping import keep_encoding
from onnx_scalpel.document.overlay import Overlay
from onnx_scalpel.document.placement import AS_OPENED, FILLED_IN, INSIDE, Placement, SaveOptions, place
from onnx_scalpel.document.source import Extent, ModelFile, Reference, reference
from onnx_scalpel.document.store import LOCATION
from onnx_scalpel.document.weightless import WeightlessModel, external_entries, tensors_in
from onnx_scalpel.document.wire import Piece, Range, Restorer

CHUNK = 1 << 23  # bytes read at a time
ChangeProto = Callable[[ModelProto], None]


@dataclass(frozen=True)
class SavedParts:
    """A model to be written: its .onnx file in pieces, and the data files beside it."""

    document: Document
    pieces: list[Piece]
    placement: Placement

    @property
    def size(self) -> int:
        """Bytes of the .onnx file."""
        return sum(len(piece) if isinstance(piece, bytes) else piece.length for piece in self.pieces)

    def extents(self) -> Iterator[bytes | Extent]:
        """The pieces, with where those are that are not at hand."""
        file = self.document.file
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield file.extent(filled_with(file, piece))

    def chunks(self) -> Iterator[bytes]:
        """The .onnx file's bytes, a few megabytes at a time."""
        for piece in self.extents():
            if isinstance(piece, bytes):
                yield piece
                continue
            for start in range(0, piece.length, CHUNK):
                part = Extent(piece.path, piece.offset + start, min(CHUNK, piece.length - start))
                yield self.document.file.read(part)


def filled_with(file: ModelFile, piece: Piece) -> Reference:
    """What the opened model, or the store, calls the bytes of a piece."""
    if isinstance(piece, Range):
        return Reference(file.name, piece.offset, piece.length)
    assert not isinstance(piece, bytes)
    return Reference(piece.location.removeprefix(INSIDE), piece.offset, piece.length)


def weightless(document: Document) -> WeightlessModel:
    """The edited model without its weights, and ids for what is in it."""
    overlay = Overlay(document)
    _, _, graphs = document.tables()
    node_ids = {
        graph_id: [node.id for node in overlay.orders.get(graph_id, graph.nodes)] for graph_id, graph in graphs.items()
    }
    graph_ids = {}
    for graph in graphs.values():
        if graph.owner:
            for (attribute, index), body in document.live_node(graph.owner).bodies.items():
                graph_ids[graph.owner, attribute if index is None else f"{attribute}[{index}]"] = body
    _point_to_where_it_is(document.file, overlay.proto)
    return WeightlessModel(
        overlay.proto,
        document.folder,
        node_ids,
        graph_ids,
        document.value_named,
        document.file.store,
        document.file.supplied,
    )


def _point_to_where_it_is(file: ModelFile, proto: ModelProto) -> None:
    """Let references say where the bytes are since a save moved them: libraries look there."""
    for tensor in tensors_in(proto) if file.moved else ():
        moved = file.moved.get(reference(external_entries(tensor))) if tensor.external_data else None
        if moved is not None:
            here = {"location": moved.location, "offset": str(moved.offset), "length": str(moved.length)}
            for entry in tensor.external_data:
                entry.value = here.get(entry.key, entry.value)


def placed_proto(document: Document, change: ChangeProto | None, options: SaveOptions) -> tuple[ModelProto, Placement]:
    """The edited model as it is to be written, but for the names of new data files. AppError as `place`."""
    proto = Overlay(document).proto
    if change is not None:
        change(proto)
    return proto, place(document.file, proto, options)


def in_pieces(document: Document, proto: ModelProto, changed: bool) -> list[Piece]:
    """The .onnx file of a placed proto; what nobody edited is encoded as it was, unless a library `changed` it."""
    file = document.file
    data = proto.SerializeToString()
    if file.wire is not None and not changed:
        data = keep_encoding(file.wire, file.proto, proto)
    return Restorer(data, file.name, file.cut, FILLED_IN if FILLED_IN.encode() in data else "").run()


def model_parts(document: Document, options: SaveOptions = AS_OPENED) -> SavedParts:
    """The edited model, ready to be written. New data files can only have tensors that edits made.

    Raises AppError `external-data` for a data file outside the model's folder, `choice-needed` as `place`.
    """
    proto, placement = placed_proto(document, None, options)
    for new in placement.new:
        new.call(new.name_of([_digest(held.data) for held in new.held]))
    return SavedParts(document, in_pieces(document, proto, changed=False), placement)


def _digest(data: bytes | Reference) -> str:
    assert isinstance(data, Reference) and data.location.startswith(LOCATION)
    return data.location.removeprefix(LOCATION)


def model_bytes(document: Document) -> bytes:
    """The edited model's .onnx file."""
    return b"".join(model_parts(document).chunks())
