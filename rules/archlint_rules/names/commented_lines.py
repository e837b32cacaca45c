"""Which tensor a shape comment is about: the text around the comment decides, and in doubt nothing does.

x = self.conv(x)          # (N, 64, 56, 56)     the name bound by the statement that ends on this line
return self.head(x)       # (N, 10)             the value returned
model.add(Flatten())      # (None, 512)         the layer made on this line, alone or in a list
# (N, 64, 56, 56)
x = self.conv(x)                                the statement below
def forward(self, x):     # (N, 3, 224, 224)    the parameter, if there is one
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archlint.rule import Comment, FileFacts, Model, Node, Tensor
from archlint_rules.names.comment_shapes import Claim, read_claim

_CLOSERS = re.compile(r"[\s),\]]*")
_RETURN = re.compile(r"[ \t]*return[ \t]+")
_LIST_ITEM = re.compile(r"[ \t]*(?:\w+\.add\([ \t]*|\(?[\"']\w+[\"'],[ \t]*)?")
_INIT = re.compile(r"^[ \t]*def[ \t]+__init__[ \t]*\(", re.MULTILINE)
_DEF = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commented:
    """A claim and what it is about.

    nodes: applications whose output it describes, all of one place in the source.  beside: other tensors that the
    comment may mean instead: arguments of the same statement, the value of the line above.  entry: about an input.
    """

    claim: Claim
    nodes: tuple[Node, ...]
    beside: tuple[Tensor, ...]
    entry: bool
    region: int


def claims_of(facts: FileFacts) -> list[tuple[Comment, Claim]]:
    """Every comment of the file that is a shape."""
    read = ((comment, read_claim(comment.text, comment.start)) for comment in facts.comments)
    return [(comment, claim) for comment, claim in read if claim is not None]


def commented(model: Model, facts: FileFacts, claims: list[tuple[Comment, Claim]]) -> Iterator[Commented]:
    """The shape comments whose tensor is one of the model's, in order."""
    nodes = [n for n in model.nodes if any(s.path == facts.path for s in (n.span, n.made_at or n.span, *n.calls))]
    for comment, claim in claims:
        if comment.trailing:
            found = _trailing(facts, nodes, comment.start, claim)
        else:
            found = _above(facts, nodes, comment.end, claim)
        if found is not None:
            targets, beside, entry = found
            yield Commented(claim, tuple(targets), tuple(beside), entry, region(facts, comment.start))


_Found = tuple[list[Node], list[Tensor], bool]


def _trailing(facts: FileFacts, nodes: list[Node], end: int, claim: Claim) -> _Found | None:
    """What a comment behind code is about."""
    text = facts.lines.text
    bound = _bound_before(facts, nodes, end)
    if bound is not None:
        name, start, targets = bound
        if claim.name in ("", name):
            return targets, _beside(facts, nodes, start, end), False
        return None
    line = _line_start(text, end)
    if _DEF.match(text, line):
        entries = [n for n in nodes if n.family == "input" and line <= n.span.start < end and _named(n, claim.name)]
        return (entries, [], True) if len({n.span for n in entries}) == 1 else None
    if claim.name:
        return None
    found = _RETURN.match(text, line)
    if found is not None:
        stop = len(text[:end].rstrip())
        targets = [n for n in nodes if (n.span.start, n.span.end) == (found.end(), stop) and n.span.path == facts.path]
        outer = [n for n in targets if not any(n.id in [p.node for p in o.inputs] for o in targets)]
        return (outer, _beside(facts, nodes, found.end(), end), False) if outer else None
    return _made_on_line(facts, nodes, line, end)


def _bound_before(facts: FileFacts, nodes: list[Node], end: int) -> tuple[str, int, list[Node]] | None:
    """The name that the statement ending before `end` binds, and the applications it is bound to."""
    text = facts.lines.text
    places = {(s.start, name) for n in nodes for name, s in n.names if s.path == facts.path and s.start < end}
    if not places:
        return None
    start, name = max(places)
    head = re.compile(rf"{re.escape(name)}[ \t]*(?::[^=\n]+)?=(?!=)").match(text, start)
    if head is None or text[_line_start(text, start) : start].strip() or not _one_statement(text, head.end(), end):
        return None
    return name, start, [n for n in nodes if any(s.start == start and s.path == facts.path for _, s in n.names)]


def _one_statement(text: str, start: int, end: int) -> bool:
    """Does one statement run from `start` to `end`: line breaks inside brackets only, all closed at the end?"""
    depth, comment = 0, False
    for at in range(start, end):
        c = text[at]
        if comment:
            comment = c != "\n"
        elif c == "#":
            comment = True
        if not comment:
            depth += (c in "([{") - (c in ")]}")
            if depth < 0 or (c in "\n;" and depth == 0):
                return False
    return depth == 0


def _beside(facts: FileFacts, nodes: list[Node], start: int, end: int) -> list[Tensor]:
    """Every other tensor that a statement reads or makes on the way, also inside the modules that it calls."""
    inside = [
        n for n in nodes if any(s.path == facts.path and start <= s.start and s.end <= end for s in (n.span, *n.calls))
    ]
    return [t for n in inside for t in n.inputs]


def _made_on_line(facts: FileFacts, nodes: list[Node], line: int, end: int) -> _Found | None:
    """The layer that is constructed on the line, as an item of a list or by `model.add(…)`."""
    text = facts.lines.text
    found = [
        n
        for n in nodes
        if n.made_at is not None
        and n.made_at.path == facts.path
        and n.made_at.end <= end
        and _CLOSERS.fullmatch(text, n.made_at.end, end)
        and _LIST_ITEM.fullmatch(text, _line_start(text, n.made_at.start), n.made_at.start)
    ]
    last = max((n.made_at.start for n in found if n.made_at), default=-1)
    targets = [n for n in found if n.made_at and n.made_at.start == last]
    return (targets, [t for n in targets for t in n.inputs], False) if targets and last >= line - 2000 else None


def _above(facts: FileFacts, nodes: list[Node], end: int, claim: Claim) -> _Found | None:
    """What a comment on a line of its own is about: the statement below, or the input if it stands below a `def`."""
    text = facts.lines.text
    below = text.find("\n", end) + 1
    here = _line_start(text, end)
    before = text[:here].rstrip()
    header = _DEF.match(text, _line_start(text, len(before)))
    if header is not None and before.endswith(":") and claim.name:
        line = _line_start(text, len(before))
        entries = [n for n in nodes if n.family == "input" and line <= n.span.start < end and n.path == claim.name]
        return (entries, [], True) if entries else None
    starts = [(s.start, name) for n in nodes for name, s in n.names if s.path == facts.path]
    found = [(a, name) for a, name in starts if a >= below and not text[below:a].strip() and "\n" not in text[below:a]]
    if not below or not found or claim.name not in ("", found[0][1]):
        return None
    start = found[0][0]
    stop = _statement_end(text, start)
    targets = [n for n in nodes if any(s.start == start and s.path == facts.path for _, s in n.names)]
    earlier = [s for s in starts if s[0] < here]
    latest = max(earlier)[0] if earlier else -1
    previous = [n.output for n in nodes if any(s.start == latest and s.path == facts.path for _, s in n.names)]
    return targets, [*_beside(facts, nodes, start, stop), *previous, *_goes_on(facts, nodes, found[0][1], stop)], False


def _goes_on(facts: FileFacts, nodes: list[Node], name: str, stop: int) -> Iterator[Tensor]:
    """What the lines right below make of the same name: `x = x.unsqueeze(0)`, and then `x = x.repeat(8, 1, 1)`."""
    text = facts.lines.text
    start = _code_from(text, stop + 1)
    bound = {s.start for n in nodes for other, s in n.names if other == name and s.path == facts.path}
    while start in bound:
        yield from (n.output for n in nodes if any(s.start == start and s.path == facts.path for _, s in n.names))
        start = _code_from(text, _statement_end(text, start) + 1)


def _statement_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    while end >= 0 and not _one_statement(text, start, end):
        following = text.find("\n", end + 1)
        if following < 0 or following - start > 2000:
            return end
        end = following
    return len(text) if end < 0 else end


def _code_from(text: str, line: int) -> int:
    return next((at for at in range(line, len(text)) if text[at] not in " \t"), len(text))


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _named(node: Node, name: str) -> bool:
    return name in ("", node.path)


def region(facts: FileFacts, at: int) -> int:
    """Offset of the `def` that holds a place, by indentation; -1 at module level."""
    text = facts.lines.text
    line = _line_start(text, at)
    code = text[line:at]
    indent = len(code) - len(code.lstrip())
    for found in reversed(list(_DEF.finditer(text, 0, text.find("\n", at)))):
        depth = len(found[0]) - len(found[0].lstrip())
        if depth < indent or found.start() == line:
            return found.start()
    return -1


def takes_settings(facts: FileFacts | None, region: int) -> bool:
    """Has the function, or the constructor of the class around it, parameters that may change the sizes?"""
    if region < 0:
        return False
    if facts is None:
        return True
    text = facts.lines.text
    indent = len(text[region:]) - len(text[region:].lstrip())
    if indent == 0:
        parameters = _parameters(text, region)
        return len(parameters) > 1 or any("=" in p or "*" in p for p in parameters)
    headers = [m for m in re.finditer(r"^([ \t]*)class\b", text[:region], re.MULTILINE) if len(m[1]) < indent]
    made = _INIT.search(text, headers[-1].start()) if headers else None
    return made is None or len(_parameters(text, made.start())) > 1


def _parameters(text: str, start: int) -> list[str]:
    """The parameters of a `def`, as text."""
    begin = text.index("(", start) + 1
    depth, at, found = 0, begin, [begin]
    while at < len(text) and depth >= 0:
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if text[at] == "," and depth == 0:
            found.append(at + 1)
        at += 1
    pieces = [text[a : b - 1].strip() for a, b in zip(found, [*found[1:], at])]
    return [p for p in pieces if p and p not in ("*", "/")]
