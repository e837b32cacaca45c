"""One call of a model function or class of TensorFlow 1, in a graph of its own."""

import contextlib
import inspect
from typing import Any, Dict, Iterator, List, Sequence

from . import tf1_graph, tf1_inert, tf1_modules

BUILDERS = (
    "__call__", "call", "forward", "inference", "build", "build_model", "build_graph", "build_network",
    "model", "network", "predict", "create_model", "_build", "_build_model", "_build_graph", "_build_net",
)  # fmt: skip
"""Methods that build the graph of a class whose constructor does not, likeliest first."""


class Call(object):
    """A function or class with what it is called with.

    After `make`: graph, inputs (placeholders in the order they were made), output, made (what the constructor
    gave), phase (where a failure belongs: "build" is the constructor, "run" the call), notes.
    """

    def __init__(self, engine: Any, target: Dict[str, Any], job: Any, called: Any, scope: Any) -> None:
        self.engine, self.target, self.job, self.called, self.scope = engine, target, job, called, scope
        self.phase = "build" if isinstance(called, type) else "run"
        self.cls = called.__name__ if isinstance(called, type) else "function"
        self.graph: Any = None
        self.inputs: List[Any] = []
        self.output: Any = None
        self.made: Any = None
        self.notes: List[str] = []

    def make(self, tensors: Sequence[List[Any]]) -> Any:
        """Build the graph with placeholders of these shapes; what the function or method returned."""
        self.graph = tf1_graph.fresh(self.engine.v1)
        self.job.recorder.reset()
        try:
            with arg_scopes(self.scope):
                self.output = self.construct(tensors)
        except tf1_inert.TrainingCut as cut:
            self.notes.append("a training loop was %s" % cut)
        return self.output

    def construct(self, tensors: Sequence[List[Any]]) -> Any:
        """The call; of a class the constructor, then the method that takes what is left of the tensors."""
        rest = {spec[0]: spec for spec in tensors}

        def given(spec: List[Any]) -> Any:
            return self.placeholder(rest.pop(spec[0], spec))

        self.job.tensor = given
        args, kwargs = self.job.call
        if not isinstance(self.called, type):
            self.bind(rest, named(self.called), args, kwargs)
            more = [self.placeholder(spec) for spec in rest.values()]
            return self.called(*args, *more, **kwargs)
        self.bind(rest, required(self.called), args, kwargs)
        self.made = self.called(*args, **kwargs)
        self.phase = "run"
        return self.build(list(rest.values()))

    def bind(self, rest: Dict[str, Any], names: List[str], args: Sequence[Any], kwargs: Dict[str, Any]) -> None:
        """Tensors that have the name of a free parameter become its argument, and `sess` is a session."""
        for name in names[len(args) :]:
            if name in rest and name not in kwargs:
                kwargs[name] = self.placeholder(rest.pop(name))
            elif name in ("sess", "session") and name not in kwargs:
                kwargs[name] = self.engine.v1.Session(graph=self.graph)

    def build(self, tensors: List[List[Any]]) -> Any:
        """Call the method that builds the graph; None where the constructor has built it."""
        if not tensors and self.graph.get_operations()[len(self.inputs) :]:
            return None
        for name in BUILDERS:
            method = getattr(self.made, name, None)
            if callable(method) and len(required(method)) == len(tensors) | (takes_many(method) and len(tensors)):
                return method(*[self.placeholder(spec) for spec in tensors])
        if tensors:
            text = "%s was only constructed: none of its methods takes %d tensors"
            self.notes.append(text % (self.cls, len(tensors)))
        return None

    def placeholder(self, spec: List[Any]) -> Any:
        """A placeholder, which is an input of the model."""
        self.inputs.append(tf1_graph.placeholder(self.engine.v1, spec))
        return self.inputs[-1]

    def owners(self) -> Dict[int, str]:
        """Dotted path of the model and of the objects in its attributes, by id."""
        found: Dict[int, str] = {}
        pending = [("", self.made)] if self.made is not None else []
        while pending:
            path, owner = pending.pop(0)
            if id(owner) in found or path.count(".") > 3:
                continue
            found[id(owner)] = path
            for name, value in list(getattr(owner, "__dict__", {}).items()):
                if is_part(self.engine.v1, value) and not name.startswith("__"):
                    pending.append((path + "." + name if path else name, value))
        return found


def is_part(v1: Any, value: Any) -> bool:
    """Is it a layer, a module or another object with attributes: no tensor, no class, no function?"""
    plain = isinstance(value, (type, v1.Tensor, v1.Operation, v1.Graph, v1.Session, v1.Variable))
    return hasattr(value, "__dict__") and not plain and not inspect.isroutine(value) and not inspect.ismodule(value)


def parameters(called: Any) -> Dict[str, Any]:
    """Parameters by name; none where the signature cannot be read."""
    try:
        return dict(inspect.signature(called).parameters)
    except (TypeError, ValueError):
        return {}


def named(called: Any) -> List[str]:
    """Names of the parameters, `*args` and `**kwargs` left out."""
    many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [name for name, each in parameters(called).items() if each.kind not in many]


def required(called: Any) -> List[str]:
    """Names of the positional parameters without a default."""
    free = inspect.Parameter.empty
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, each in parameters(called).items() if each.default is free and each.kind in kinds]


def takes_many(called: Any) -> bool:
    """Has it `*args`?"""
    return any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters(called).values())


@contextlib.contextmanager
def arg_scopes(function: Any) -> Iterator[None]:
    """The defaults of `resnet_arg_scope()`, in every slim that is loaded: each keeps its own."""
    if function is None:
        yield
        return
    scope = function()
    with contextlib.ExitStack() as stack:
        seen = set()
        for name in ("tf_slim", "tensorflow.contrib.framework"):
            enter = getattr(tf1_modules.optional(name), "arg_scope", None)
            if enter is not None and id(enter) not in seen:
                seen.add(id(enter))
                stack.enter_context(enter(scope))
        yield
