"""ARC122: a picture whose channels stand where the layer reads rows or columns."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import DataRecord, Finding, Model, rule
from archlint_rules.flow import place
from archlint_rules.shapes.layout import Swapped, fails, misread, slides_over
from archlint_rules.wording import count, name_of, output_shape, produced

SWITCHES = ("set_image_data_format", "set_image_dim_ordering", "image_data_format =", "image_dim_ordering")
"""Text of a file that changes the layout for every layer."""


@rule("ARC122", "channel-order-suspect", severity="warning", confidence="likely", category="shapes")
def channel_order_suspect(model: Model) -> Iterator[Finding]:
    """Layers that read an entry tensor against its layout."""
    if model.file is not None and any(switch in model.file.lines.text for switch in SWITCHES):
        return
    if any(r.role == "input" and r.fault is not None and same_sizes(r) for r in model.data):
        return  # ARC127 shows both forms
    seen: set[object] = set()
    for layer in model.family("conv", "pool"):
        found = misread(model, layer)
        if found is None or place(layer) in seen:
            continue
        broken = fails(model, found)
        if broken or (slides_over(found) and square(found)):
            seen.add(place(layer))
            yield finding(model, found, broken)


def same_sizes(record: DataRecord) -> bool:
    """(N, 3, 32, 32) and (4, 32, 32, 3): the same but for their order?"""
    given, wanted = (record.shape or ())[1:], (record.expected or ())[1:]
    return len(given) == 3 and set(given) == set(wanted) and given != wanted


def square(found: Swapped) -> bool:
    """Pictures are square more often than not; three sensors over time are not."""
    _, height, width = found.sizes
    return height == width


def finding(model: Model, found: Swapped, broken: bool) -> Finding:
    """Both readings of the shape, and how to make them one."""
    channels, height, width = found.sizes
    if found.reads == 3:
        (rows, columns, depth), reads, other = (channels, height, width), "channels last", "channels first"
    else:
        (rows, columns, depth), reads, other = (width, channels, height), "channels first", "channels last"
    return Finding(
        place(found.layer),
        f"{name_of(found.layer)} reads {output_shape(found.entry)} as {rows}x{columns} pixels with {depth} channels "
        f"({reads}); {other} it is {height}x{width} pixels with {count(channels, 'channel')}",
        label=f"reads {reads}",
        related=produced(model, found.entry.output),
        help=way_out(model, found),
        layer=found.layer.path,
        severity="error" if broken else None,
        confidence="proven" if broken else None,
    )


def way_out(model: Model, found: Swapped) -> str:
    """How to bring the input and the layer together."""
    channels, height, width = found.sizes
    if model.framework == "torch":
        return "bring the channels to axis 1 before the layer: x.permute(0, 3, 1, 2)"
    if found.reads == 3:
        return f"declare the input as ({height}, {width}, {channels}), and transpose the data if it is stored otherwise"
    return f"declare the input as ({channels}, {height}, {width}), or leave data_format at channels_last"
