"""`tf.contrib` on a current TensorFlow: the parts that define models, from tf_slim and `tf.compat.v1`."""

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, Dict, List, Optional

from . import tf1_cells, tf1_contrib_functions, tf1_datasets
from .tf1_modules import Names, optional

ROOT = "tensorflow.contrib"
NETS = (
    "alexnet", "inception", "inception_v1", "inception_v2", "inception_v3", "overfeat",
    "resnet_utils", "resnet_v1", "resnet_v2", "vgg",
)  # fmt: skip


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports below `tensorflow.contrib`: `tensorflow.contrib.rnn.python.ops.core_rnn_cell` has the names of
    `tensorflow.contrib.rnn`; a part that is not known imports, and fails when it is used."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        wanted = name.startswith(ROOT + ".")
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if wanted else None

    def create_module(self, spec: Any) -> Any:
        part = spec.name[len(ROOT) + 1 :].split(".")[0]
        known = sys.modules.get("%s.%s" % (ROOT, part))
        leaf = spec.name.rsplit(".", 1)[-1]
        inner = getattr(known, "__dict__", {}).get(leaf)
        if isinstance(inner, types.ModuleType):
            return Names(spec.name, [inner])
        return Names(spec.name, [known] if known is not None else [], nested=leaf in ("python", "ops"))

    def exec_module(self, module: Any) -> None:
        """Its names are found when they are asked for."""


def install(tensorflow: Any, v1: Any, v2: Any) -> Optional[str]:
    """Make `tensorflow.contrib`; the version of tf_slim that most of it comes from, None without it."""
    contrib = Names(ROOT, [])
    sys.modules[ROOT] = contrib
    tensorflow.contrib = contrib
    sys.meta_path.insert(0, Finder())
    parts = beside_slim(v1, v2)
    slim = optional("tf_slim")
    if slim is not None:
        parts.update(from_slim(slim, v1))
    for part, module in parts.items():
        sys.modules[module.__name__] = module
        setattr(contrib, part, module)
    if slim is None:
        return None
    for place in ("slim.nets", "slim.python.slim.nets"):
        add_nets("%s.%s" % (ROOT, place))
    parts["slim"].__dict__["nets"] = sys.modules[ROOT + ".slim.nets"]
    return str(getattr(slim, "__version__", "")) or installed_version("tf_slim")


def installed_version(package: str) -> str:
    """Version of an installed package, as its metadata say."""
    try:
        return str(importlib.import_module("importlib.metadata").version(package))
    except Exception:  # a package that was copied beside the code has no metadata
        return ""


def from_slim(slim: Any, v1: Any) -> Dict[str, Names]:
    """The parts that tf_slim continues.  `import tf_slim.layers.layers as x` gives a function: tf_slim rebinds
    `layers`, so each module is asked for by name."""
    load = importlib.import_module
    layers, initializers = load("tf_slim.layers.layers"), load("tf_slim.layers.initializers")
    regularizers, normalization = load("tf_slim.layers.regularizers"), load("tf_slim.layers.normalization")
    optimizers, summaries = load("tf_slim.layers.optimizers"), load("tf_slim.layers.summaries")
    arg_scope, variables = load("tf_slim.ops.arg_scope"), load("tf_slim.ops.variables")
    load("tf_slim.nets")
    inner = {"layers": layers, "initializers": initializers, "regularizers": regularizers}
    inner.update({"normalization": normalization, "optimizers": optimizers, "summaries": summaries})
    inner["utils"] = load("tf_slim.layers.utils")
    of_layers = [layers, initializers, regularizers, normalization, optimizers, summaries]
    extra = tf1_contrib_functions.layers(v1)
    extra.update(inner)
    found = {
        "layers": Names(ROOT + ".layers", [*of_layers, slim], extra),
        "framework": Names(
            ROOT + ".framework", [arg_scope, variables, slim, v1, v1.train], tf1_contrib_functions.framework(v1)
        ),
        "slim": Names(ROOT + ".slim", [slim, *of_layers, arg_scope, variables, slim.data_provider]),
        "losses": Names(ROOT + ".losses", [slim.losses]),
        "metrics": Names(ROOT + ".metrics", [slim.metrics, v1.math, v1.sets]),
        "training": Names(
            ROOT + ".training",
            [load("tf_slim.training.training"), load("tf_slim.training.evaluation")],
            tf1_contrib_functions.training(v1),
        ),
    }
    add_deep("layers.python.layers", of_layers, inner)
    # `from tensorflow.contrib.framework.python.ops import arg_scope` is the function, `variables` the module
    add_deep("framework.python.ops", [arg_scope, variables], {"variables": variables})
    sys.modules[ROOT + ".framework.python.ops.arg_scope"] = arg_scope
    add_deep("slim.python.slim", [found["slim"]], {})
    return found


def beside_slim(v1: Any, v2: Any) -> Dict[str, Names]:
    """The parts that TensorFlow itself still has, under other names."""
    sources: Dict[str, List[Any]] = {
        "rnn": [v1.nn.rnn_cell, v1.nn],
        "cudnn_rnn": [],
        "crf": [],
        "seq2seq": [],
        "data": [v1.data.experimental, v1.data],
        "distributions": [v1.distributions],
        "image": [v1.image],
        "keras": [v1.keras],
        "learn": [],
        "lookup": [v1.lookup],
        "nn": [v1.nn],
        "opt": [v1.train],
        "quantize": [],
        "signal": [v1.signal],
        "stateless": [v1.random],
        "summary": [v1.summary],
        "util": [],
    }
    extra: Dict[str, Dict[str, Any]] = {
        "rnn": tf1_cells.cells(v1) if getattr(v1.nn.rnn_cell, "LSTMCell", None) else {},
        "crf": tf1_contrib_functions.crf(v1),
        "seq2seq": tf1_contrib_functions.seq2seq(v1),
        "learn": {"datasets": tf1_datasets.learn_datasets()},
        "opt": tf1_contrib_functions.optimizers(v1),
        "quantize": tf1_contrib_functions.quantize(),
        "util": {"nest": v2.nest},
    }
    return {part: Names("%s.%s" % (ROOT, part), found, extra.get(part)) for part, found in sources.items()}


def add_deep(path: str, sources: List[Any], inner: Dict[str, Any]) -> None:
    """A module deep in the tree whose names are modules where the part's own are not:
    `from tensorflow.contrib.layers.python.layers import utils`."""
    name = "%s.%s" % (ROOT, path)
    sys.modules[name] = Names(name, sources, inner)
    for leaf, module in inner.items():
        if isinstance(module, types.ModuleType):
            sys.modules["%s.%s" % (name, leaf)] = module


def add_nets(name: str) -> None:
    """`from tensorflow.contrib.slim.nets import vgg`, as package and as attributes."""
    nets = {net: importlib.import_module("tf_slim.nets." + net) for net in NETS}
    sys.modules[name] = Names(name, [], dict(nets))
    for net, module in nets.items():
        sys.modules["%s.%s" % (name, net)] = module
