"""Bugs that model collections from PyPI showed: blocks that work, and were accused or not understood."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archlint.check import check_texts

TORCH = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def codes(source: str, header: str = TORCH, **others: str) -> list[str]:
    files = {"net.py": header + dedent(source), **{f"{name}.py": dedent(text) for name, text in others.items()}}
    report = check_texts(files)
    assert not report.internal_errors
    return [d.code for d in report.diagnostics]


MIXER = """
    class Mixer(nn.Module):
        def __init__(self, tokens=512, dim=512):
            super().__init__()
            self.norm = nn.LayerNorm(dim)
            inner = tokens * 4
            self.mix = nn.Sequential(nn.Conv1d(tokens, inner, {kernel}), nn.GELU(), nn.Conv1d(inner, tokens, 1))

        def forward(self, x):
            return self.mix(self.norm(x))
"""


def test_a_pointwise_convolution_may_mix_positions_and_does_not_say_where_the_features_are() -> None:
    assert codes(MIXER.format(kernel=1)) == []
    assert codes(MIXER.format(kernel="3, padding=1")) == ["ARC511"]


def test_a_forward_without_self_is_given_what_the_module_is_called_with() -> None:
    source = """
        class SiLU(nn.Module):
            @staticmethod
            def forward(x):
                return x * torch.sigmoid(x)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
                self.act = SiLU()
                self.last = nn.Conv2d({width}, 8, 3)

            def forward(self, x):
                return self.last(self.act(self.conv(x)))
    """
    assert codes(source.format(width=8)) == []
    assert codes(source.format(width=16)) == ["ARC102"]


KERAS = "import keras\nfrom keras import layers\n"


def test_the_layers_of_a_sequential_are_not_known_where_those_it_was_given_are_not() -> None:
    source = """
        def blocks(rows):
            made = []
            for filters in rows:
                made.append(layers.Conv2D(filters, 3))
            return keras.Sequential(made)

        def net(rows):
            x = keras.Input((32, 32, 3))
            {run}
            return layers.Conv2D(8, 3, groups=2)(x)
    """
    assert codes(source.format(run="for layer in blocks(rows).layers: x = layer(x)"), KERAS) == []
    assert codes(source.format(run="x = blocks(rows).get_layer(index=0)(x)"), KERAS) == []
    assert codes(source.format(run="for layer in keras.Sequential([]).layers: x = layer(x)"), KERAS) == ["ARC113"]


LISTED = """
    class Net(nn.Module):
        def __init__(self, place=None):
            super().__init__()
            self.all = nn.ModuleList([nn.Linear(4, 8)])
            {line}
            self.after = nn.Linear({features}, 1)

        def forward(self, x):
            for layer in self.all:
                x = layer(x)
            return self.after(x)
"""


def test_a_module_put_into_a_list_at_an_unknown_place_leaves_the_list_unknown() -> None:
    assert codes(LISTED.format(line="self.all.insert(find(), nn.Linear(8, 8))", features=5)) == []
    assert codes(LISTED.format(line="self.all.insert(1, nn.Linear(8, 8))", features=5)) == ["ARC104"]
    assert codes(LISTED.format(line="self.all.insert(1, nn.Linear(8, 8))", features=8)) == []


def test_a_child_taken_out_of_a_list_that_is_not_known_is_not_known() -> None:
    line = "self.all.extend({}); self.all = [self.all.pop(-1)]"
    assert codes(LISTED.format(line=line.format("build()"), features=5)) == []
    assert "ARC104" in codes(LISTED.format(line=line.format("[]"), features=5))


@pytest.mark.parametrize("made", ["a.reshape(s)", "torch.zeros(s)", "a.expand(s)", "a.repeat(s)", "a.permute(s)",
                                  "a.reshape(find(a))", "a.new_zeros(find(a) + (3, 4))", "torch.empty(find(a)[1])",
                                  "a.expand(torch.broadcast_shapes(a.shape[:-1], s.shape[:-1]) + (3,))"])  # fmt: skip
def test_what_came_of_a_tensor_may_be_a_whole_shape(made: str) -> None:
    source = """
        class Net(nn.Module):
            def forward(self, a, s):
                return F.adaptive_avg_pool2d({made}, 1)
    """
    assert codes(source.format(made=made)) == []
    assert codes(source.format(made="torch.zeros(a.mean())")) == ["ARC101"]


EDSR = """
    from torch import nn
    from .blocks import *
    __all__ = ["edsr"]

    def edsr(width):
        return nn.Sequential(nn.Conv2d(3, width, 3), nn.Conv2d(16, 3, 3))
"""


@pytest.mark.parametrize("line", ["from zoo import edsr", "from zoo import *", "import zoo; edsr = zoo.edsr"])
def test_a_function_that_a_package_stars_hides_the_module_of_its_name(line: str) -> None:
    others = {"zoo/__init__": "from .edsr import *\n", "zoo/edsr": EDSR, "zoo/blocks": "import torch\n"}
    assert codes("def net(): return edsr(8)", line + "\n", **others) == ["ARC102"]
    assert codes("def net(): return edsr(16)", line + "\n", **others) == []


def test_a_star_brings_in_what_all_lists() -> None:
    source = """
        def net():
            return make(8)
    """
    text = (
        "from torch import nn\n{listed}\ndef make(n): return nn.Sequential(nn.Conv2d(3, n, 3), nn.Conv2d({n}, 3, 3))\n"
    )
    header = "from good import *\nfrom bad import *\n"

    def found(listed: str) -> list[str]:
        return codes(source, header, good=text.format(listed="", n="n"), bad=text.format(listed=listed, n=9))

    assert "ARC102" in found("")
    assert "ARC102" in found("__all__ = ['make']")
    assert found("__all__ = ['other']") == []


GUARDED = """
    from somewhere import int_shape

    def block(x, filters, stride):
        channels = {channels}
        y = layers.Conv2D(filters, 1, strides=stride, padding="same")(x)
        {body}

    def net():
        x = i = keras.Input((32, 32, 3))
        return keras.Model(i, block(x, 8, 1))
"""
BODIES = (
    "if channels == filters and stride == 1: return layers.Add()([x, y])\n        return y",
    "if filters in (channels, 16): y = layers.Add()([x, y])\n        return y",
    "if channels != filters: return y\n        return layers.Add()([x, y])",
    "same = channels == filters\n        return layers.Add()([x, y]) if same else y",
)


@pytest.mark.parametrize("body", BODIES)
def test_what_a_test_of_lost_sizes_guards_is_not_accused(body: str) -> None:
    assert codes(GUARDED.format(channels="int_shape(x)[-1]", body=body), KERAS) == []
    assert codes(GUARDED.format(channels="x.shape[-1]", body=body), KERAS) == []
    assert codes(GUARDED.format(channels="8", body=body), KERAS) == ["ARC109"]


def test_what_a_flag_guards_is_accused_though_nobody_says_whether_it_is_set() -> None:
    source = GUARDED.format(channels="find()", body="return layers.Add()([x, y]) if {} else y")
    for flag in ("channels", "channels == 'add'", "channels is not None"):
        assert codes(source.replace("{}", flag), KERAS) == ["ARC109"]


def test_the_older_backend_that_keras_3_keeps_is_the_backend() -> None:
    header = "from keras.src.legacy.backend import int_shape\n" + KERAS
    source = """
        def net():
            x = keras.Input((32, 32, 3))
            return layers.Conv2D(8, 3, groups=int_shape(x)[-1] {more})(x)
    """
    assert codes(source.format(more="- 1"), header) == ["ARC113"]
    assert codes(source.format(more="- 2"), header) == []


@pytest.mark.parametrize("made", ["tf.reshape(x, s)", "tf.reshape(x, (1, *s, -1))", "tf.zeros(s)", "tf.fill(s, 0)",
                                  "tf.broadcast_to(x, s)", "tf.random.normal(s)", "tf.ones([1, *s])"])  # fmt: skip
def test_a_parameter_may_be_a_whole_shape(made: str) -> None:
    source = "def net(x, s): return tf.image.resize({}, (2, 2))"
    header = "import tensorflow as tf\n"
    assert codes(source.format(made), header) == []
    assert codes(source.format("tf.zeros(5)"), header) == ["ARC101"]


@pytest.mark.parametrize("lines", ["h, w = size", "h = w = list(range(size))[1]", "h = w = (0, *size)",
                                   "h = w = [size[i] for i in range(0, len(size), 2)][0]"])  # fmt: skip
def test_what_comes_of_a_parameter_in_parts_is_not_the_parameter(lines: str) -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, size):
                super().__init__()
                {lines}
                self.first, self.second = nn.Linear(h, 5), nn.Linear({again}, 5)

            def forward(self, x):
                return self.second(F.relu(self.first(x)))
    """
    assert codes(source.format(lines=lines, again="w")) == []
    assert codes(source.format(lines="h = size", again="4")) == ["ARC104"]
    assert codes(source.format(lines="h = size", again="size * 2 - size // 2 * 3 + 6")) == []


def test_a_tensor_of_what_is_not_known_may_have_more_axes() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, anchors, masks=(0, 1, 2)):
                super().__init__()
                pairs = [(anchors[i], anchors[i + 1]) for i in range(0, len(anchors), 2)]
                self.anchors = torch.tensor([{one} for i in masks])

            def forward(self, x):
                return x * sum(anchor[0] / 8 for anchor in self.anchors)
    """
    assert codes(source.format(one="pairs[i]")) == []
    assert set(codes(source.format(one="i"))) == {"ARC101"}


YIELDING = """
    def parts(flag, sizes):
        yield nn.Linear(8, 16)
        {line}

    class Net(nn.Module):
        def __init__(self, flag, sizes):
            super().__init__()
            self.body = nn.Sequential(*parts(flag, sizes))
            self.head = nn.Linear(16, 4)

        def forward(self, x):
            return self.head(self.body(x))
"""


@pytest.mark.parametrize("line", ["if flag: yield nn.Linear(16, 32)", "for size in sizes: yield nn.Linear(16, 32)",
                                  "yield from sizes", "while flag: yield nn.Linear(16, 32)",
                                  "for size in sizes:\n            if size: yield nn.Linear(16, 32)"])  # fmt: skip
def test_what_a_generator_may_yield_is_not_what_it_yields(line: str) -> None:
    assert codes(YIELDING.format(line=line)) == []


def test_what_a_generator_yields() -> None:
    assert "ARC104" in codes(YIELDING.format(line="yield nn.Linear(16, 32)"))
    assert codes(YIELDING.format(line="for size in (3,): yield nn.ReLU()")) == []


@pytest.mark.parametrize("context", ["pytest.raises(ValueError)", "self.assertRaises(RuntimeError)",
                                     "contextlib.suppress(Exception)", "pytest.raises(TypeError) as e"])  # fmt: skip
def test_what_is_expected_to_fail_is_not_accused(context: str) -> None:
    source = """
        import contextlib, pytest, unittest

        class Test(unittest.TestCase):
            pass

        def test_net(self=None):
            net = nn.Linear(8, 4)
            with {context}:
                net(torch.zeros(2, 9))
    """
    assert codes(source.format(context=context)) == []
    assert codes(source.format(context="torch.no_grad()")) == ["ARC104"]


def test_a_map_that_has_shrunk_may_have_one_position_left() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.down = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1), nn.Conv2d(8, 16, 4, 2, 1), {last})

            def forward(self, x):
                return self.down(x).view(-1, 32)
    """
    assert codes(source.format(last="nn.Conv2d(16, 32, 4)")) == []
    assert codes(source.replace("self.down(x)", "self.down[0](x)").replace("32", "8").format(last="nn.ReLU()")) == []
    same = source.replace("4, 2, 1", "3, 1, 1")
    assert codes(same.format(last="nn.Conv2d(16, 32, 3, 1, 1)")) == ["ARC203"]


def test_a_convolutional_lstm_is_a_convolution() -> None:
    source = """
        def net():
            x = keras.Input((4, 32, 32, 3))
            conv1 = layers.{made}(x)
            return keras.Model(x, conv1)
    """
    assert codes(source.format(made="ConvLSTM2D(8, 3, return_sequences=True, padding='same')"), KERAS) == []
    assert "ARC703" in codes(source.format(made="Dense(8)"), KERAS)


DEEP = """
    class Block(nn.Module):
        def __init__(self, dim):
            super().__init__()
            self.grow, self.shrink = nn.Linear(dim, 16), nn.Linear({width}, dim)

        def forward(self, x):
            return self.shrink(F.relu(self.grow(x))) + x

    class Net(nn.Module):
        def __init__(self, dim, depth):
            super().__init__()
            self.layers = nn.ModuleList([])
            for _ in range(depth):
                self.layers.append({block})

        def forward(self, x):
            for block in self.layers:
                x = block(x)
            return x
"""


@pytest.mark.parametrize("block", ["Block(dim)", "nn.Sequential(Block(dim), nn.ReLU())"])
def test_blocks_that_are_made_nobody_knows_how_often_are_looked_at(block: str) -> None:
    assert codes(DEEP.format(width=16, block=block)) == []
    assert codes(DEEP.format(width=24, block=block)) == ["ARC104"]


WIDTHS = """
    import itertools, operator
    from itertools import accumulate, combinations, pairwise, permutations, starmap
    from operator import attrgetter, itemgetter

    def net():
        pairs = [(8, 16), (16, 4)]
        layers = [nn.Linear(8, 16), nn.Linear(16, 4)]
        return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear({wide}, 4))
"""


@pytest.mark.parametrize("wide", [
    "list(map(itemgetter(1), pairs))[0]", "itemgetter(0, 1)(pairs[0])[1]",
    "max(map(attrgetter('out_features'), layers))",
    "attrgetter('0.out_features')(nn.Sequential(*layers))",
    "list(pairwise([8, 16, 4]))[0][1]", "list(combinations([8, 16, 4], 2))[2][0]", "list(permutations([8, 16]))[1][0]",
    "list(accumulate([8, 8, 8]))[1]", "list(accumulate([2, 8], operator.mul))[1]",
    "list(starmap(nn.Linear, pairs))[0].out_features", "sorted(pairs, key=itemgetter(1))[0][0]",
])  # fmt: skip
def test_functions_of_pythons_library_are_computed(wide: str) -> None:
    assert codes(WIDTHS.format(wide=wide)) == []
    assert codes(WIDTHS.format(wide=f"({wide}) + 1")) == ["ARC104"]


def test_a_wrapped_constructor_that_nobody_calls_has_its_defaults() -> None:
    source = """
        import functools

        def filtered(function):
            @functools.wraps(function)
            def wrapper(self, *args, **kwargs):
                kept = {{k: v for k, v in kwargs.items() if not k.startswith("_")}}
                return function(self, *args, **kept)
            return wrapper

        class Net(nn.Module):
            @filtered
            def __init__(self, width=8, **options):
                super().__init__()
                self.first, self.second = nn.Linear(4, width), nn.Linear({second}, 2)

            def forward(self, x):
                return self.second(F.relu(self.first(x)))
    """
    assert codes(source.format(second=8)) == []
    assert codes(source.format(second=9)) == ["ARC104"]
