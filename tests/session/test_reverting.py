"""What an undo among several authors must not bring about."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.reverting import refuse_cycles, refuse_taken_names


def rewired(document: Document, node: str, *inputs: str) -> Delta:
    tx = Transaction(document)
    tx.put(msgspec.structs.replace(tx.node(node), inputs=inputs))
    return tx.delta()


def test_a_node_that_would_feed_itself_is_a_conflict(chain: Path) -> None:
    document = open_model(chain)
    delta = rewired(document, "node:a", "value:b")
    with pytest.raises(AppError) as refused:
        refuse_cycles(document, delta)
    assert (refused.value.code, refused.value.subjects) == ("conflict", ("node:a",))


def test_a_node_that_reads_something_earlier_is_none(chain: Path) -> None:
    document = open_model(chain)
    refuse_cycles(document, rewired(document, "node:y", "value:a"))


def test_two_values_that_swap_their_names_do_not_collide(chain: Path) -> None:
    document = open_model(chain)
    tx = Transaction(document)
    tx.put(msgspec.structs.replace(tx.value("value:a"), name="b"))
    tx.put(msgspec.structs.replace(tx.value("value:b"), name="a"))
    delta = tx.delta()
    refuse_taken_names(document, delta.inverse())
    document.apply(delta.inverse())
    refuse_taken_names(document, delta)
