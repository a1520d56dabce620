"""Proves that a transform left the outputs what they were: runs the model before and after on the same made-up inputs."""

from __future__ import annotations

from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import AppError, EditRejected
from onnx_scalpel.validators import runtime


def require_equal_outputs(tx: Transaction, before: WeightlessModel, after: WeightlessModel, *, accept: bool) -> None:
    """Report every output's difference. EditRejected `outputs-differ` or `not-proved` unless that is accepted.

    Dims that the inputs leave open get the sizes that a run suggests.
    """
    try:
        dims = runtime.open_dims(after)
        ran = runtime.run(after, before, runtime.RunRequest(dims=dims, other="the model before"))
    except AppError as error:
        tx.report.update(outputs=None, outputs_note=error.message)
        if not accept:
            raise EditRejected(
                f"the result cannot be proved: {error.message}", code="not-proved", subjects=error.subjects, hint=_HINT
            ) from error
        return
    outputs = [{key: output[key] for key in ("name", "difference", "equal", "note")} for output in ran["outputs"]]
    tx.report.update(outputs=outputs, dims=dict(dims))
    unequal = [output for output in outputs if not output["equal"]]
    if not unequal or accept:
        return
    first = unequal[0]
    if first["equal"] is None:
        message = f"the output {shown(first['name'])} cannot be compared: {first['note']}"
        raise EditRejected(message, code="not-proved", hint=_HINT)
    how = first["note"] or f"by up to {first['difference']:.3g}"
    more = f", and {len(unequal) - 1} more outputs" if len(unequal) > 1 else ""
    raise EditRejected(f"the output {shown(first['name'])} would differ {how}{more}", code="outputs-differ", hint=_HINT)


_HINT = "preview it to see what differs, or set accept_difference"
