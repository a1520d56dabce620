"""Which operators keep the samples of a batch apart, and which may mix them."""

from __future__ import annotations

from onnx_scalpel.transforms.resizing.steps import Step
from onnx_scalpel.transforms.resizing.vectors import Vector
from onnx_scalpel.transforms.resizing.walking import Walk

# whatever they do, they do it to each element, or they only move elements
_APART_NAMES = """
    Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil
    Celu Clip Constant ConstantOfShape Cos Cosh DepthToSpace DequantizeLinear Div Dropout Elu Equal Erf Exp Expand
    Flatten Floor GatherND Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN
    LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not OneHot Or PRelu Pad Pow QuantizeLinear Reciprocal
    Relu Reshape Round Selu Shape Shrink Sigmoid Sign Sin Sinh Size Softplus Softsign SpaceToDepth Sqrt
    Squeeze Sub Sum Swish Tan Tanh ThresholdedRelu Tile Transpose Trilu Unsqueeze Where Xor
    QLinearAdd QLinearMul QLinearSigmoid QLinearLeakyRelu QGemm FastGelu QuickGelu BiasGelu
"""
_SAMPLES_FIRST_NAMES = """
    AveragePool BatchNormalization Conv ConvInteger ConvTranspose GlobalAveragePool GlobalMaxPool GlobalLpPool GridSample
    GroupNormalization InstanceNormalization LRN LpPool MaxPool QLinearConv Resize Upsample MaxRoiPool Attention
    QLinearAveragePool QLinearGlobalAveragePool FusedConv DeformConv Col2Im
"""
_BY_AXIS_NAMES = "Softmax LogSoftmax Hardmax ArgMax ArgMin TopK LpNormalization CumSum"
_ALONG_NAMES = "Split Concat Gather GatherElements QLinearConcat"  # they move elements, along an axis
_FROM_AXIS_NAMES = "LayerNormalization RMSNormalization SkipLayerNormalization EmbedLayerNormalization"
_PRODUCTS_NAMES = "MatMul MatMulInteger QLinearMatMul FusedMatMul"
_APART, _SAMPLES_FIRST, _BY_AXIS, _ALONG, _FROM_AXIS, _PRODUCTS = (
    frozenset(names.split())
    for names in (_APART_NAMES, _SAMPLES_FIRST_NAMES, _BY_AXIS_NAMES, _ALONG_NAMES, _FROM_AXIS_NAMES, _PRODUCTS_NAMES)
)


def mixing_nodes(walk: Walk, batch: Vector) -> list[str]:
    """Nodes that read a value with the batch in it and may let one sample change what comes out for another."""
    return [step.id for step in walk.steps.values() if _may_mix(step, batch)]


def _may_mix(step: Step, batch: Vector) -> bool:
    axes = [_axes(step, slot, batch) for slot in range(len(step.facts))]
    unclear = any(f is not None and f.vectors is None and not f.constant for f in step.facts)
    if not any(axes) and not unclear:
        return False
    if step.op_type in _APART:
        return False
    if unclear:
        return True
    rank = len(step.facts[0].vectors or ()) if step.facts and step.facts[0] is not None else 0
    if step.op_type in _SAMPLES_FIRST:
        training = step.op_type == "BatchNormalization" and step.integer("training_mode", 0) == 1
        return training or axes[0] not in ([], [0])
    if step.op_type in _ALONG:
        read = axes[:1] if step.op_type.startswith("Gather") else axes
        return any(step.integer("axis", 0) % max(rank, 1) in found for found in read)
    if step.op_type == "Slice":
        given = step.integers("axes")
        numbers = (
            step.facts[3].numbers() if given is None and len(step.facts) > 3 and step.facts[3] is not None else None
        )
        on = given if given is not None else [v[0] for v in numbers] if numbers is not None else list(range(rank))
        return any(a % max(rank, 1) in axes[0] for a in on)
    if step.op_type in _BY_AXIS:
        usual = -1 if step.version >= 13 or step.op_type in ("TopK", "LpNormalization") else 1
        axis = step.integer("axis", usual if step.op_type not in ("ArgMax", "ArgMin", "CumSum") else 0) % max(rank, 1)
        flattened = step.version < 13 and step.op_type in ("Softmax", "LogSoftmax", "Hardmax")
        return any(a >= axis if flattened else a == axis for a in axes[0])
    if step.op_type in _FROM_AXIS:
        return any(a >= step.integer("axis", -1) % max(rank, 1) for a in axes[0])
    return _may_mix_products(step, axes, rank)


def _may_mix_products(step: Step, axes: list[list[int]], rank: int) -> bool:
    if step.op_type in _PRODUCTS:
        other = len(step.facts[1].vectors or ()) if step.facts[1] is not None else 0
        return rank - 1 in axes[0] or max(other - 2, 0) in axes[1]
    if step.op_type == "Gemm":
        inner = 0 if step.integer("transA", 0) else 1
        return inner in axes[0] or bool(axes[1])
    if step.op_type in ("LSTM", "GRU", "RNN"):
        return axes[0] != [0 if step.integer("layout", 0) else 1]
    if step.op_type.startswith("Reduce"):
        given = step.integers("axes")
        fact = step.fact(1)
        if given is None and fact is not None and fact.numbers():
            given = [v[0] for v in fact.numbers() or []]
        return given is None or any(a % max(rank, 1) in axes[0] for a in given)
    return True


def _axes(step: Step, slot: int, batch: Vector) -> list[int]:
    fact = step.facts[slot]
    return [axis for axis, v in enumerate((fact.vectors if fact is not None else None) or ()) if v == batch]
