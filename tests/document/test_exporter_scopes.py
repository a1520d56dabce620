"""Module paths are read off the metadata that exporters write, whatever else stands there."""

from __future__ import annotations

import pytest

from onnx_scalpel.document.exporter_scopes import NAMES, SPACE, ExporterScopes


@pytest.mark.parametrize(
    ("metadata", "scope"),
    [
        ([(NAMES, "['', 'bert', 'bert.encoder', 'bert.encoder.layer.0', 'relu']")], "bert/encoder/layer.0"),
        ([(NAMES, "['', 'features', 'features.1', 'features.1.block', 'conv2d']")], "features/features.1/block"),
        ([(NAMES, "['', 'net.0.1', 'add']")], "net.0/net.0.1"),
        ([(SPACE, ": Model/enc: Encoder/enc.layer.0: Layer/add: aten.add.Tensor")], "enc/layer.0"),
        ([(NAMES, "['', '_empty_nn_module_stack_from_metadata_hook', 'sym_size']")], ""),
        ([(NAMES, "['', 'it\\'s', \"a'b\", 'x']")], "it\\'s/a'b"),
        ([(NAMES, "no list at all"), ("other", "x")], ""),
        ([], ""),
    ],
)
def test_the_scope_is_what_lies_around_the_node(metadata: list[tuple[str, str]], scope: str) -> None:
    assert ExporterScopes().of(metadata) == scope
