"""Findings that rest on the defaults of a configuration: `class Net(nn.Module): def __init__(self, config: NetConfig)`.

Nobody in the checked files builds it, so its sizes are those of `NetConfig()`; whoever builds it may give others.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from archlint.finding import Finding, Severity
from archlint.model import FileFacts, Model
from archlint.text import Span


def stated(model: Model, finding: Finding, severity: Severity) -> Finding:
    """The finding, or what it is worth if the defaults matter: a warning that names the configuration."""
    if not model.assumed or severity == "info" or written(model.file, finding):
        return finding
    names = " and ".join(f"`{name}()`" for name in model.assumed)
    note = f"so it is with the defaults of {names}, with which no code here builds it: another configuration may fit"
    return replace(finding, severity="warning", notes=(*finding.notes, note))


def written(file: FileFacts | None, finding: Finding) -> bool:
    """Do all places that a finding shows hold plain numbers: `nn.Conv2d(3, 8, 3)` and the 16 of `nn.Linear(16, 2)`?"""
    return file is not None and all(plain(file, s) for s in (finding.span, *(label.span for label in finding.related)))


def plain(file: FileFacts, span: Span) -> bool:
    """Is the text of a place a call or a value in which nothing but literals gives the sizes?"""
    if span.path != file.path:
        return False
    text = file.lines.text[span.start : span.end]
    try:
        tree = ast.parse(f"f({text})", mode="eval").body  # also `in_features=16`
    except (SyntaxError, ValueError):
        return False
    called = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call) for part in ast.walk(node.func)}
    return all(id(node) in called for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute)))
