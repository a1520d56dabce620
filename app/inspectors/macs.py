"""How much work one node does: multiply-accumulates of the operators that multiply matrices, operations of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import NamedTuple, TypeAlias

Dims: TypeAlias = tuple[int, ...] | None
"""None: not known."""


class Work(NamedTuple):
    """`macs` multiply-accumulates and `other` single operations; FLOPs are 2 * macs + other."""

    macs: int = 0
    other: int = 0


class Call(NamedTuple):
    """One node with the sizes of what goes in and out; `number` reads an integer attribute, `numbers` a list, `word` a text."""

    op_type: str
    inputs: Sequence[Dims]
    outputs: Sequence[Dims]
    number: Callable[[str, int], int]
    numbers: Callable[[str], tuple[int, ...]]
    word: Callable[[str], str]

    def input(self, slot: int) -> Dims:
        return self.inputs[slot] if slot < len(self.inputs) else None

    @property
    def out(self) -> Dims:
        return self.outputs[0] if self.outputs else None


Rule: TypeAlias = Callable[[Call], Work | None]


def work_of(call: Call) -> Work | None:
    """None: a size that the estimate needs is not known."""
    rule = _RULES.get(call.op_type)
    if rule is not None:
        return rule(call)
    if call.op_type in _NO_WORK:
        return Work()
    return _each(1)(call)


def multiplies(op_type: str) -> bool:
    """Whether an operator is one that counts in multiply-accumulates."""
    return op_type in _MATRIX


def _each(operations: int) -> Rule:
    """So many operations for each element that comes out."""

    def rule(call: Call) -> Work | None:
        known = [prod(dims) for dims in call.outputs if dims is not None]
        return Work(0, operations * max(known)) if known else None

    return rule


def _each_input(operations: int) -> Rule:
    def rule(call: Call) -> Work | None:
        dims = call.input(0)
        return None if dims is None else Work(0, operations * prod(dims))

    return rule


def _conv(weight: int, swap: bool = False) -> Rule:
    """Each output element takes one kernel (of a transposed convolution: each input element feeds one)."""

    def rule(call: Call) -> Work | None:
        kernel, moved = call.input(weight), call.input(0) if swap else call.out
        if kernel is None or moved is None or len(kernel) < 2:
            return None
        return Work(prod(moved) * prod(kernel[1:]), 0)

    return rule


def _matmul(first: int, second: int) -> Rule:
    def rule(call: Call) -> Work | None:
        a, out = call.input(first), call.out
        if a is None:
            return None
        if out is None:
            b = call.input(second)
            if b is None or not a or not b:
                return None
            return Work(prod(a) * (b[-1] if len(b) > 1 else 1), 0)
        transposed = call.number("transA", 0) and len(a) > 1
        depth = (a[-2] if transposed else a[-1]) if a else 1
        return Work(prod(out) * depth, 0)

    return rule


def _gemm(first: int = 0) -> Rule:
    def rule(call: Call) -> Work | None:
        a, out = call.input(first), call.out
        if a is None or out is None or len(a) != 2:
            return None
        return Work(prod(out) * (a[0] if call.number("transA", 0) else a[1]), 0)

    return rule


def _n_bits(call: Call) -> Work | None:
    out, depth = call.out, call.number("K", 0)
    return None if out is None or not depth else Work(prod(out) * depth, 0)


def _einsum(call: Call) -> Work | None:
    """The product of all indices: what a plain loop does."""
    left = call.word("equation").replace(" ", "").split("->")[0].split(",")
    if len(left) != len(call.inputs) or "..." in call.word("equation"):
        return None
    sizes: dict[str, int] = {}
    for letters, dims in zip(left, call.inputs, strict=True):
        if dims is None or len(letters) != len(dims):
            return None
        sizes.update(zip(letters, dims, strict=True))
    return Work(prod(sizes.values()), 0)


def _recurrent(gates: int) -> Rule:
    """Input and state matrices for each step and direction: X is steps × batch × size, R is directions × gates·hidden × hidden."""

    def rule(call: Call) -> Work | None:
        x, r = call.input(0), call.input(2)
        if x is None or r is None or len(x) != 3 or len(r) != 3:
            return None
        steps, batch, size = x
        directions, hidden = r[0], r[2]
        return Work(steps * batch * directions * gates * hidden * (size + hidden), steps * batch * hidden * gates)

    return rule


def _pool(call: Call) -> Work | None:
    kernel = call.numbers("kernel_shape")
    return None if call.out is None else Work(0, prod(call.out) * (prod(kernel) if kernel else 1))


def _attention(call: Call) -> Work | None:
    """Scores and their use, batch × heads × queries × keys × head size each; projections are nodes of their own."""
    q, k = call.input(0), call.input(1)
    if q is None or k is None:
        return None
    if len(q) == 4 and len(k) == 4:
        return Work(2 * prod(q) * k[2], 0)
    if len(q) == 3 and len(k) == 3:
        return Work(2 * prod(q) * k[1], 0)
    return None


def _packed_attention(call: Call) -> Work | None:
    """Attention of com.microsoft: input batch × length × size, weights size × 3 hidden."""
    x, weights = call.input(0), call.input(1)
    if x is None or weights is None or len(x) != 3 or len(weights) != 2:
        return None
    batch, length, size = x
    return Work(batch * length * size * weights[1] + 2 * batch * length * length * (weights[1] // 3), 0)


def _resize(call: Call) -> Work | None:
    linear = call.word("mode") in ("linear", "cubic")
    return _each(8 if linear else 1)(call)


_MATRIX: Mapping[str, Rule] = {
    "Conv": _conv(1),
    "FusedConv": _conv(1),
    "NhwcConv": _conv(1),
    "ConvInteger": _conv(1),
    "QLinearConv": _conv(3),
    "DeformConv": _conv(1),
    "ConvTranspose": _conv(1, swap=True),
    "MatMul": _matmul(0, 1),
    "FusedMatMul": _matmul(0, 1),
    "MatMulInteger": _matmul(0, 1),
    "MatMulIntegerToFloat": _matmul(0, 1),
    "DynamicQuantizeMatMul": _matmul(0, 1),
    "QLinearMatMul": _matmul(0, 3),
    "MatMulNBits": _n_bits,
    "MatMulBnb4": _n_bits,
    "Gemm": _gemm(),
    "FusedGemm": _gemm(),
    "QGemm": _gemm(),
    "Einsum": _einsum,
    "LSTM": _recurrent(4),
    "DynamicQuantizeLSTM": _recurrent(4),
    "GRU": _recurrent(3),
    "RNN": _recurrent(1),
    "Attention": lambda call: (
        _packed_attention(call) if call.input(1) and len(call.input(1) or ()) == 2 else _attention(call)
    ),
    "MultiHeadAttention": _attention,
    "GroupQueryAttention": _attention,
}
_RULES: Mapping[str, Rule] = {
    **_MATRIX,
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool", "QLinearAveragePool"), _pool),
    **dict.fromkeys(
        ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "QLinearGlobalAveragePool", "ArgMax", "ArgMin", "TopK"),
        _each_input(1),
    ),
    **dict.fromkeys(
        (
            "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
            "ReduceProd", "ReduceSum", "ReduceSumSquare", "CumSum",
        ),
        _each_input(1),
    ),
    **dict.fromkeys(("BatchNormalization", "QLinearAdd", "QLinearMul"), _each(2)),
    **dict.fromkeys(
        (
            "LayerNormalization", "InstanceNormalization", "GroupNormalization", "RMSNormalization", "LRN",
            "SimplifiedLayerNormalization", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization",
            "LpNormalization", "MeanVarianceNormalization", "Softmax", "LogSoftmax", "Hardmax",
        ),
        _each(6),
    ),
    **dict.fromkeys(
        ("Gelu", "FastGelu", "BiasGelu", "QuickGelu", "Mish", "Swish", "HardSwish", "Softplus", "Erf", "Tanh", "Sigmoid"),
        _each(6),
    ),
    "Resize": _resize,
    "Upsample": _resize,
}  # fmt: skip
# moving, naming and shaping data is no arithmetic
_NO_WORK = frozenset(
    (
        "AffineGrid", "BitCast", "Cast", "CastLike", "CenterCropPad", "Col2Im", "Compress", "Concat",
        "ConcatFromSequence", "Constant", "ConstantOfShape", "DepthToSpace", "Dropout", "Expand", "EyeLike", "Flatten",
        "Gather", "GatherElements", "GatherND", "Identity", "If", "Loop", "NonZero", "OneHot", "Optional",
        "OptionalGetElement", "OptionalHasElement", "Pad", "Range", "Reshape", "ReverseSequence", "Scan", "Scatter",
        "ScatterElements", "ScatterND", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase",
        "SequenceInsert", "SequenceLength", "SequenceMap", "Shape", "Size", "Slice", "SpaceToDepth", "Split",
        "SplitToSequence", "Squeeze", "Tile", "Transpose", "Trilu", "Unique", "Unsqueeze", "ZipMap",
    )
)  # fmt: skip
