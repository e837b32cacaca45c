"""The layers of ARCHITECTURE.md: who imports whom, what is never imported, how large and how named the files are."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHILD = sorted(ROOT.glob("archlint/run/archlint_child/*.py"))
ENGINE = sorted(set(ROOT.glob("archlint/**/*.py")) - set(CHILD))
RULES = sorted(ROOT.glob("rules/archlint_rules/**/*.py"))
FRAMEWORKS = {"torch", "torchvision", "keras", "tf_keras", "tensorflow", "tf_slim", "jax", "numpy"}
LONGEST = 400
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "tools"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "rules" if path in RULES else ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def part(module: str) -> str:
    """`archlint.source.ir` -> `source`: what the table of floors speaks of."""
    return module.split(".")[1] if "." in module else ""


def imported(path: Path) -> Iterator[str]:
    """Modules that a file imports when it runs, also inside its functions, by absolute name."""
    package = name_of(path).split(".")[: None if path.name == "__init__.py" else -1]
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending += node.orelse
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            whole = module in ("archlint", "archlint_rules")
            yield from (f"{module}.{alias.name}" for alias in node.names) if whole else [module]
        else:
            pending += ast.iter_child_nodes(node)


def table() -> list[tuple[int, list[str], dict[str, set[str]], set[str]]]:
    """Rows of the floors: number, modules, third-party packages by module, what is forbidden."""
    rows = []
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for number, modules, outside, never in re.findall(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|$", text, re.MULTILINE):
        names = [m.strip() for m in modules.split(",")]
        allowed: dict[str, set[str]] = {}
        for package, owner in re.findall(r"(\w+)(?: \((\w+)\))?", outside):
            for name in [owner] if owner else names:
                allowed.setdefault(name, set()).add(package)
        rows.append((int(number), names, allowed, set(re.findall(r"\w+", re.sub(r"\(.*?\)", "", never)))))
    return rows


TABLE = table()
FLOOR = {name: number for number, names, _, _ in TABLE for name in names}
ALLOWED = {name: packages for _, _, allowed, _ in TABLE for name, packages in allowed.items()}
NEVER = {name: never for _, names, _, never in TABLE for name in names}


def test_every_module_has_a_floor_and_every_floor_its_modules() -> None:
    there = {part(name_of(path)) for path in ENGINE} - {"", "__main__"}
    assert there == set(FLOOR)


def test_a_module_imports_lower_floors_only() -> None:
    assert not [problem for path in ENGINE for problem in against_the_table(path)]


def against_the_table(path: Path) -> Iterator[str]:
    here = part(name_of(path))
    if here in ("", "__main__"):
        return  # the version; `python -m archlint`
    for module in imported(path):
        top = module.partition(".")[0]
        if top == "archlint":
            there = part(module)
            if there in FLOOR and there != here and FLOOR[there] >= FLOOR[here]:
                yield f"{name_of(path)} (floor {FLOOR[here]}) imports {there} (floor {FLOOR[there]})"
            if there in NEVER[here]:
                yield f"{name_of(path)} must never import {there}"
        elif top in NEVER[here] or not (top in sys.stdlib_module_names or top in ALLOWED.get(here, set())):
            yield f"{name_of(path)} must not import {top}"


def test_the_evaluator_opens_no_file() -> None:
    for path in ENGINE:
        if part(name_of(path)) in ("interp", "layers", "facts"):
            calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
            called = {n.func.id for n in calls if isinstance(n.func, ast.Name)}
            assert called.isdisjoint({"open", "exec", "eval", "__import__", "input", "print"}), path


def test_a_rule_knows_the_rule_api_and_its_own_package_only() -> None:
    for path in RULES:
        for module in imported(path):
            top = module.partition(".")[0]
            own = top in sys.stdlib_module_names or top == "archlint_rules" or module == "archlint.rule"
            assert own, f"{name_of(path)} imports {module}"
            assert top not in ("os", "pathlib", "subprocess"), f"{name_of(path)}: a rule reads its model, not the disk"


def test_the_engine_does_not_know_the_rules() -> None:
    for path in ENGINE:
        assert not re.search(r"\barchlint_rules\b", path.read_text(encoding="utf-8")), path


def test_the_childs_side_runs_anywhere_and_knows_nothing_of_archlint() -> None:
    for path in CHILD:
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
        at_import = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        for node in at_import:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
            own = isinstance(node, ast.ImportFrom) and node.level == 1
            assert own or all(name.partition(".")[0] in sys.stdlib_module_names for name in names), (path, names)
        assert not any(module.startswith("archlint.") and "archlint_child" not in module for module in imported(path))


def test_no_framework_is_imported() -> None:
    for path in [*ENGINE, *RULES]:
        assert FRAMEWORKS.isdisjoint(module.partition(".")[0] for module in imported(path)), path


def test_every_import_of_libcst_is_below_source() -> None:
    users = {part(name_of(path)) for path in ENGINE if any(m.startswith("libcst") for m in imported(path))}
    assert users == {"source"}


def test_libcst_matchers_and_scope_providers_are_not_used() -> None:
    """They cost more than all the rest of a run."""
    for path in ENGINE:
        assert "libcst.matchers" not in set(imported(path)), path
        assert not re.search(r"\b(ScopeProvider|QualifiedNameProvider)\b", path.read_text(encoding="utf-8")), path


def test_files_are_short_enough_to_read() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in [*ENGINE, *CHILD, *RULES]}
    assert not {name: length for name, length in lengths.items() if length > LONGEST}


def test_a_file_is_named_for_what_is_in_it() -> None:
    stems = {path.stem for path in [*ENGINE, *CHILD, *RULES]}
    assert stems.isdisjoint(EMPTY_NAMES)
    assert all(stem == stem.lower() for stem in stems)
