"""Models without a framework: classes whose `forward` computes shapes.  For the tests of everything around it."""

import platform
from typing import Any, Dict, List, Sequence


class Plain(object):
    """A tensor that has a shape and nothing else."""

    def __init__(self, shape: Sequence[int], dtype: str = "float32") -> None:
        self._shape, self._dtype = tuple(shape), dtype

    @property
    def shape(self) -> Sequence[int]:
        """The sizes."""
        return self._shape

    @property
    def dtype(self) -> str:
        """The type of its elements."""
        return self._dtype

    def reshape(self, *shape: int) -> "Plain":
        """A tensor of another shape."""
        return Plain(shape, self._dtype)


def setup(header: Dict[str, Any]) -> str:
    """The name of what runs."""
    return "python " + platform.python_version()


def tensor(spec: List[Any]) -> Plain:
    """The argument for [name, shape, dtype, high]."""
    return Plain(spec[1], spec[2])


def run(target: Dict[str, Any], job: Any) -> Dict[str, Any]:
    """Build the class or call the function, then call what came of it once per attempt."""
    if target["kind"] == "script":
        _, skipped = job.run_script(target["path"])
        body = one_run(-1, [], None, job, {})
        return {"runs": [body], "statements": skipped}
    try:
        made = job.find(job.load(target["path"]), target["name"])
    except BaseException as exc:
        return {"failures": [job.failure(exc, "import")]}
    try:
        args, kwargs = job.call
        model = made(*args, **kwargs)
    except BaseException as exc:
        return {"failures": [job.failure(exc, "build")]}
    owners = children(model)
    owners[id(model)] = ""
    mark, runs, failures = job.recorder.mark(), [], []
    for number, attempt in enumerate(target.get("attempts", [])):
        try:
            for given in [attempt["tensors"], attempt.get("second")]:
                if given:
                    job.recorder.rewind(mark)
                    output = model.forward(*[tensor(spec) for spec in given])
                    runs.append(one_run(number, given, output, job, owners))
        except BaseException as exc:
            failures.append(job.failure(exc, "run", number))
        if runs:
            break
    modules = [{"path": path, "cls": path, "params": 0, "output": None} for path in sorted(owners.values())]
    facts = {"name": target["name"], "cls": type(model).__name__, "params": None, "modules": modules}
    return {"runs": runs, "failures": failures, "models": [facts]}


def one_run(attempt: int, given: List[Any], output: Any, job: Any, owners: Dict[int, str]) -> Dict[str, Any]:
    """One entry of `runs`."""
    body = dict(job.recorder.take(owners), attempt=attempt, strategy="real", guards=[])
    return dict(body, shapes=[spec[1] for spec in given], output=job.recorder.describe(output))


def children(model: Any) -> Dict[int, str]:
    """Attributes that have a `forward` themselves, by id."""
    return {id(value): name for name, value in vars(model).items() if hasattr(value, "forward")}
