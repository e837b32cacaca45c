"""Bugs that sdists and notebooks of a second round of packages showed: code that works, and was accused."""

from __future__ import annotations

from tests.interp.test_found_in_packages import codes


def test_a_torch_size_given_to_the_old_constructor_is_a_shape() -> None:
    source = """
        class Noise(nn.Module):
            def __init__(self, mean):
                super().__init__()
                self.mean = nn.Parameter(mean)
                self.register_buffer("noise", torch.Tensor({size}))

            def forward(self):
                return self.mean + self.noise

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.noise = Noise(torch.zeros(5, 8))

            def forward(self, x):
                return F.linear(x, self.noise())
    """
    assert codes(source.format(size="self.mean.shape")) == []
    assert codes(source.format(size="[5, 8]")) == ["ARC111"]


def test_a_layer_of_which_the_defaults_leave_open_what_it_does() -> None:
    source = """
        class Resize(nn.Module):
            def __init__(self, shape=None, factor=None):
                super().__init__()
                self.shape, self.factor = shape, factor

            def forward(self, x):
                return F.interpolate(x, mode="bilinear"{given})
    """
    assert codes(source.format(given=", size=self.shape, scale_factor=self.factor")) == []
    assert codes(source.format(given="")) == ["ARC114"]
    built = source + "\n        Resize()(torch.zeros(1, 3, 8, 8))\n"
    assert codes(built.format(given=", size=self.shape, scale_factor=self.factor")) == ["ARC114"]


def test_a_parameter_is_no_greater_than_itself() -> None:
    source = """
        def widened(features, width=None):
            if not width:
                width = features
            x = inputs = keras.Input(shape=(features,))
            if width {op} features:
                x = layers.concatenate([inputs, layers.Dense(width - features)(inputs)])
            return keras.Model(inputs, x)
    """
    header = "import keras\nfrom keras import layers\n"
    assert codes(source.format(op=">"), header) == []
    assert codes(source.format(op=">="), header) == ["ARC114"]


def test_pixels_are_shuffled_of_films_too() -> None:
    source = """
        class Context(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.PixelUnshuffle(2)
                self.conv = nn.Conv2d({channels}, 4, 1)

            def forward(self, x):
                x = self.blocks(x)
                return sum(self.conv(x[{first}, i]) for i in range(3))
    """
    assert codes(source.format(channels=12, first=":")) == []
    film = source + "\n        Context()(torch.zeros(2, 3, 3, 8, 8))\n"
    assert codes(film.format(channels=12, first=":")) == []
    assert codes(film.format(channels=10, first=":")) == ["ARC102"]


def test_an_image_before_its_pixels_are_shuffled_has_the_axes_of_the_convolution_behind() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.PixelUnshuffle(2)
                self.conv = nn.Conv2d(12, 4, 1)

            def forward(self, x):
                x = self.conv(self.blocks(x))
                return x[{index}]
    """
    assert codes(source.format(index=":, :, 0")) == []
    assert codes(source.format(index=":, :, 0, 0, 0")) == ["ARC101"]


def test_a_keyword_with_the_name_that_a_declaration_gives_the_rest() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, index):
                x = torch.zeros(3, 4).index_add(dim=0, index=index, source=self.fc(x))
                return F.linear(x, torch.zeros(2, {width}))
    """
    assert codes(source.format(width=4)) == []
    assert codes(source.format(width=5)) == ["ARC104"]


def test_weights_gathered_in_a_parameter_list_are_registered() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stacks, self.weights = [], []
                for _ in range(3):
                    self.stacks.append(self.stack())
                {gathered}

            def stack(self):
                layer = nn.Linear(8, 8)
                self.weights.extend(layer.parameters())
                return layer

            def forward(self, x):
                for layer in self.stacks:
                    x = torch.relu(layer(x))
                return x
    """
    assert codes(source.format(gathered="self.weights = nn.ParameterList(self.weights)")) == []
    assert codes(source.format(gathered="pass")) == ["ARC602"]


def test_a_dropout_that_the_caller_asks_for() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, rate=0.1):
                super().__init__()
                self.fc = nn.Linear(8, 8)
                self.rate = rate

            def forward(self, x):
                return self.spread(x, use_dropout=False)

            def spread(self, x, use_dropout):
                x = self.fc(x)
                if {test}:
                    x = F.dropout(x, p=self.rate)
                return x
    """
    assert codes(source.format(test="use_dropout and self.rate > 0")) == []
    assert codes(source.format(test="self.rate > 0")) == ["ARC501"]


def test_a_comment_that_is_wrong_names_no_size_for_the_comments_behind_it() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)

            def forward(self, x):  # archlint: input=(B, 3, H, W)
                x = self.conv(x)
                {first}
                {second}
                return x, y, z
    """
    wrong = "y = x.new_zeros(x.shape[0], x.shape[1], 2 * x.shape[1])  # (B, 2 * c, c)"
    right = "z = x.new_zeros(x.shape[0], 2 * x.shape[1])  # (B, 2 * c)"
    assert codes(source.format(first=wrong, second=right)) == ["ARC707"]
    assert codes(source.format(first=right, second="z = 0")) == []


def test_a_flag_that_tells_two_sizes_apart_makes_sure_of_what_is_added() -> None:
    source = """
        class Block(nn.Module):
            def __init__(self, width, planes):
                super().__init__()
                self.conv = nn.Conv2d(width, planes, 3, padding=1)
                self.shortcut = None
                if {test}:
                    self.shortcut = nn.Conv2d(width, planes, 1)

            def forward(self, x):
                y = self.conv(x)
                if self.shortcut is not None:
                    return y + self.shortcut(x)
                else:
                    return y + x

        class Net(nn.Module):
            def __init__(self, channels):
                super().__init__()
                self.norm = nn.BatchNorm2d(1)
                self.block = Block(2 * channels, 32)

            def forward(self, x):
                x = self.norm(x)
                return self.block(torch.cat([x, x], 1))
    """
    assert codes(source.format(test="width != planes")) == []
    assert codes(source.format(test="False")) == ["ARC111"]


def test_two_sizes_that_are_compared_where_they_are_added() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.width = 2 * width
                self.norm = nn.BatchNorm2d(2)
                self.conv, self.proj = nn.Conv2d(self.width, 32, 3, padding=1), nn.Conv2d(self.width, 32, 1)

            def forward(self, x):
                y = self.conv(self.norm(x))
                return {what}
    """
    assert codes(source.format(what="y + self.proj(x) if self.width != 32 else y + x")) == []
    assert codes(source.format(what="y + x + self.proj(x)")) == ["ARC111"]


def test_what_is_tried_before_another_way() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv, self.norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)

            def forward(self, x):
                return self.norm(self.conv(x))

        def trace(model, inputs):
            try:
                out = model(*inputs)
            except{caught}:
                {otherwise}
            return out

        trace(Net(), torch.zeros(1, 3, 32, 32))
    """
    assert codes(source.format(caught="", otherwise="out = model(inputs)")) == []
    assert codes(source.format(caught=" KeyError", otherwise="out = model(inputs)")) == ["ARC103"]
    assert codes(source.format(caught=" Exception", otherwise="print(inputs)")) == ["ARC103"]


def test_a_child_that_is_replaced_by_its_place_from_the_end() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = {kind}(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 10))

            def forward(self, x):
                return self.head(x)

        def adapted(classes=7):
            net = Net()
            net.head[-1] = nn.Linear({width}, classes)
            return net
    """
    assert codes(source.format(kind="nn.Sequential", width=4)) == []
    assert codes(source.format(kind="nn.Sequential", width=10)) == ["ARC104"]


def test_a_hook_that_may_not_be_registered() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, watched):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
                self.head = nn.Linear({width}, 2)
                self.kept = torch.zeros(1, 16)
                if watched:
                    self.conv.register_forward_hook(self.keep)

            def keep(self, layer, given, output):
                self.kept = output.mean((2, 3))

            def forward(self, x):
                self.conv(x)
                return self.head(self.kept)
    """
    assert codes(source.format(width=8)) == []
    assert codes(source.format(width=8).replace("if watched", "if 0")) == ["ARC104"]


def test_the_two_parts_of_a_complex_tensor_are_apart() -> None:
    source = """
        class Split(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU(inplace=True)
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                x = {made}
                return torch.complex(self.act(x.real), self.fc(x.{other}))
    """
    assert codes(source.format(made="torch.view_as_complex(x)", other="imag")) == []
    assert codes(source.format(made="self.fc(x.float())", other="real")) == ["ARC616"]


def test_a_sum_over_windows_needs_nothing_again() -> None:
    source = """
        from einops.layers.torch import Reduce

        class Split(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)
                self.pool = Reduce("b t c -> b 1 c", reduction="{how}")

            def forward(self, x):
                x = self.fc(x)
                share = torch.sigmoid(self.pool(x))
                x *= share
                return x
    """
    assert codes(source.format(how="sum")) == []
    assert codes(source.format(how="max")) == ["ARC617"]


def test_a_layer_that_another_file_applies() -> None:
    net = """
        class Auxiliary(nn.Module):
            def __init__(self):
                super().__init__()
                self.body, self.classifier = nn.Linear(8, 4), nn.Linear(4, 2)

            def forward(self, x):
                return self.body(x)

        Auxiliary()(torch.zeros(1, 8))
    """
    loss = "def loss(model, x):\n    return model.{layer}(model(x)).mean()\n"
    assert codes(net, losses=loss.format(layer="classifier")) == []
    assert codes(net, losses=loss.format(layer="scorer")) == ["ARC605"]


def test_a_data_frame_is_no_tensor() -> None:
    source = """
        import pandas as pd

        def baseline(rivers{kind}, column):
            known = rivers[: len(rivers) - 7]
            return known[[column]].median()[0]
    """
    assert codes(source.format(kind=": pd.DataFrame")) == []
    assert codes(source.format(kind="")) == ["ARC101"]


def test_a_sum_over_an_axis_that_the_defaults_leave_out() -> None:
    source = """
        class Clipped(nn.Module):
            def __init__(self, dim=None):
                super().__init__()
                self.dim = dim

            def forward(self, x):
                return x / x.sum({dim})[:, None]
    """
    assert codes(source.format(dim="dim=self.dim")) == []
    assert codes(source.format(dim="")) == ["ARC101"]


def test_channels_that_are_pooled_to_one_position_are_no_time_steps() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed, self.conv = nn.Embedding(1000, 50), nn.Conv1d(50, 100, 3, padding=1)
                self.pool, self.fc = nn.AdaptiveAvgPool1d(1), nn.Linear(100, 100)

            def forward(self, ids):
                x = self.conv(self.embed(ids).transpose(1, 2))
                return x + self.fc(self.pool(x).squeeze(2)).unsqueeze(-1)
    """
    assert codes(source) == []


def test_what_a_framework_base_applies_is_used() -> None:
    source = """
        class Layer({base}):
            def __init__(self, d, heads):
                super().__init__({given})
                self.linear1, self.norm = nn.Linear(d, 2048, bias=False), nn.LayerNorm(d)

            def forward(self, x):
                return self.norm(x + self._ff_block(x))

        Layer(16, 4)(torch.zeros(1, 3, 16))
    """
    assert codes(source.format(base="nn.TransformerEncoderLayer", given="d, heads")) == []


def test_a_network_that_a_forward_makes_and_trains() -> None:
    source = """
        class Coder(nn.Module):
            def __init__(self, nodes):
                super().__init__()
                self.fc = nn.Linear(nodes, 8)

            def forward(self, x):
                return self.fc(x)

        class Embedding(nn.Module):
            def forward(self, x):
                model = Coder(16)
                optimizer = torch.optim.Adam(model.parameters())
                {learn}
                optimizer.step()
                return model(x)
    """
    assert codes(source.format(learn="F.mse_loss(model(x), x).backward()")) == []
    assert codes(source.format(learn="F.mse_loss(model(x), x)")) == ["ARC603"]


def test_steps_with_a_gradient_of_their_own() -> None:
    source = """
        class Quantize(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.floor()

            {backward}

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 8)

            def forward(self, x):
                return self.b(Quantize.apply(self.a(x)))
    """
    straight = "@staticmethod\n            def backward(ctx, slope):\n                return slope"
    assert codes(source.format(backward=straight)) == []
    assert codes(source.format(backward="pass")) == ["ARC417"]


def test_one_of_two_forms_that_a_test_before_chose() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, mode):
                super().__init__()
                self.is_lstm = mode == "LSTM"
                self.fc = nn.Linear(8, {width})

            def forward(self, x):
                state = x.new_zeros(1, x.size(0), 8)
                if self.is_lstm:
                    state = (state, state + 1)
                return self.step(self.fc(x), state)

            def step(self, x, state):
                return x + (state[1][0] if self.is_lstm else state[0])
    """
    assert codes(source.format(width=8)) == []


def test_a_part_of_what_nothing_is_left_of() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                rows = torch.zeros(3 - 5, 8)
                return self.fc(rows[1:])
    """
    assert "ARC101" not in codes(source)


def test_settings_that_other_files_hand_through() -> None:
    source = """
        class Block(nn.Module):
            def __init__(self, width=3, planes=8, **settings):
                super().__init__()
                self.conv = nn.Conv2d(width, planes{settings})

            def forward(self, x):
                return self.conv(x)

        class Padded(nn.Conv2d):
            def __init__(self, *args, mode="auto", **settings):
                super().__init__(*args, **settings)
    """
    assert codes(source.format(settings=", **settings")) == []
    assert codes(source.format(settings="")) == ["ARC114"]


def test_a_child_under_a_name_that_is_not_known() -> None:
    source = """
        class Net(nn.Module):
            def __init__(self, layers):
                super().__init__()
                self.weights = nn.ParameterDict()
                for k, size in enumerate(layers):
                    self.weights[f"W_{k}"] = nn.Parameter(torch.zeros(4, size))

            def forward(self, x):
                return x @ self.weights["W_0"]
    """
    assert codes(source) == []


def test_two_tests_of_one_word_may_rule_each_other_out() -> None:
    """As in torchvision's transforms of boxes, whose format an enumeration states."""
    source = """
        class Form(Enum):
            BOXES = "boxes"
            CORNERS = "corners"
            POINTS = "points"

        def is_points(form):
            return form == Form.POINTS

        def convert(boxes, old, new):
            if new == old:
                return boxes
            if is_points(old) ^ is_points(new):
                raise ValueError("points")
            if new == Form.BOXES:
                boxes = boxes.clone()
                boxes[..., 2:] -= boxes[..., :2]
            return boxes

        def clamp(boxes: torch.Tensor, form: Form):
            if is_points(form):
                return convert(boxes.reshape(-1, 8), Form.POINTS, form)
            return boxes{after}

        out = clamp(torch.rand(4, 8), input())
    """
    source = "\n        from enum import Enum\n" + source
    assert codes(source.format(after="")) == []
    assert codes(source.format(after="[..., 2:] - boxes[..., :2]")) == ["ARC111"]


def test_the_widths_of_a_padding_may_be_an_array() -> None:
    source = """
        import numpy as np

        image = np.zeros((8, 8))
        widths = np.array([[1, 1], [2, 2]])
        net = nn.Conv2d(1, 4, 3)
        net(torch.from_numpy(np.pad(image, widths))[None, None].float())
    """
    assert codes(source) == []


def test_a_class_that_stands_in_by_default_for_the_instance_that_callers_give() -> None:
    """As in mambular, whose blocks are given an RMSNorm of their width."""
    source = """
        class Scale(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.width = width

            def forward(self, x):
                return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True))

        class Mixer(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(32, 32)

            def forward(self, x):
                _, length, _ = x.shape
                return self.fc(x)

        class Residual(nn.Module):
            def __init__(self, norm=Scale):
                super().__init__()
                self.norm = norm
                self.mixer = Mixer()

            def forward(self, x):
                return self.mixer(self.norm(x)) + x
    """
    assert codes(source) == []
    assert codes(source + "\n\n        net = Residual()\n        net(torch.zeros(2, 5, 32))\n") == ["ARC623", "ARC624"]


def test_a_method_shape_of_what_need_not_be_a_tensor() -> None:
    """As of a tape of pennylane."""
    source = """
        def outcome(tape, device):
            size = tape.shape(device)
            return torch.zeros(size)

        class Net(nn.Module):
            def forward(self, x):
                return outcome(x, "cpu")
    """
    assert codes(source) == []


def test_distinct_elements_come_with_their_places_and_with_their_counts() -> None:
    """As in tensorflow-similarity, which takes all three."""
    source = """
        import tensorflow as tf

        distinct, places, counts = tf.unique_with_counts(tf.constant([1, 2, 2]))
    """
    assert codes(source) == []
