"""How rules speak of data that meets a model."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import DataRecord, Label, Model, show_shape
from archlint_rules.flow import text_of


def written(model: Model, record: DataRecord) -> str:
    """The argument as the source has it: `x_train`; "" for what is longer than a name and a subscript."""
    text = text_of(model.file, record.span)
    name, equals, value = text.partition("=")
    text = value.strip() if equals and name.strip().isidentifier() else text
    plain = text.replace(".", "_").replace("[", "_").replace("]", "_")
    return text if len(text) <= 24 and plain.isidentifier() else ""


def given_text(model: Model, record: DataRecord) -> str:
    """What the data is called in a message."""
    name = written(model, record)
    if name:
        return f"`{name}`"
    kind = "the labels" if record.role == "label" else "the data"
    if record.call == "feed_dict":
        return "the value in `feed_dict`"
    return f"{kind} of `{record.call}`"


def origin(record: DataRecord) -> Iterator[Label]:
    """Where the array was made, if not in the call itself."""
    made = record.made
    inside = made is not None and made.path == record.span.path and record.span.start <= made.start < record.span.end
    if made is not None and not inside:
        yield Label(made, f"{show_shape(record.shape)} comes from here")
