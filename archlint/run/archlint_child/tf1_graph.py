"""Graphs of TensorFlow 1: placeholders to call a model with, and what a graph holds in the end."""

import importlib
import re
from typing import Any, Dict, Iterator, List, Optional


class Graphs(object):
    """Every graph that was made in this process, oldest first: a script may build several."""

    def __init__(self, v1: Any) -> None:
        self.made: List[Any] = []
        cls = importlib.import_module("tensorflow.python.framework.ops").Graph
        really = cls.__init__

        def init(graph: Any, *args: Any, **kwargs: Any) -> None:
            really(graph, *args, **kwargs)
            if type(graph) is cls:  # not the bodies of loops and functions
                self.made.append(graph)

        cls.__init__ = init

    def with_variables(self, v1: Any) -> List[Any]:
        """The graphs that hold a variable."""
        key = v1.GraphKeys.GLOBAL_VARIABLES
        return [graph for graph in self.made if graph.get_collection_ref(key)]


def fresh(v1: Any) -> Any:
    """An empty default graph.  Nested in nothing, so that the program may call `tf.reset_default_graph` itself."""
    try:
        v1.reset_default_graph()
    except AssertionError:  # an InteractiveSession of the program is open
        v1.Graph().as_default().__enter__()
    return v1.get_default_graph()


def placeholder(v1: Any, spec: List[Any]) -> Any:
    """A placeholder for [name, shape, dtype, high]; sizes that are None stay open."""
    name, shape, dtype = spec[:3]
    label = re.sub(r"[^A-Za-z0-9_./-]", "_", str(name)).lstrip("_./-") or "input"
    return v1.placeholder(v1.as_dtype(dtype), None if shape is None else list(shape), name=label)


def shape_of(tensor: Any) -> List[Optional[int]]:
    """Sizes of a tensor; empty where not even their number is known."""
    try:
        return [None if size is None else int(size) for size in tensor.get_shape().as_list()]
    except ValueError:
        return []


def size_of(variable: Any) -> Optional[int]:
    """Numbers in a variable; None where its shape is open."""
    shape = variable.get_shape()
    return int(shape.num_elements()) if shape.is_fully_defined() else None


def model_of(v1: Any, graph: Any, name: str, cls: str) -> Dict[str, Any]:
    """A graph as a model: its variables, class "variable" if they are trained and "state" if not."""
    trained = unique(graph.get_collection(v1.GraphKeys.TRAINABLE_VARIABLES))
    known = {id(variable) for variable in trained}
    kept = unique(graph.get_collection(v1.GraphKeys.GLOBAL_VARIABLES))
    modules = [fact(variable, "variable") for variable in trained]
    modules += [fact(variable, "state") for variable in kept if id(variable) not in known]
    sizes = [size_of(variable) for variable in trained]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return {"name": name, "cls": cls, "params": total, "modules": modules}


def unique(variables: List[Any]) -> List[Any]:
    """Each variable once: `tf.trainable_variables()` may list one twice."""
    return list({id(variable): variable for variable in variables}.values())


def fact(variable: Any, cls: str) -> Dict[str, Any]:
    """One variable as a layer of the model: `conv1/weights`."""
    return {"path": variable.op.name, "cls": cls, "params": size_of(variable), "output": None}


def tensors_in(v1: Any, value: Any, depth: int = 0) -> Iterator[Any]:
    """The tensors of what a model returned: itself, or in lists, tuples and dicts."""
    if isinstance(value, v1.Tensor):
        yield value
    elif isinstance(value, dict) and depth < 3:
        for each in value.values():
            for tensor in tensors_in(v1, each, depth + 1):
                yield tensor
    elif isinstance(value, (list, tuple)) and depth < 3:
        for each in value:
            for tensor in tensors_in(v1, each, depth + 1):
                yield tensor
