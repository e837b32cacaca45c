"""Random programs of one line, as people write them with numpy: each gives one value."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Make = Callable[[Random], str]
_MADE = (
    "np.zeros({s})", "np.ones({s}, dtype='float32')", "np.random.rand(*{s})", "np.random.randint(0, 5, {s})",
    "np.full({s}, 2)", "np.empty({s}, dtype=np.int32)", "np.random.normal(size={s})", "np.random.uniform(0, 1, {s})",
    "np.arange({n}).reshape({s})", "np.random.RandomState(0).rand(*{s})", "np.random.default_rng(0).random({s})",
    "np.random.default_rng(0).integers(0, 4, size={s})", "np.asarray(np.ones({s}))", "np.zeros_like(np.ones({s}))",
    "np.random.standard_normal({s})", "np.random.random({s})", "np.full_like(np.ones({s}), 3)",
)  # fmt: skip
_ANY = (
    "{x}.T", "{x}.ravel()", "{x}.flatten()", "{x}.astype('float32')", "{x}.astype(np.int64)", "np.squeeze({x})",
    "np.expand_dims({x}, -1)", "np.expand_dims({x}, 0)", "{x}[..., None]", "{x}[None]", "{x}[1:]", "{x}[:-1]",
    "{x}[::2]", "{x}[::-1]", "{x}[0]", "{x}[[0, 0]]", "{x} / 255.0", "{x} + 1", "{x} * 2.5", "-{x}", "{x} ** 2",
    "{x} > 0.5", "{x} == {x}", "np.sqrt(np.abs({x}))", "np.transpose({x})", "{x}.reshape(-1)",
    "{x}.reshape((len({x}), -1))", "{x}.sum(axis=0)", "{x}.mean(axis=-1)", "np.mean({x}, axis=0, keepdims=True)",
    "np.concatenate([{x}, {x}])", "np.concatenate(({x}, {x}), axis=-1)", "np.stack([{x}, {x}])",
    "np.stack([{x}, {x}], axis=-1)", "np.vstack(({x}, {x}))", "np.hstack(({x}, {x}))", "np.tile({x}, 2)",
    "np.tile({x}, (2, 1))", "np.repeat({x}, 3, axis=0)", "np.repeat({x}, 2)", "np.flip({x}, 0)",
    "np.clip({x}, 0, 1)", "np.where({x} > 0, {x}, 0)", "np.argmax({x}, axis=-1)", "{x}.argmax(axis=0)",
    "np.eye(5)[np.random.randint(0, 5, len({x}))]", "np.array({x})", "np.pad({x}, 1)", "np.append({x}, {x})",
    "np.append({x}, {x}, axis=0)", "np.split(np.concatenate([{x}, {x}]), 2)", "np.atleast_2d({x})",
    "{x}.max(axis=-1, keepdims=True)", "np.random.permutation({x})", "np.roll({x}, 1)", "np.exp({x})",
    "({x} - {x}.mean(axis=0)) / ({x}.std(axis=0) + 1)", "np.dot({x}, {x}.T)", "{x} @ {x}.T", "np.argsort({x})",
    "np.take({x}, [0, 0], axis=0)", "np.maximum({x}, 0)", "np.column_stack(({x}, {x}))", "np.dstack(({x}, {x}))",
    "np.swapaxes({x}, 0, -1)", "np.moveaxis({x}, 0, -1)", "np.cumsum({x})", "np.linalg.norm({x}, axis=-1)",
    "np.array([{x}, {x}])", "{x}.copy()", "np.ascontiguousarray({x})", "np.array_split({x}, 2)", "np.diff({x})",
    "np.log1p(np.abs({x}))", "np.round({x})", "np.isnan({x})", "{x}.clip(0, 1)", "{x}.transpose()", "{x}.squeeze()",
    "np.minimum({x}, {x}[0])", "{x}.shape[1:]", "{x}.shape", "len({x})", "{x}.size", "{x}.ndim", "np.prod({x}.shape)",
    "np.broadcast_to({x}, (2,) + {x}.shape)", "np.random.choice({x}.ravel(), 4)", "np.ravel({x})", "{x}.any(axis=0)",
)  # fmt: skip
_PAIRS = (
    "{x}[:, 1:]", "{x}[:, 0]", "{x}[:, -1]", "{x}[:, :-1]", "{x}[0, 0]", "{x}[:, None]", "{x}[:, np.newaxis, :]",
    "{x}[:, ::2]", "{x}[{x}[:, 0] > 0.5].shape[1:]", "np.concatenate([{x}, {x}], axis=1)", "{x}.sum(axis=1)",
    "{x}.transpose(1, 0)", "np.split(np.concatenate([{x}, {x}], axis=1), 2, axis=1)",
    "np.mean({x}, axis=(0, 1))", "{x}[[0, 0], [0, 0]]", "{x}[np.arange(2) * 0]", "np.transpose({x}, (1, 0))",
    "{x}.reshape({x}.shape[0], 1, {x}.shape[1])", "np.reshape({x}, (-1, 1))", "{x}[:1].repeat(3, axis=0)",
)  # fmt: skip
_ALONE = (
    "np.array([1, 2, 3])", "np.array([[1., 2.], [3., 4.]])", "np.array([[0, 1], [2]], dtype=object).shape",
    "np.arange(10)", "np.arange(2, 11, 3)", "np.arange(0, 1, 0.1)", "np.linspace(0, 1, 7)", "np.eye(4)",
    "np.eye(3, 5)", "np.identity(3)", "np.meshgrid(np.arange(3), np.arange(4))", "np.array([])", "np.array(3)",
    "np.random.randn(3, 4)", "np.random.rand(5)", "np.random.normal(0, 1, (3, 2))", "np.random.permutation(6)",
    "np.random.choice(5, (2, 3))", "np.random.choice([1, 2, 3], 4)", "np.array([True, False])", "np.array(['a', 'b'])",
    "np.linspace(-1, 1, 5000).reshape(-1, 1)", "np.linspace(-1, 1, 100).reshape(-1, 1)", "np.outer([1, 2], [3, 4, 5])",
    "np.array([[1, 2], [3, 4]]).T", "np.unique([3, 1, 1])", "np.random.randint(10, size=(8, 1))", "np.diag([1, 2])",
    "np.random.binomial(1, 0.5, (4, 2))", "np.float32([1, 2])", "np.array([np.zeros(3), np.ones(3)])",
    "np.array([i * 2 for i in range(6)])", "np.array([[i, i] for i in range(6)])", "np.array(range(4))",
)  # fmt: skip


def _shape(rng: Random, least: int) -> tuple[int, ...]:
    return tuple(rng.randint(1, 4) for _ in range(rng.randint(least, 3)))


def _array(rng: Random, least: int, exact: bool = False) -> str:
    shape = _shape(rng, least)[: least if exact else None]
    count = 1
    for size in shape:
        count *= size
    return rng.choice(_MADE).format(s=shape, n=count)


def expressions(count: int, seed: int = 7) -> list[str]:
    """Lines of code; some of them are errors, as in life."""
    rng = Random(seed)
    found = list(_ALONE)
    for template in _ANY:
        found += [template.format(x=_array(rng, 1)) for _ in range(count)]
    for template in _PAIRS:
        found += [template.format(x=_array(rng, 2, exact=True)) for _ in range(count)]
    return found
