"""What the recorder keeps of the values of a program, and that it never gets into its way."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict, namedtuple
from typing import TYPE_CHECKING, Any

import pytest

from archlint.run.archlint_child import descriptors
from archlint.run.archlint_child.recorder import CAP, MOST_OF_SITE, Recorder, describe
from archlint.run.records import Executed

if TYPE_CHECKING:
    from conftest import Plain


class Dimension:
    """As TF1's."""

    def __init__(self, value: int | None) -> None:
        self.value = value


class TensorShape:
    """As TensorFlow's; rank unknown raises."""

    def __init__(self, *sizes: Any) -> None:
        self.sizes = sizes

    def __iter__(self) -> Any:
        if self.sizes == (None,):
            raise ValueError("unknown rank")
        return iter(self.sizes)


class SymInt:
    """As PyTorch's."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


class Float32Ref:
    name = "float32_ref"


class Tensor:
    """As any framework's."""

    shape: Any = property(lambda self: self._shape)
    dtype: Any = property(lambda self: self._dtype)

    def __init__(self, shape: Any, dtype: Any = "torch.float32") -> None:
        self._shape, self._dtype = shape, dtype


class Lazy:
    """A tensor that cannot tell its shape yet."""

    dtype = "float32"

    @property
    def shape(self) -> Any:
        raise RuntimeError("not initialised")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (True, True),
        (2**70, None),
        (1.5, None),
        ("text", None),
        (object(), None),
        (Tensor((2, 3)), {"s": [2, 3], "d": "float32"}),
        (Tensor((2, None, SymInt("s77//2"), SymInt("64"))), {"s": [2, None, "s77//2", 64], "d": "float32"}),
        (Tensor(TensorShape(Dimension(None), Dimension(4)), Float32Ref()), {"s": [None, 4], "d": "float32"}),
        (Tensor(TensorShape(None)), None),
        (Lazy(), None),
        (Dimension(5), 5),
        (Dimension(None), None),
        (TensorShape(Dimension(3), Dimension(None)), {"l": [3, None]}),
        ([1, (2, "x"), Tensor((4,))], {"l": [1, {"l": [2, None]}, {"s": [4], "d": "float32"}]}),
        (namedtuple("Out", "loss")(2), {"l": [2]}),
        (OrderedDict(a=1, b=[2]), {"m": {"a": 1, "b": {"l": [2]}}}),
        ({(1, 2): 3}, None),
        (list(range(65)), None),
        ([[[[1]]]], {"l": [{"l": [{"l": [None]}]}]}),
    ],
)
def test_values_are_described(value: Any, expected: Any) -> None:
    assert describe(value) == expected


def test_numpy_numbers_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert describe(numpy.int64(3)) == 3
    assert describe(numpy.bool_(True)) is True
    assert describe(numpy.float32(3)) is None
    assert describe(numpy.zeros((2, 3), "float32")) == {"s": [2, 3], "d": "float32"}


def test_a_class_is_no_tensor() -> None:
    assert describe(Tensor) is None
    assert not descriptors.is_tensor(Tensor)
    assert descriptors.is_tensor(Tensor((1,)))


def test_an_error_of_a_property_stays_inside() -> None:
    recorder = Recorder()
    lazy = Lazy()
    assert recorder(0, lazy) is lazy
    assert recorder(1, 5) == 5
    assert recorder.take({})["visits"] == [[0, 0, None], [1, 1, None]]
    assert recorder.take({})["values"] == [None, 5]


def test_what_describing_evaluates_is_not_recorded() -> None:
    recorder = Recorder()

    class Odd:
        dtype = "float32"

        @property
        def shape(self) -> Any:
            return recorder(9, (1, 2))

    recorder(0, Odd())
    assert [visit[0] for visit in recorder.take({})["visits"]] == [0]


def test_equal_values_are_kept_once() -> None:
    recorder = Recorder()
    for i, value in enumerate([1, True, 1, Tensor((1,)), Tensor((1,)), None]):
        recorder(i, value)
    assert [visit[1] for visit in recorder.take({})["visits"]] == [0, 1, 0, 2, 2, 3]


def test_construction_stays_when_a_call_is_forgotten() -> None:
    recorder = Recorder()
    recorder(0, 1)
    mark = recorder.mark()
    recorder(1, 2)
    recorder.rewind(mark)
    recorder(2, 3)
    assert [visit[0] for visit in recorder.take({})["visits"]] == [0, 2]


def test_the_cap_ends_with_the_visits_that_reached_it() -> None:
    recorder = Recorder()
    for number in range(CAP + 5):
        recorder(number // MOST_OF_SITE, 1)
    assert recorder.full
    assert recorder.mark() == CAP
    recorder.rewind(0)
    recorder(0, 1)
    assert (recorder.mark(), recorder.full) == (1, False)


def test_the_owner_is_the_object_whose_method_runs(plain: Plain) -> None:
    text = """\
class Block:
    def __init__(self, n):
        self.n = n
    def forward(self, x):
        def inner():
            return self.n + 0
        return [self.n * i for i in range(1)], (lambda: self.n - 1)(), inner()

def free(n):
    return n / 2

class Net:
    def __init__(self):
        self.first, self.second = Block(1), Block(2)
        self.hidden = [Block(3)]
    def forward(self, x):
        for block in [self.first, self.second, *self.hidden]:
            block.forward(x)
        return free(4)
"""
    seen = plain.seen(plain(text))
    owners = [owner for source, _, owner in seen if source == "self.n * i"]
    assert owners == ["first", "second", None]  # a block in a list has no name here
    assert [owner for source, _, owner in seen if source == "self.n - 1"] == ["first", "second", None]
    assert [owner for source, _, owner in seen if source == "self.n + 0"] == ["first", "second", None]
    assert [owner for source, _, owner in seen if source == "n / 2"] == [None]
    assert [owner for source, _, owner in seen if source == "free(4)"] == [""]


def test_a_loop_is_visited_once_per_turn(plain: Plain) -> None:
    text = "class Net:\n    def forward(self, x):\n        return [x.reshape(2, i + 1) for i in range(3)][-1]\n"
    seen = plain.seen(plain(text))
    assert [value for source, value, _ in seen if source == "i + 1"] == [1, 2, 3]
    assert [value for source, value, _ in seen if source == "x.reshape(2, i + 1)"] == [
        Executed((2, n), "float32") for n in (1, 2, 3)
    ]


def test_an_expression_that_is_visited_too_often_is_left_out_and_the_others_are_kept() -> None:
    recorder = Recorder()
    recorder(1, 7)
    mark = recorder.mark()
    for _ in range(MOST_OF_SITE + 1):
        recorder(2, 8)
    recorder.rewind(mark)
    recorder(2, 8)
    recorder(3, 9)
    assert [site for site, _, _ in recorder.take({})["visits"]] == [1, 3]
    assert recorder.enabled
    assert not recorder.full


def test_a_model_that_was_too_large_is_let_go_with_what_it_visited() -> None:
    recorder = Recorder()

    class Net:
        def width(self) -> int:
            return int(recorder(1, 8))

    kept, large = Net(), Net()
    kept.width()
    mark = recorder.mark()
    large.width()
    gone = weakref.ref(large)
    recorder.release(mark)
    del large
    gc.collect()
    assert gone() is None
    assert [owner for _, _, owner in recorder.take({id(kept): "net"})["visits"]] == [0]
