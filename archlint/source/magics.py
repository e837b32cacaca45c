"""What IPython understands beyond Python, made plain Python of the same length.

    %matplotlib inline     0                     a statement that does nothing
    %time net.fit(x, y)    0;    net.fit(x, y)   what is timed runs
    %run settings.py       exec()                what it binds is not known, and may be any name
    files = !ls            files = \u01c3ls          a value that nobody knows
    net.fit??              0
    %%bash …               the whole cell is blank: it is no Python, or runs elsewhere

As in IPython a magic stands at the beginning of a statement or behind `=`; in brackets and strings there are none.
"""

from __future__ import annotations

import ast
import re
import warnings

from archlint.source.chunk import STRING

UNKNOWN = "\u01c3"
"""A letter that looks like `!`: a name that no program binds."""

NOTHING = "0"
RUNS = "exec()"
"""What binds names that nobody knows, as another file that is run here does."""

_SUSPECT = re.compile(r"[%!?]|^[ \t]*(?:[,;/]|(?:pip3?|conda|mamba|uv|cd|matplotlib|load_ext)[ \t])", re.MULTILINE)
_CELL_MAGIC = re.compile(r"(?:\s|#[^\n]*\n)*(?P<line>%%(?P<name>[^\s]*)[^\n]*)")  # Colab: `#@title` above it
_SAME_NAMESPACE = frozenset(("time", "capture", "prun", "debug", "snakeviz", "wandb", "scalene", "ipytest", "notify"))
"""Cell magics whose body runs as any other cell does.  `%%timeit` runs it in a function, `%%python` elsewhere."""

_FOREIGN = re.compile(r"\s*%(?:md|sql|sh|scala|r|fs)\b")
"""The first word of a Databricks cell that is not in Python."""

_COMPOUND = re.compile(r"(?:for|while|if|with|try|def|class|async|match|@)\b|@")
_LINE = re.compile(
    r"[ \t]*(?:"
    r"%(?P<magic>\w*)(?P<rest>.*)"
    r"|(?:[!?,;/]|(?:pip3?|conda|mamba|uv)[ \t]+(?:install|uninstall|list|show|freeze|config|remove|update|add|pip)\b"
    r"|cd[ \t]+[\w~./-]|matplotlib[ \t]+\w|load_ext[ \t]+\w).*"
    r")"
)
_HELP = re.compile(r"[ \t]*[\w.%*\[\]()]*[\w.)\]*]\?\??[ \t]*")
_OPTIONS = re.compile(r"(?:-(?:[nrp][ \t]?\d+|[tcqov]+)[ \t]+)*")
_TOKEN = re.compile(STRING + r"|\#[^\n]*|[()\[\]{}]|\\+\r?\n?|(?<![=!<>:])=(?!=)[ \t]*(?=[%!])|\n")


def neutralised(cell: str) -> str:
    """The cell as Python, of the same length and with the same lines."""
    if not _SUSPECT.search(cell):
        return cell
    head, start = 0, 0
    if magic := _CELL_MAGIC.match(cell):
        head, start = magic.span("line")
        if magic["name"] not in _SAME_NAMESPACE and not (magic["name"] == "timeit" and _binds_nothing(cell[start:])):
            return blank(cell)
    code = cell[:head] + _nothing(cell[head:start]) + _statements(cell, start)
    return blank(cell) if _FOREIGN.match(cell) and not parses(code) else code


def _statements(cell: str, at: int) -> str:
    parts = []
    while at < len(cell):
        if line := _LINE.match(cell, at):
            end = _end_of_line(cell, line.end())
            parts.append(_of_line_magic(line, cell[at:end]))
        else:
            end, value = _logical_line(cell, at)
            parts.append(_of_statement(cell[at:end], None if value is None else value - at))
        at = end
    return "".join(parts)


def _of_line_magic(line: re.Match[str], text: str) -> str:
    """`%time f(x)` still calls `f`; anything else does nothing that can be seen."""
    magic, rest = line["magic"], line["rest"]
    if magic == "run" and rest.strip() and rest[0].isspace():
        nothing, start = _nothing(text), len(text) - len(text.lstrip())
        return nothing[:start] + RUNS + nothing[start + len(RUNS) :]
    if magic not in ("time", "prun", "memit", "timeit") or not rest.strip() or not rest[0].isspace():
        return _nothing(text)
    head = line.start("rest") - line.start() + len(rest) - len(rest.lstrip())
    if magic == "timeit":
        if options := _OPTIONS.match(text, head):
            head = options.end()
        if not _binds_nothing(text[head:]):
            return _nothing(text)
    if text.startswith("-", head) or _COMPOUND.match(text, head):
        return _nothing(text)
    indent = text[: len(text) - len(text.lstrip())]
    return f"{indent}{NOTHING};".ljust(head) + text[head:]


def _of_statement(text: str, value: int | None) -> str:
    """A statement that may be assigned a magic, or ask for help.  value: where a magic begins."""
    if value is None:
        return _nothing(text) if "?" in text and _HELP.fullmatch(text.rstrip("\r\n")) else text
    if timed := re.compile(r"%time[ \t]+(?=[^\s-])").match(text, value):
        return text[:value] + " " * len(timed[0]) + text[timed.end() :]
    return text[:value] + UNKNOWN + blank(text[value + 1 :])


def _logical_line(cell: str, at: int) -> tuple[int, int | None]:
    """The end of the statement's lines, and where the magic begins that it is assigned."""
    depth = 0
    for token in _TOKEN.finditer(cell, at):
        first = token[0][0]
        if first == "\n" and depth == 0:
            return token.end(), None
        if first == "=" and depth == 0:
            return _end_of_line(cell, token.end()), token.end()
        depth = max(0, depth + (first in "([{") - (first in ")]}"))
    return len(cell), None


def _end_of_line(cell: str, at: int) -> int:
    """Behind the end of a magic's line, which a backslash continues."""
    while True:
        end = cell.find("\n", at)
        if end < 0:
            return len(cell)
        at = end + 1
        if not cell[:end].rstrip("\r").endswith("\\"):
            return at


def _nothing(text: str) -> str:
    """A statement that does nothing in the place of one; white space stays what it is."""
    start = len(text) - len(text.lstrip())
    return text if start == len(text) else text[:start] + NOTHING + blank(text[start + 1 :])


def blank(text: str) -> str:
    """Spaces and line ends in the place of a text."""
    return re.sub(r"[^\r\n]", " ", text)


def parses(code: str) -> ast.Module | None:
    """The tree of a code that this Python can parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _binds_nothing(code: str) -> bool:
    """Does code consist of expressions alone?  What `%timeit` runs keeps its names to itself."""
    tree = parses(code)
    return (
        tree is not None
        and all(isinstance(statement, ast.Expr) for statement in tree.body)
        and not any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree))
    )
