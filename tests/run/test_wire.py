"""What a child answers is read with suspicion: it was written by a stranger's program."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from archlint.run import wire
from archlint.run.records import BuiltModel, Executed, Failure, Given, ModuleFact, Probed, Run, Target, Visit

RUN = {
    "attempt": 0, "strategy": "fake", "shapes": [[2, 3]], "visits": [[4, 0, 0], [5, 1, None]],
    "values": [{"s": [2, None, "s77//2"], "d": "float32"}, {"l": [1, True, None, {"m": {"a": 2}}]}],
    "owners": ["encoder.0"], "output": {"s": [], "d": ""}, "guards": ["Eq(s0, 4)"],
}  # fmt: skip
BODY = {
    "status": "ran",
    "runs": [RUN],
    "failures": [{"phase": "run", "type": "E", "message": "m", "frames": [["a.py", 3, "f"]], "attempt": 1}],
    "models": [{"name": "Net", "cls": "Net", "params": 7, "modules": [{"path": "a", "cls": "A", "params": None}]}],
    "probes": [{"probe": "batch", "verdict": "holds", "detail": "0.0"}],
    "mocked": ["wandb"], "notes": ["n"], "seconds": 1.5, "cpu": 1,
}  # fmt: skip


def changed(path: list[Any], value: Any) -> bytes:
    """The answer with one thing in it replaced."""
    body = json.loads(json.dumps(BODY))
    at = body
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(body).encode()


def test_an_answer_is_read() -> None:
    outcome = wire.outcome("t", json.dumps(BODY).encode())
    first, second = Executed((2, None, "s77//2"), "float32"), (1, True, None, {"a": 2})
    visits = [Visit(4, first, "encoder.0"), Visit(5, second, None)]
    assert outcome.runs == [Run(0, "fake", ((2, 3),), visits, Executed((), ""), ("Eq(s0, 4)",))]
    assert outcome.failures == [Failure("run", "E", "m", (("a.py", 3, "f"),), 1)]
    assert outcome.models == [BuiltModel("Net", "Net", 7, [ModuleFact("a", "A", None)])]
    assert outcome.probes == [Probed("batch", "holds", "0.0")]
    assert (outcome.mocked, outcome.notes, outcome.seconds, outcome.cpu) == (("wandb",), ("n",), 1.5, 1.0)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b'{"status": "died"}', b"\xff\xfe", b"[" * 100_000, b'{"status": "ran"',
        b'{"status": "ran", "seconds": ' + b"9" * 5000 + b"}",
        changed(["runs"], 7), changed(["runs"], [7]), changed(["runs", 0, "visits"], [[0, 7, None]]),
        changed(["runs", 0, "visits"], [[0, -1, None]]), changed(["runs", 0, "visits"], [[0, 0, 3]]),
        changed(["runs", 0, "visits"], [[-1, 0, None]]), changed(["runs", 0, "visits"], [[True, 0, None]]),
        changed(["runs", 0, "visits"], [[0, 0]]), changed(["runs", 0, "values", 0], {"x": 1}),
        changed(["runs", 0, "values", 0], "text"), changed(["runs", 0, "values", 0], 1.5),
        changed(["runs", 0, "values", 0], {"s": [[1]]}), changed(["runs", 0, "owners"], [3]),
        changed(["runs", 0, "shapes"], [3]), changed(["runs", 0, "attempt"], None),
        changed(["failures", 0, "frames"], [["a.py", "3", "f"]]), changed(["failures", 0, "message"], None),
        changed(["models", 0, "params"], "7"), changed(["models", 0, "modules"], {"a": 1}),
        changed(["probes", 0, "verdict"], "perhaps"), changed(["notes"], [None]),
    ],
)  # fmt: skip
def test_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(wire.Garbled):
        wire.outcome("t", body)


def test_a_deep_value_is_refused() -> None:
    value: Any = 1
    for _ in range(20):
        value = {"l": [value]}
    with pytest.raises(wire.Garbled):
        wire.outcome("t", changed(["runs", 0, "values", 0], value))


@pytest.mark.parametrize("seconds", [-1, "1", None, 1e300, True])
def test_odd_durations_are_0(seconds: Any) -> None:
    assert wire.outcome("t", changed(["seconds"], seconds)).seconds in (0.0, 1.0)


def test_text_cannot_drive_a_terminal() -> None:
    shown = wire.text("a\x1b[2Jb\x07\r\u202ec\x9b\nnext\ttab" + "x" * 9000)
    assert shown.startswith("a\ufffd[2Jb\ufffd\ufffd\ufffdc\ufffd\nnext\ttabx")
    assert len(shown) == 4000
    assert wire.text("half \ud800 a pair") == "half ? a pair"


def test_arguments_are_source_that_any_python_reads() -> None:
    args = (1, -2.5, "ü'\"", b"\0", None, True, [Given("x", (2, None), "int64", 9)], (), (3,), 1e400, 2j)
    text = wire.literal((args, {"sizes": {1: [2]}}))
    assert ast.literal_eval(text) == (
        (*args[:6], [{"__tensor__": ["x", [2, None], "int64", 9]}], *args[7:]),
        {"sizes": {1: [2]}},
    )


@pytest.mark.parametrize("value", [object(), float("nan"), [lambda: 0], {"a": {1, 2}}])
def test_what_is_no_literal_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be given as an argument"):
        wire.literal(value)


def test_files_go_with_their_target() -> None:
    target = Target("t", "/a.py", "Net", "class", "torch", arg_scope="scope")
    sent = wire.request(target, {"/a.py": "x = 1"})
    assert json.loads(json.dumps(sent))["files"] == {"/a.py": "x = 1"}
    assert (sent["call"], sent["arg_scope"]) == ("((), {}, )", "scope")
