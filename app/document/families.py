"""Which family an operator belongs to: by what it computes, so a quantised convolution looks like a convolution."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MATMUL, NORMALISATION, ACTIVATION, POOLING, SHAPE = "matmul", "normalisation", "activation", "pooling", "shape"
TENSOR, ARITHMETIC, CONTROL, QUANTISATION, CUSTOM = "tensor", "arithmetic", "control", "quantisation", "custom"

MICROSOFT = "com.microsoft"
# the same operators in another memory layout, as ONNX Runtime writes them into optimised models
LAYOUT_DOMAINS = frozenset({"com.microsoft.nchwc", "com.ms.internal.nhwc"})
RUNTIME_DOMAINS = frozenset({MICROSOFT, *LAYOUT_DOMAINS})


def _table(**families: str) -> Mapping[str, str]:
    return MappingProxyType({name: family for family, names in families.items() for name in names.split()})


# ai.onnx, ai.onnx.ml and the preview domains: no two of their operators share a name
STANDARD = _table(
    matmul="""
        Attention CausalConvWithState Conv ConvInteger ConvTranspose DeformConv Einsum FlexAttention GRU
        Gemm LSTM LinearAttention LinearClassifier LinearRegressor MatMul MatMulInteger QLinearConv
        QLinearMatMul RNN SVMClassifier SVMRegressor TreeEnsemble TreeEnsembleClassifier
        TreeEnsembleRegressor""",
    normalisation="""
        BatchNormalization GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization
        MeanVarianceNormalization Normalizer RMSNormalization Scaler StringNormalizer""",
    activation="""
        Celu Dropout Elu Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu Relu Selu Shrink
        Sigmoid Softmax Softplus Softsign SwiGLU Swish Tanh ThresholdedRelu""",
    pooling="""
        ArgMax ArgMin AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool LpPool MaxPool MaxRoiPool
        MaxUnpool NegativeLogLikelihoodLoss NonMaxSuppression ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
        ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RoiAlign SoftmaxCrossEntropyLoss
        TopK""",
    shape="""
        CenterCropPad Col2Im DepthToSpace Expand Flatten Pad Reshape Resize ReverseSequence Shape Size
        SpaceToDepth Squeeze Tile Transpose Unsqueeze Upsample""",
    tensor="""
        AffineGrid ArrayFeatureExtractor BitCast BlackmanWindow Cast CastLike CastMap CategoryMapper
        Compress Concat ConcatFromSequence Constant ConstantOfShape DictVectorizer EyeLike FeatureVectorizer
        Gather GatherElements GatherND GridSample HammingWindow HannWindow Identity ImageDecoder Imputer
        LabelEncoder MelWeightMatrix Multinomial NonZero OneHot OneHotEncoder Optional OptionalGetElement
        OptionalHasElement RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Scatter
        ScatterElements ScatterND SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert
        SequenceLength Slice Split SplitToSequence StringConcat StringSplit TensorScatter TfIdfVectorizer
        Trilu Unique ZipMap""",
    arithmetic="""
        Abs Acos Acosh Adagrad Adam Add And Asin Asinh Atan Atanh Bernoulli Binarizer BitShift BitwiseAnd
        BitwiseNot BitwiseOr BitwiseXor Ceil Clip Cos Cosh CumProd CumSum DFT Det Div Equal Erf Exp Floor
        Gradient Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Momentum Mul Neg
        Not Or Pow Reciprocal RegexFullMatch RotaryEmbedding Round STFT Sign Sin Sinh Sqrt Sub Sum Tan Where
        Xor""",
    control="If Loop Scan SequenceMap",
    quantisation="DequantizeLinear DynamicQuantizeLinear QuantizeLinear",
)

# operators of com.microsoft that STANDARD does not name
CONTRIBUTED = _table(
    matmul="""
        AttnLSTM CDist ConvTransposeWithDynamicPads DecoderAttention DecoderMaskedMultiHeadAttention
        DecoderMaskedSelfAttention DynamicQuantizeLSTM DynamicQuantizeMatMul DynamicSparseAttention
        FusedConv FusedGemm FusedMatMul FusedMatMulActivation GatedDeltaNet GemmFastGelu GemmFloat8
        GroupQueryAttention LinearAttentionGate LongformerAttention MatMulBlockQuantizedFp4Weight
        MatMulBlockQuantizedFp8Weight MatMulBnb4 MatMulFpQ4 MatMulInteger16 MatMulIntegerToFloat MatMulNBits
        MatMulNBitsMlp MatMulNBitsQkv MoE MultiHeadAttention NhwcConv NhwcFusedConv PackedAttention
        PackedMultiHeadAttention PackedSparseAttentionIndexer PackedSparseAttentionIndexerMerge
        PagedAttention QAttention QGemm QMoE QOrderedAttention QOrderedLongformerAttention QOrderedMatMul
        SparseAttention SparseAttentionIndexer SparsePagedAttention SparseToDenseMatMul TransposeMatMul
        VarlenCausalConvWithState WordConvEmbedding""",
    normalisation="""
        BranchwiseRMSNorm EmbedLayerNormalization GatedRMSNorm GroupNorm QEmbedLayerNormalization
        QOrderedLayerNormalization SimplifiedLayerNormalization SkipGroupNorm SkipLayerNormalization
        SkipSimplifiedLayerNormalization""",
    activation="""
        BiasDropout BiasGelu BiasSoftmax BiasSplitGelu BitmaskBiasDropout BitmaskDropout EngramGate FastGelu
        QLinearLeakyRelu QLinearSigmoid QLinearSoftmax QOrderedGelu QuickGelu ScaledSiLU""",
    pooling="""
        MaxpoolWithMask NhwcMaxPool QLinearAveragePool QLinearGlobalAveragePool QLinearReduceMean
        ReduceSumInteger""",
    shape="ExpandDims RemovePadding ReorderInput ReorderOutput RestorePadding UnfoldTensor",
    tensor="""
        BifurcationDetector ConvStateReplay CropAndResize GatedDeltaNetStateReplay GatedRelativePositionBias
        GatherBlockQuantized MurmurHash3 NGramHashMapping NGramRepeatBlock QLinearConcat
        RelativePositionBias Tokenizer TorchEmbedding VarlenNGramHashMapping""",
    arithmetic="""
        BiasAdd ComplexMul ComplexMulConj DynamicTimeWarping GatedAdd GemmaRotaryEmbedding
        HyperConnectionPostMix HyperConnectionPreMix Inverse Irfft IsAllFinite MRotaryEmbedding MulInteger
        QLinearAdd QLinearMul QLinearWhere Rfft SampleOp""",
    control="BeamSearch GreedySearch Sampling WhisperBeamSearch",
    quantisation="DequantizeBFP DequantizeWithOrder QuantizeBFP QuantizeWithOrder",
    custom="EPContext Snpe",
)

# operators that models have in the standard domain although no opset of it does: experiments of old, and plugins of runtimes
UNOFFICIAL = _table(
    matmul="DisentangledAttention_TRT GRUUnit",
    activation="ParametricSoftplus ScaledTanh",
    pooling="EfficientNMS_TRT MultilevelCropAndResize_TRT PyramidROIAlign_TRT",
    shape="Crop",
    tensor="DynamicSlice GivenTensorFill MemcpyFromHost MemcpyToHost",
    arithmetic="Affine ImageScaler Scale",
)

# beginnings of names that say what a later com.microsoft operator computes; the first that fits decides
_BEGINNINGS = (
    ("Quantize", QUANTISATION),
    ("Dequantize", QUANTISATION),
    ("DynamicQuantizeMatMul", MATMUL),
    ("MatMul", MATMUL),
    ("Gemm", MATMUL),
    ("Conv", MATMUL),
    ("Reduce", POOLING),
    ("Random", TENSOR),
)
# endings likewise
_ENDINGS = (
    ("Attention", MATMUL),
    ("MatMul", MATMUL),
    ("Conv", MATMUL),
    ("Normalization", NORMALISATION),
    ("Norm", NORMALISATION),
    ("Gelu", ACTIVATION),
    ("Softmax", ACTIVATION),
    ("Pool", POOLING),
)
_STANDARD_DOMAINS = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training", "ai.onnx.training"}
)


def family(domain: str, op_type: str) -> str:
    """The family of an operator: one of ten words; 'custom' for what is unknown here."""
    if domain in _STANDARD_DOMAINS:
        return STANDARD.get(op_type) or CONTRIBUTED.get(op_type) or UNOFFICIAL.get(op_type, CUSTOM)
    if domain not in RUNTIME_DOMAINS:
        return CUSTOM
    known = CONTRIBUTED.get(op_type) or STANDARD.get(op_type) or STANDARD.get(op_type.removeprefix("QLinear"))
    if known is not None:
        return known
    for beginning, name in _BEGINNINGS:
        if op_type.startswith(beginning):
            return name
    for ending, name in _ENDINGS:
        if op_type.endswith(ending):
            return name
    return CUSTOM
