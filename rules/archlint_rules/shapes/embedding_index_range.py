"""ARC125: an index that the embedding has no row for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlint.rule import Finding, Model, Node, Tensor, rule
from archlint_rules.flow import text_of
from archlint_rules.wording import causes, count, name_of

_WORD_INDEX = re.compile(r"(?:\w+\s*=\s*)?len\(\s*[\w.]+\.word_index\s*\)")


@rule("ARC125", "embedding-index-range", severity="warning", confidence="likely", category="shapes")
def embedding_index_range(model: Model) -> Iterator[Finding]:
    """Constant indices, and vocabularies whose numbers start at 1."""
    seen: set[object] = set()
    for node in model.family("embedding"):
        argument = "num_embeddings" if "num_embeddings" in node.args else "input_dim"
        key = (node.made_at, node.span)
        if not node.inputs or key in seen:
            continue
        rows = node.args.get(argument)
        found = beyond(node, rows, node.inputs[0]) or counted_from_one(model, node, argument) or fed(model, node, rows)
        if found is None:
            continue
        seen.add(key)
        message, way_out, sure = found
        span = node.arg_spans.get(argument) or node.span
        yield Finding(
            span,
            f"{name_of(node)} {message}",
            label=f"rows 0 to {node.args[argument] - 1}" if sure else "one row short",
            related=causes(model, node, span),
            help=way_out,
            layer=node.path,
            severity="error" if sure else None,
            confidence="proven" if sure else None,
        )


def beyond(node: Node, rows: object, index: Tensor) -> tuple[str, str, bool] | None:
    """The greatest or least constant index, if there is no such row."""
    elements = index.elements
    if not isinstance(rows, int) or not elements or not all(type(e) is int for e in elements):
        return None
    least, most = min(elements), max(elements)
    if least >= 0 and most < rows:
        return None
    if least < 0:
        return f"has rows 0 to {rows - 1} but is asked for row {least}", "indices count from 0", True
    return f"has {count(rows, 'row')} but is asked for row {most}", f"it needs {most + 1} rows", True


def fed(model: Model, node: Node, rows: object) -> tuple[str, str, bool] | None:
    """`model.fit(np.random.randint(0, 6, (64, 12)), y)` with an `Embedding(5, 8)` that reads the input itself."""
    source = node.inputs[0].node
    for record in model.data:
        if record.role == "input" and record.node == source and record.classes is not None and isinstance(rows, int):
            if record.classes > rows:
                text = f"has {count(rows, 'row')}, but the data given to `{record.call}` has numbers up to"
                return f"{text} {record.classes - 1}", f"it needs {record.classes} rows", False
    return None


def counted_from_one(model: Model, node: Node, argument: str) -> tuple[str, str, bool] | None:
    """`Embedding(len(tokenizer.word_index), 64)`: a Keras Tokenizer numbers its words from 1."""
    span = node.arg_spans.get(argument)
    written = "" if span is None else text_of(model.file, span).strip()
    if not _WORD_INDEX.fullmatch(written) or not node.op.startswith("keras."):
        return None
    vocabulary = written.rpartition("=")[2].strip()
    text = f"has {vocabulary} rows, but a Tokenizer numbers its words from 1: the last word has no row"
    return text, f"{vocabulary} + 1 rows, the first of them for the padding 0", False
