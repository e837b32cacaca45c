"""A file run as a script, one top-level statement at a time: what fails is told and skipped, the rest runs."""

import __future__

import ast
import sys
from types import ModuleType
from typing import Any, Callable, Dict, List, Set, Tuple

Failures = List[Dict[str, Any]]


def run_script(
    text: str, path: str, tell: Callable[[BaseException], Dict[str, Any]], retry: Callable[..., bool]
) -> Tuple[Dict[str, Any], Failures]:
    """The namespace, and the failure of every statement that was skipped.

    A NameError that only follows from a skipped statement is not told again.  `if __name__ == "__main__":` is true
    and taken apart.  retry: asked with (exception, code, namespace); True when it ran the statement another way.
    """
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv[:] = [path]
    namespace = module.__dict__
    failures: Failures = []
    lost: Set[str] = set()
    try:
        tree = ast.parse(text, path)
    except (SyntaxError, ValueError) as exc:
        return namespace, [tell(exc)]
    flags = future_flags(tree)
    for statement in statements(tree.body):
        try:
            code = compile(as_module(statement), path, "exec", flags, True)
        except (SyntaxError, ValueError) as exc:  # `return` outside of a function
            failures.append(tell(exc))
            continue
        try:
            exec(code, namespace)
        except BaseException as exc:
            if retry(exc, code, namespace):
                continue
            if not (isinstance(exc, NameError) and missing_name(exc) in lost) and not ends_well(exc):
                failures.append(tell(exc))
            lost.update(name for name in bound(statement) if name not in namespace)
    return namespace, failures


def never(exc: BaseException, code: Any, namespace: Dict[str, Any]) -> bool:
    """No other way to run a statement."""
    return False


def statements(body: List[ast.stmt]) -> List[ast.stmt]:
    """Top-level statements; those under `if __name__ == "__main__":` among them."""
    found: List[ast.stmt] = []
    for statement in body:
        found += statement.body if isinstance(statement, ast.If) and is_main_guard(statement.test) else [statement]
    return found


def is_main_guard(test: ast.expr) -> bool:
    """`__name__ == "__main__"`, either way round."""
    sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) else []
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


def as_module(statement: ast.stmt) -> ast.Module:
    """A module of one statement, for any Python from 3.6."""
    module = ast.parse("")
    module.body = [statement]
    return module


def future_flags(tree: ast.Module) -> int:
    """What `from __future__ import annotations` means for each statement compiled alone."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def bound(statement: ast.stmt) -> Set[str]:
    """Names that a statement would have bound."""
    names: Set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
    return names


def missing_name(exc: NameError) -> str:
    """`model` of "name 'model' is not defined"."""
    parts = str(exc).split("'")
    return parts[1] if len(parts) > 1 else ""


def ends_well(exc: BaseException) -> bool:
    """`exit()` at the end of a script is no failure."""
    return isinstance(exc, SystemExit) and exc.code in (None, 0)
