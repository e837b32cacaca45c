"""How the models of a file get built without being asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from archlint.model import Model
from archlint.options import Options, configured_inputs
from archlint.project import Project
from archlint.run.attempts import attempts_for
from archlint.run.construction import Arguments, Missing, arguments_for, listed
from archlint.run.definitions import MODEL_BASES, Definitions, can_be_called, constructor, definitions
from archlint.run.expected import call_of
from archlint.run.literals import parse_args
from archlint.run.mining import Mined, mined
from archlint.run.records import Attempt, Framework, Given, Target
from archlint.source import ir
from archlint.values import Class, Function

DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class Unbuildable:
    """A model that nothing in the project says how to build; `reason` is one line that says what to give."""

    name: str
    path: str
    line: int
    reason: str
    framework: str = "torch"


def targets_of(
    project: Project,
    path: str,
    models: Sequence[Model],
    framework: str = "auto",
    only: Sequence[str] = (),
    args: str = "",
    options: Options = DEFAULT,
    cache: dict[str, Mined] | None = None,
    stated: Mapping[str, Arguments] | None = None,
) -> list[Target | Unbuildable]:
    """What to build and call in a file, in order of its lines.

    models: those the static analysis found in it.  only: names given by the user, taken as they are.  args: text of
    `--args`, which replaces what the source says; ValueError if it is none.  cache: calls of the project's files.
    stated: arguments that the configuration gives, by name.
    """
    defined = definitions(project, path)
    if defined is None:
        return []
    given = parse_args(args) if args.strip() else None
    search = _Search(project, defined, models, given, {} if cache is None else cache, stated or {})
    found = [search.one(name) for name in only] if only else search.all()
    kept = [one for one in found if framework in ("auto", one.framework)]
    return [one if isinstance(one, Unbuildable) else _called_safely(search, one, options) for one in kept]


@dataclass(slots=True)
class _Search:
    """One file: what it defines, what its calls say, and which definitions the chosen targets run."""

    project: Project
    defined: Definitions
    models: Sequence[Model]
    given: tuple[tuple[Any, ...], dict[str, Any]] | None
    cache: dict[str, Mined]
    stated: Mapping[str, Arguments]
    reached: set[str] = field(default_factory=set)

    def all(self) -> list[Target | Unbuildable]:
        """Factories first, then the classes and functions that these do not run, then the file itself."""
        found: dict[str, Target] = {}
        missing: dict[str, Missing] = {}
        mentioned = self._mentioned()
        names = [*self._factories(), *self._in_order(mentioned)]
        for name in names:
            if name in self.reached or name in found:
                continue
            how = self._arguments(name)
            if isinstance(how, Missing):
                missing[name] = how
                continue
            found[name] = self._target(name, how)
            self.reached |= self._run_by(name)
        result: list[Target | Unbuildable] = list(found.values())
        if self._needs_script():
            result.append(self._script())
        for name, lack in missing.items():
            if name not in self.reached and (name not in mentioned or self._is_entry(name)):
                result.append(self._unbuildable(name, lack.text))
        return sorted(result, key=lambda one: self.defined.line(one.name) if one.name else 0)

    def one(self, name: str) -> Target | Unbuildable:
        """A definition that the user named."""
        if name not in self.defined.own:
            if self._at_module_level(name):
                return self._script()
            near = ", ".join(n for n in self.defined.own if self.framework(n)) or "none"
            return self._unbuildable(name, f"the file defines no `{name}`; models in it: {near}")
        how = self._arguments(name)
        if self.given is not None and (isinstance(how, Missing) or "--args" not in how.how):
            takes = [p.name for p in constructor(self.defined.own[name])[0]]
            return self._unbuildable(name, f"--args do not fit: it takes {listed(takes) or 'none'}")
        return self._unbuildable(name, how.text) if isinstance(how, Missing) else self._target(name, how)

    def framework(self, name: str) -> Framework | None:
        """Framework of a model class or of a function that makes a model or, as in TF 1, a graph."""
        made = self.defined.own[name]
        kind = self.defined.kind(made)
        if kind:
            return "torch" if kind.startswith("torch") else "keras"
        graphs = (m for m in self.models if m.framework == "tf" and m.entry == "function" and _title(m) == name)
        return "tf1" if isinstance(made, Function) and next(graphs, None) is not None else None

    def _factories(self) -> Iterator[str]:
        """Public functions that return a model, need no argument and serve no other model: `resnet18()`."""
        inside = {
            mentioned
            for owner, names in self.defined.index.references.items()
            if owner in self.defined.own and self.defined.kind(self.defined.own[owner])
            for mentioned in names
        }
        for name, made in self.defined.own.items():
            if isinstance(made, Function) and not name.startswith("_") and name not in inside:
                if self.defined.kind(made) in (*MODEL_BASES, "torch.nn.Sequential"):
                    how = self._arguments(name)
                    if isinstance(how, Arguments) and not how.args and not how.kwargs:
                        yield name

    def _in_order(self, mentioned: set[str]) -> list[str]:
        """Public candidates: those that no other definition mentions first, functions before classes."""
        names = [name for name in self.defined.own if not name.startswith("_") and self._is_candidate(name)]
        return sorted(names, key=lambda n: (n in mentioned, isinstance(self.defined.own[n], Class)))

    def _is_candidate(self, name: str) -> bool:
        made = self.defined.own[name]
        if isinstance(made, Class):
            return bool(self.defined.kind(made)) and can_be_called(made)
        return self.framework(name) is not None and not made.attrs.get("__kind__")

    def _mentioned(self) -> set[str]:
        return {n for owner, names in self.defined.index.references.items() if owner for n in names}

    def _run_by(self, name: str) -> set[str]:
        """The definitions of the file that a definition mentions, at any remove, and itself."""
        found: set[str] = set()
        pending = [name]
        while pending:
            current = pending.pop()
            if current not in found:
                found.add(current)
                pending += self.defined.index.references.get(current, ())
        return found

    def models_of(self, target: Target) -> tuple[str, ...]:
        """Names of the static models that a target builds."""
        if target.kind == "script":
            return tuple(m.name for m in self.models if m.entry == "module level" and not self._covered(m))
        run = self._run_by(target.name)
        return tuple(m.name for m in self.models if _title(m) == target.name or self._owner(m) in run)

    def _owner(self, model: Model) -> str | None:
        """The definition that a model is written in; None for the module level and for other files."""
        if model.span.path != self.defined.path or model.span.end == 0:
            return None
        return self.defined.owner_at(model.span.start) or None

    def _is_entry(self, name: str) -> bool:
        return any(m.entry in ("class", "function") and _title(m) == name for m in self.models)

    def _needs_script(self) -> bool:
        """A model of the module level that no target builds."""
        return any(m.entry == "module level" and not self._covered(m) for m in self.models)

    def _covered(self, model: Model) -> bool:
        if model.framework == "tf":
            return False
        owner = self._owner(model)
        if owner is None and model.span.path != self.defined.path:  # a class of another file, through a function here?
            return bool(self._run_by("") & self.reached)
        return owner in self.reached

    def _at_module_level(self, name: str) -> bool:
        return any(m.entry == "module level" and _title(m) == name for m in self.models)

    def _script(self) -> Target:
        level = [m for m in self.models if m.entry == "module level"]
        framework = _framework(level[0]) if level else "torch"
        return Target(self.defined.path, self.defined.path, "", "script", framework, how="running the file")

    def _arguments(self, name: str) -> Arguments | Missing:
        if self.given is None and name in self.stated:
            return self.stated[name]
        inputs = [r.name for m in self.models if m.entry == "function" and _title(m) == name for r in m.inputs]
        graph = self.framework(name) == "tf1"
        return arguments_for(self.project, self.defined, name, self.given, inputs if graph else None, self.cache)

    def _target(self, name: str, how: Arguments) -> Target:
        made = self.defined.own[name]
        ident = f"{self.defined.path}::{name}"
        framework = self.framework(name) or "torch"
        scope = self._arg_scope(name) if framework == "tf1" else ""
        kind: Literal["class", "function"] = "class" if isinstance(made, Class) else "function"
        return Target(
            ident, self.defined.path, name, kind, framework, how.args, how.kwargs, how.how,
            arg_scope=scope, line=self.defined.line(name),
        )  # fmt: skip

    def _arg_scope(self, name: str) -> str:
        """`resnet_v1_50` is meant for `resnet_arg_scope`: the longest prefix wins, else the only one there is."""
        names = [n for n in self.defined.module.names if n.endswith("_arg_scope") and not self._requires(n)]
        fitting = [n for n in names if name.startswith(n.removesuffix("_arg_scope"))]
        chosen = fitting or names
        if fitting or len(chosen) == 1:
            return max(chosen, key=len, default="")
        return ""

    def _requires(self, name: str) -> bool:
        node = getattr(self.defined.own.get(name), "node", None)
        params = node.params if isinstance(node, ir.FunctionDef) else []
        return any(p.default is None and p.kind in ("posonly", "normal", "kwonly") for p in params)

    def _unbuildable(self, name: str, reason: str) -> Unbuildable:
        framework = (self.framework(name) if name in self.defined.own else None) or "torch"
        return Unbuildable(name, self.defined.path, self.defined.line(name), reason, framework)


def _called_safely(search: _Search, target: Target, options: Options) -> Target | Unbuildable:
    """A failure of ours costs one target, and is said."""
    try:
        return _called(search, target, options)
    except Exception as error:
        reason = f"internal error while its inputs were looked for: {type(error).__name__}: {error}"
        return Unbuildable(target.name, target.path, target.line, reason, target.framework)


def _called(search: _Search, target: Target, options: Options) -> Target:
    """The target with the ways to call it; TF 1 placeholders take the sizes of the first."""
    path = target.path
    if path not in search.cache:
        search.cache[path] = mined(search.defined.source)
    call = call_of(search.project, search.defined, target, options.inputs, configured_inputs(options.models))
    attempts = attempts_for(call, search.cache[path], search.models)
    target = replace(target, models=search.models_of(target))
    if target.framework != "tf1" or not attempts:
        return replace(target, attempts=attempts)
    return replace(
        target,
        args=tuple(_sized(value, attempts[0]) for value in target.args),
        kwargs={key: _sized(value, attempts[0]) for key, value in target.kwargs.items()},
        attempts=attempts,
    )


def _sized(value: Any, attempt: Attempt) -> Any:
    if not isinstance(value, Given):
        return value
    return next((tensor for tensor in attempt.tensors if tensor.name == value.name), value)


def _title(model: Model) -> str:
    return model.name.partition("#")[0]


def _framework(model: Model) -> Framework:
    return "tf1" if model.framework == "tf" else "keras" if model.framework == "keras" else "torch"
