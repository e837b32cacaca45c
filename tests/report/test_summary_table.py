"""How the summary of a model looks."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest

from archlint.facts.table import InputRow, LayerCount, MemoryRow, Row, Summary, Totals
from archlint.report.cells import text_width
from archlint.report.summary_table import render_summary, size
from archlint.text import Span

SPAN = Span("net.py", 0, 1)


def row(path: str, op: str, shape: str, **more: Any) -> Row:
    facts: dict[str, Any] = {
        "node": 0, "op_name": f"torch.nn.{op}", "family": "conv", "dims": (), "params": 0, "state": 0, "shared": False,
        "neurons": None, "macs": 0, "receptive_field": "", "fields": (), "memory": 0, "line": 7, "unknown": "",
    }  # fmt: skip
    return Row(path=path, op=op, shape=shape, span=SPAN, **{**facts, **more})


def summary(*rows: Row) -> Summary:
    return Summary(
        model="Net",
        framework="torch",
        path="net.py",
        line=5,
        entry="class defaults",
        inputs=(InputRow("x", "(N, 3, 32, 32)", None, "directive", 4),),
        rows=rows,
        totals=Totals(1792, 0, 1792, 0, "conv", 1792, 1.0, 1555200),
        memory=MemoryRow(2, 1, 1, 1, 460800, 485376, 485376, 7168, 506880, 492544, False),
        counts=(LayerCount("depth", 1, 1, "layers on the longest path"), LayerCount("applications", 1, None, "calls")),
        understood=(1, 2),
        complete=False,
        stops=("external: timm.create_model",),
        least_input={},
        accepts="",
    )


CONV = row("conv", "Conv2d", "(N, 64, 30, 30)", params=1792, neurons=57600, receptive_field="3x3", memory=230400)


def test_a_model_is_a_table_with_totals() -> None:
    flat = row("", "flatten", "(N, 57600)", family="flatten", line=8)
    assert render_summary(summary(CONV, flat)) == dedent("""\
        Net  PyTorch, net.py:5
        inputs        x (N, 3, 32, 32)  (directive)

        line  layer  op       output           parameters  neurons  field     memory
           7  conv   Conv2d   (N, 64, 30, 30)       1,792   57,600    3x3  225.0 KiB
           8         flatten  (N, 57600)                -        -      -          -

        parameters    1,792 trainable, 0 not trainable
                      most in conv: 1,792 (100%)
        operations    1,555,200 multiply-accumulates per sample
        memory        float32, 2 samples in a batch; a lower bound: workspace is not counted
                      outputs 450.0 KiB, kept for backward 474.0 KiB, most alive in inference 474.0 KiB
                      with weights: training with Adam 495.0 KiB, inference 481.0 KiB
        layers        depth 1: layers on the longest path
                      applications at least 1: calls
        understood    1 of 2 layer calls
        not known     external: timm.create_model
        """)


def test_symbolic_unknown_and_shared_are_shown_as_such() -> None:
    rows = (
        replace(CONV, shape="(N, 64, H//2, W//2)", params="9*width", neurons="64*(H//2)*(W//2)", memory=None),
        replace(CONV, path="again", shared=True, params=0),
        row("who", "create_model", "(...)", dims=None, unknown="external: timm.create_model", memory=None),
    )
    lines = render_summary(summary(*rows)).splitlines()
    assert lines[4].split() == [
        "7", "conv", "Conv2d", "(N,", "64,", "H//2,", "W//2)", "9*width", "64*(H//2)*(W//2)", "3x3", "?",
    ]  # fmt: skip
    assert "shared" in lines[5]
    assert lines[6].split() == ["7", "who", "create_model", "?", "-", "?", "-", "?"]


def test_a_table_fits_in_120_columns() -> None:
    wide = replace(
        CONV,
        path="module.backbone.layer4.2.downsample." + "conv" * 20,
        shape="(N, 64, (H + 31)//32 + 12345, (W + 31)//32 + 12345)",
        neurons="64*((H + 31)//32 + 12345)*((W + 31)//32 + 12345)",
    )
    lines = render_summary(summary(wide, CONV)).splitlines()
    assert max(map(text_width, lines)) <= 120
    assert ".." in lines[4]
    assert lines[4].split()[1].endswith("conv")
    assert lines[5].split()[1] == "conv"


def test_a_long_convention_is_wrapped() -> None:
    long = replace(summary(CONV), counts=(LayerCount("depth", 1, 2, "word " * 60),))
    lines = render_summary(long).splitlines()
    assert any(line.startswith("layers        depth 1 to 2: word") for line in lines)
    assert max(map(text_width, lines)) <= 120


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (900, "900 B"),
        (1024, "1.0 KiB"),
        (230400, "225.0 KiB"),
        (5 << 20, "5.0 MiB"),
        (3 << 40, "3.0 TiB"),
        (None, "?"),
    ],
)
def test_bytes_are_shown_in_binary_units(value: int | None, text: str) -> None:
    assert size(value) == text


def test_what_is_deeper_than_asked_for_is_one_row_for_each_module() -> None:
    block = [
        row("stage.0.conv", "Conv2d", "(N, 8, 32, 32)", params=10, neurons=5, memory=1024),
        row("stage.0.norm", "BatchNorm2d", "(N, 8, 32, 32)", family="norm", params=16, neurons=7, memory=None),
        row("", "operator+", "(N, 8, 32, 32)", family="elementwise", memory=512),
        row("stage.0.relu", "ReLU", "(N, 8, 30, 30)", family="activation", receptive_field="7x7"),
    ]
    again = [replace(one, path=one.path.replace("0", "1"), memory=1024) for one in block]
    model = summary(row("stem", "Conv2d", "(N, 3, 32, 32)"), *block, *again, row("", "flatten", "(N, 7200)"))
    text = render_summary(model, depth=2)
    assert [line.split()[:3] for line in text.splitlines()[4:9]] == [
        ["7", "stem", "Conv2d"],
        ["stage.0", "4", "calls"],
        ["stage.1", "4", "calls"],
        ["7", "flatten", "(N,"],
        [],
    ]
    first, second = text.splitlines()[5:7]
    assert first.split() == ["stage.0", "4", "calls", "(N,", "8,", "30,", "30)", "26", "5", "7x7", "?"]
    assert second.split()[-2:] == ["4.0", "KiB"]
    assert render_summary(model, depth=1).splitlines()[5].split()[:3] == ["stage", "8", "calls"]
    assert render_summary(model, depth=3) == render_summary(model)
