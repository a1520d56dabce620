"""Where a model comes from: the framework and exporter that made it, recognised by what they leave behind, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from onnx_scalpel.document import schemas
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.errors import one_line
from onnx_scalpel.inspectors.inspected import Facts, Inspected

LOOKED_AT = 400  # nodes and values whose names are looked at
PYTORCH, TENSORFLOW, KERAS, SKLEARN = "PyTorch", "TensorFlow", "Keras", "scikit-learn"
TORCHSCRIPT, DYNAMO = "torch.onnx, TorchScript", "torch.onnx, dynamo"


class Maker(NamedTuple):
    """What a producer's name stands for. `tool` is true for one that changes models others made."""

    framework: str
    exporter: str
    tool: bool = False


# beginnings of producer names, in lower case; the first that fits decides
_PRODUCERS: tuple[tuple[str, Maker], ...] = (
    ("pytorch", Maker(PYTORCH, "torch.onnx")),
    ("tf2onnx", Maker(TENSORFLOW, "tf2onnx")),
    ("keras2onnx", Maker(KERAS, "keras2onnx")),
    ("keras", Maker(KERAS, "Keras")),
    ("skl2onnx", Maker(SKLEARN, "skl2onnx")),
    ("onnxmltools", Maker("", "OnnxMLTools (Keras, Core ML, LightGBM, XGBoost …)")),
    ("winmltools", Maker("", "WinMLTools")),
    ("coremltools", Maker("Core ML", "coremltools")),
    ("paddle", Maker("PaddlePaddle", "Paddle2ONNX")),
    ("mxnet", Maker("MXNet", "mx2onnx")),
    ("mx2onnx", Maker("MXNet", "mx2onnx")),
    ("chainer", Maker("Chainer", "onnx-chainer")),
    ("cntk", Maker("CNTK", "CNTK")),
    ("onnx-caffe2", Maker("Caffe2", "onnx-caffe2")),
    ("caffe2", Maker("Caffe2", "onnx-caffe2")),
    ("matlab", Maker("MATLAB", "Deep Learning Toolbox")),
    ("mindspore", Maker("MindSpore", "MindSpore")),
    ("oneflow", Maker("OneFlow", "oneflow_onnx")),
    ("jittor", Maker("Jittor", "Jittor")),
    ("jax2onnx", Maker("JAX", "jax2onnx")),
    ("jax", Maker("JAX", "JAX")),
    ("tribuo", Maker("Tribuo", "Tribuo")),
    ("ml.net", Maker("ML.NET", "ML.NET")),
    ("microsoft.ml", Maker("ML.NET", "ML.NET")),
    ("lightgbm", Maker("LightGBM", "LightGBM")),
    ("xgboost", Maker("XGBoost", "XGBoost")),
    ("catboost", Maker("CatBoost", "CatBoost")),
    ("spox", Maker("", "Spox")),
    ("onnxscript", Maker("", "ONNX Script")),
    ("onnx.quantize", Maker("", "ONNX Runtime's quantiser", True)),
    ("onnxruntime.transformers", Maker("", "ONNX Runtime's transformer optimiser", True)),
    ("onnxruntime-genai", Maker("", "ONNX Runtime GenAI's builder")),
    ("onnxruntime", Maker("", "ONNX Runtime", True)),
    ("ort_", Maker("", "ONNX Runtime", True)),
    ("onnx-simplifier", Maker("", "onnx-simplifier", True)),
    ("onnxsim", Maker("", "onnx-simplifier", True)),
    ("onnxslim", Maker("", "OnnxSlim", True)),
    ("onnxoptimizer", Maker("", "onnxoptimizer", True)),
    ("polygraphy", Maker("", "Polygraphy", True)),
    ("onnx-graphsurgeon", Maker("", "ONNX GraphSurgeon", True)),
    ("modelopt", Maker("", "NVIDIA Model Optimizer", True)),
    ("neural compressor", Maker("", "Intel Neural Compressor", True)),
    ("quark", Maker("", "AMD Quark", True)),
    ("qonnx", Maker("", "QONNX", True)),
    ("backend-test", Maker("", "ONNX's own tests")),
)
# what a tool leaves in metadata keys, domains and graph names
_TRACES: tuple[tuple[str, str], ...] = (
    (r"^onnx\.quant", "ONNX Runtime's quantiser"),
    (r"^onnx\.infer$", "ONNX Runtime's shape inference"),
    (r"^onnx_graphsurgeon", "ONNX GraphSurgeon"),
    (r"^pkg\.onnxscript\.rewriter|^pkg\.onnxscript\.optimizer", "ONNX Script's optimiser"),
    (r"^onnx\.brevitas$|^qonnx", "Brevitas or QONNX"),
    (r"^com\.microsoft\.nchwc$", "ONNX Runtime's layout optimiser"),
    (r"^_?ppp\d", "ONNX Runtime Extensions (pre- and post-processing)"),
)


class ProvenanceInspector:
    """Reads producer, metadata, graph and node names. `sure` is certain, likely or a guess; '' where nothing was recognised."""

    name = "provenance"
    title = "Origin"

    def inspect(self, model: Inspected) -> Facts:
        record = model.document.model()
        clues = _Clues(model)
        maker = _named(record.producer_name)
        framework, exporter, sure, because = "", "", "", []
        if maker is not None and not maker.tool:
            framework, exporter, sure = maker.framework, maker.exporter, "certain"
            because.append(f"the producer is {one_line(printable(record.producer_name), 60)}")
        found = clues.exporter(framework)
        unheard = maker is None and bool(record.producer_name.strip())
        if found is not None and unheard and found[2] == "likely":
            found = (*found[:2], "a guess", found[3])  # a producer that nobody knows may imitate names
        if found is not None and (not framework or found[0] == framework):
            finer = framework == found[0]
            framework, exporter = found[0], found[1]
            sure = sure if finer and found[2] == "certain" else found[2]
            because.append(found[3])
        tools = [maker.exporter] if maker is not None and maker.tool else []
        return {
            "producer": printable(record.producer_name),
            "producer_version": printable(record.producer_version),
            "framework": framework,
            "exporter": exporter,
            "sure": sure,
            "because": because,
            "tools": list(dict.fromkeys([*tools, *clues.tools()])),
        }

    def tell(self, facts: Facts) -> list[str]:
        producer = one_line(f"{facts['producer']} {facts['producer_version']}", 120)
        lines = [f"producer {producer}" if producer else "names no producer"]
        if facts["sure"]:
            made = " by ".join(part for part in (facts["framework"], facts["exporter"]) if part)
            lines.append(f"made with {made} ({facts['sure']}: {'; '.join(facts['because'])})")
        if facts["tools"]:
            lines.append(f"then changed by {', '.join(facts['tools'])}")
        return lines


def _named(producer: str) -> Maker | None:
    known = producer.strip().lower()
    return next((maker for start, maker in _PRODUCERS if known.startswith(start)), None)


class _Clues:
    """Names and keys that exporters leave behind, of the beginning of the main graph."""

    def __init__(self, model: Inspected) -> None:
        document = model.document
        nodes = document.live_graph(MAIN_GRAPH).nodes[:LOOKED_AT]
        self.graph = document.graph(MAIN_GRAPH).name
        self.node_names = [live.node.name for live in nodes if live.node.name]
        made = [tensor.name for live in nodes for tensor in live.node.outputs if tensor.name]
        self.values = [*made, *(held for held in _initializer_names(model))]
        self.keys = {key for key, _ in document.model().metadata}
        for live in nodes:
            if live.record is not None or (live.origin is not None and live.origin.metadata_props):
                self.keys |= {key for key, _ in live.current().metadata}
        self.domains = {domain for domain, _ in document.model().opset_imports}
        self.ml = any(schemas.normal_domain(live.node.domain) == "ai.onnx.ml" for live in nodes)

    def exporter(self, framework: str) -> tuple[str, str, str, str] | None:
        """Framework, exporter, how sure, and why."""
        return next((found for found in self._all() if not framework or found[0] == framework), None)

    def tools(self) -> Iterator[str]:
        for pattern, tool in _TRACES:
            if any(re.search(pattern, said) for said in (*self.keys, *self.domains, self.graph)):
                yield tool

    def _all(self) -> Iterator[tuple[str, str, str, str]]:
        if any(key.startswith("pkg.torch.") for key in self.keys):
            yield PYTORCH, DYNAMO, "certain", "nodes carry metadata of torch.export"
        if any(domain.startswith(("pkg.onnxscript.torch_lib", "pkg.torch.")) for domain in self.domains):
            yield PYTORCH, DYNAMO, "certain", "it imports torch_lib"
        if self.graph in ("torch-jit-export", "torch_jit"):
            yield PYTORCH, TORCHSCRIPT, "certain", f"the graph is called {self.graph}"
        if self._share(self.values, r"^onnx::\w+_\d+$") >= 0.01:
            yield PYTORCH, TORCHSCRIPT, "certain", "values are called like onnx::Conv_12"
        if self._share(self.values, r"^/.*_output_\d+$") > 0.2:
            yield PYTORCH, TORCHSCRIPT, "likely", "values are called by module paths like /layer/Conv_output_0"
        if self._share(self.node_names, r"^node_[A-Za-z]") > 0.5 and self.graph == "main_graph":
            yield PYTORCH, DYNAMO, "likely", "nodes are called like node_conv2d"
        if self.graph == "main_graph":
            yield PYTORCH, TORCHSCRIPT if self._numbered() else "torch.onnx", "likely", "the graph is called main_graph"
        if self.graph == "tf2onnx" or self._share(self.values, r"const_fold_opt__\d+$") > 0.05:
            yield TENSORFLOW, "tf2onnx", "likely", "names are those of tf2onnx"
        if self._share(self.values, r"StatefulPartitionedCall|ReadVariableOp") > 0.1:
            yield TENSORFLOW, "tf2onnx", "likely", "values are called like TensorFlow's variables"
        if self._share(self.values, r"/(kernel|bias|gamma|beta):0$") > 0.02:
            yield KERAS, "keras2onnx or OnnxMLTools", "likely", "weights are called like Keras's, dense/kernel:0"
        if self.graph == "CNTKGraph":
            yield "CNTK", "CNTK", "certain", "the graph is called CNTKGraph"
        if self._share(self.values, r"^(conv2d|batch_norm|linear|relu)_\d+\.(w|b|tmp)_\d+") > 0.05:
            yield "PaddlePaddle", "Paddle2ONNX", "likely", "values are called like conv2d_0.w_0"
        if self.graph == "mxnet_converted_model":
            yield "MXNet", "mx2onnx", "certain", "the graph is called mxnet_converted_model"
        if any(key.startswith("lightgbm") for key in self.keys):
            yield "LightGBM", "onnxmltools", "likely", "metadata names LightGBM"
        if "TRIBUO_PROVENANCE" in self.keys:
            yield "Tribuo", "Tribuo", "certain", "metadata holds Tribuo's provenance"
        if self.graph.startswith("ONNX(") and self.ml:
            yield SKLEARN, "skl2onnx", "likely", "the graph is called like an estimator"
        if self._share(self.values, r"\.(weight|bias|running_mean|running_var)$") > 0.02:
            yield PYTORCH, "torch.onnx", "a guess", "weights are called like PyTorch's, layer.weight"
        if self.ml:
            yield SKLEARN, "skl2onnx or OnnxMLTools", "a guess", "it uses operators of ai.onnx.ml"

    def _numbered(self) -> bool:
        """Node names like Conv_12 or /layer/Conv: TorchScript's, before and after modules had names."""
        return self._share(self.node_names, r"^(/.*/[A-Z]\w*|[A-Z]\w*_\d+)$") > 0.5

    def _share(self, names: list[str], pattern: str) -> float:
        known = re.compile(pattern)
        return sum(bool(known.search(name)) for name in names) / len(names) if names else 0.0


def _initializer_names(model: Inspected) -> Iterator[str]:
    names = (live.name for live in model.document.tables()[1].values() if live.initializers or live.record)
    for count, name in enumerate(names):
        if count >= LOOKED_AT:
            return
        yield name
