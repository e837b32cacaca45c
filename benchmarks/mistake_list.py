"""Which mistakes the mutation benchmark makes, and where each could be made in a program."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from benchmarks.mistakes import (
    Change,
    Mistake,
    Program,
    Sites,
    argument,
    dropped,
    last_name,
    number,
    renamed,
    swapped,
    unwrapped,
    without,
)  # fmt: skip

_CONVS = ("Conv2d", "Conv1d", "ConvTranspose2d")
_NORMS = ("BatchNorm1d", "BatchNorm2d", "LayerNorm")
_CE = re.compile(r"CrossEntropyLoss|cross_entropy")


def _returns(program: Program) -> Iterator[cst.Return]:
    for node in program.within("forward"):
        if isinstance(node, cst.Return) and node.value is not None:
            yield node


def softmax_before_loss(program: Program) -> Iterator[Change]:
    """`return self.fc(x)` gives probabilities to a loss that takes scores."""
    if _CE.search(program.text):
        yield from _wrapped_results(program, "torch.softmax({}, dim=1)")


def sigmoid_before_loss(program: Program) -> Iterator[Change]:
    """The same with the sigmoid and the loss on scores of two classes."""
    if "BCEWithLogitsLoss" in program.text:
        yield from _wrapped_results(program, "torch.sigmoid({})")


def relu_on_output(program: Program) -> Iterator[Change]:
    """`return F.relu(self.fc(x))`: scores that are never negative."""
    if _CE.search(program.text):
        yield from _wrapped_results(program, "torch.relu({})")


def _wrapped_results(program: Program, form: str) -> Iterator[Change]:
    last = [node for node in _returns(program) if node.value is not None]
    for node in last[-1:]:
        assert node.value is not None
        yield program.change(node.value, form.format(program.of(node.value)))


def no_return(program: Program) -> Iterator[Change]:
    """`self.fc(x)` for `return self.fc(x)`."""
    for node in _returns(program):
        assert node.value is not None
        yield program.change(node, program.of(node.value))


def missing_flatten(program: Program) -> Iterator[Change]:
    """`torch.flatten(x, 1)`, `x.flatten(1)`, `x.view(x.size(0), -1)` or a Flatten layer left out."""
    yield from unwrapped("Flatten", "flatten")(program)
    for call in program.calls("flatten", "view"):
        text = program.of(call)
        if isinstance(call.func, cst.Attribute) and re.search(r"flatten\(1\)$|view\(x\.size\(0\), -1\)$", text):
            yield program.change(call, program.of(call.func.value))


def merged_batch(program: Program) -> Iterator[Change]:
    """`view(-1, 256)` for `view(x.size(0), -1)`, `flatten(0)` for `flatten(1)`, half of it in `view(-1, 32, 4, 4)`."""
    for call in program.calls("view", "reshape", "flatten"):
        if not isinstance(call.func, cst.Attribute):
            continue
        base, text = program.of(call.func.value), program.of(call)
        if text == f"{base}.view({base}.size(0), -1)":
            yield program.change(call, f"{base}.view(-1, 256)")
        elif text == f"{base}.flatten(1)" or text.startswith("torch.flatten("):
            yield program.change(call, re.sub(r"1\)$", "0)", text))
        elif match := re.fullmatch(r"(.*\.view\(-1, )(\d+)(.*)", text):
            yield program.change(call, f"{match[1]}{int(match[2]) // 2}{match[3]}")


def plain_list(program: Program) -> Iterator[Change]:
    """`[…]` for `nn.ModuleList([…])`."""
    for call in program.calls("ModuleList"):
        if len(call.args) == 1:
            yield program.change(call, program.of(call.args[0].value))


def shared_blocks(program: Program) -> Iterator[Change]:
    """`[Layer(dim)] * depth` for `[Layer(dim) for _ in range(depth)]`."""
    for call in program.calls("ModuleList", "Sequential"):
        for arg in call.args:
            made = arg.value
            if isinstance(made, cst.ListComp) and isinstance(made.for_in.iter, cst.Call):
                times = program.of(made.for_in.iter.args[0].value)
                yield program.change(made, f"[{program.of(made.elt)}] * {times}")


def missing_super_init(program: Program) -> Iterator[Change]:
    """`super().__init__()` left out."""
    for call in program.calls("__init__"):
        if program.of(call).startswith("super"):
            yield program.change(call, "pass")


def layer_in_forward(program: Program) -> Iterator[Change]:
    """`nn.Linear(84, 10)(x)` in forward for `self.fc(x)`."""
    assigned = {}
    for node, _ in program.nodes:
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
            written = program.of(node.value)
            if re.fullmatch(r"nn\.(?:Linear|Conv\w+|BatchNorm\w+|LayerNorm)\([\d\s,*=\w]*\)", written):
                assigned[program.of(node.targets[0].target)] = written
    for node in program.within("forward"):
        if isinstance(node, cst.Call) and program.of(node.func) in assigned:
            names = set(re.findall(r"\b[a-z_]+\b(?!=)", assigned[program.of(node.func)])) - {"nn"}
            if not names:
                yield program.change(node.func, assigned[program.of(node.func)])


def reused_layer(program: Program) -> Iterator[Change]:
    """`self.conv1` twice, where the second should have been `self.conv2`."""
    for node in program.within("forward"):
        if isinstance(node, cst.Call) and (match := re.fullmatch(r"(self\.[a-z_]+)([2-9])", program.of(node.func))):
            other = f"{match[1]}{int(match[2]) - 1}"
            if f"{other}(" in program.text:
                yield program.change(node.func, other)


def skipped_layer(program: Program) -> Iterator[Change]:
    """`self.conv1(x)` for `self.bn1(self.conv1(x))`: a layer with weights that is never called."""
    for node in program.within("forward"):
        if isinstance(node, cst.Call) and re.fullmatch(r"self\.(?:bn|norm|fc|proj)\w*", program.of(node.func)):
            if len(node.args) == 1:
                yield program.change(node, program.of(node.args[0].value))


def view_for_permute(program: Program) -> Iterator[Change]:
    """Axes exchanged by `reshape`, which leaves the elements where they are."""
    for call in program.calls("permute", "transpose"):
        if not isinstance(call.func, cst.Attribute):
            continue
        base, orders = program.of(call.func.value), [program.of(arg.value) for arg in call.args]
        if orders in (["0", "2", "1"], ["1", "2"]) and "attn" not in base:
            yield program.change(call, f"(lambda t: t.reshape(t.size(0), t.size(2), t.size(1)))({base})")


def discarded(program: Program) -> Iterator[Change]:
    """`F.relu(x)` as a statement of its own: its result is never used."""
    for node in program.within("forward"):
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call) and len(node.targets) == 1:
            target, value = node.targets[0].target, node.value
            if isinstance(target, cst.Name) and any(program.of(a.value) == target.value for a in value.args):
                yield program.change(node, program.of(value))


def rnn_tuple(program: Program) -> Iterator[Change]:
    """`out = self.rnn(x)`: the pair of output and state is taken for the output."""
    for node, _ in program.nodes:
        if isinstance(node, cst.Assign) and isinstance(node.targets[0].target, cst.Tuple):
            if isinstance(node.value, cst.Call) and re.search(r"rnn|lstm|gru", program.of(node.value.func)):
                first = node.targets[0].target.elements[0].value
                yield program.change(node.targets[0].target, program.of(first))


def axes_of_picture(program: Program) -> Iterator[Change]:
    """Height, width and channels where channels, height and width are expected, or the other way round."""
    for node, above in program.nodes:
        if isinstance(node, cst.Tuple) and (m := re.fullmatch(r"(\d+), (\d+), (\d)", program.of(node))):
            if not isinstance(above[-1], (cst.For, cst.CompFor)):  # `for k in (3, 4, 5)` goes through kernel sizes
                yield program.change(node, f"{m[3]}, {m[1]}, {m[2]}")
    for call in program.calls("randn", "rand"):
        if (m := re.fullmatch(r"(.*\(\d+, )(\d), (\d+), (\d+)\)", program.of(call))) and m[2] != m[3]:
            yield program.change(call, f"{m[1]}{m[3]}, {m[4]}, {m[2]})")


def stride_in_place_of_kernel(program: Program) -> Iterator[Change]:
    """`Conv2D(32, 3, 3)` in Keras 2 and 3: the second 3 is the stride."""
    for call in program.calls("Conv2D"):
        arg = argument(call, 1, "kernel_size")
        if arg is not None:
            size = re.findall(r"\d+", program.of(arg.value))[0]
            comma = ", " if program.of(arg).rstrip().endswith(",") else ""
            yield program.change(arg, f"{size}, {size}{comma}")


def wrong_axis(names: tuple[str, ...], axis: str) -> Sites:
    """`dim=0` for the axis that was meant."""

    def sites(program: Program) -> Iterator[Change]:
        for call in program.calls(*names):
            for arg in call.args:
                if arg.keyword is not None and arg.keyword.value == "dim" and program.of(arg.value) != axis:
                    yield program.change(arg.value, axis)

    return sites


def odd_heads(program: Program) -> Iterator[Change]:
    """A number of heads that does not divide the width."""
    for node, _ in program.nodes:
        if isinstance(node, cst.Param) and node.name.value == "heads" and node.default is not None:
            yield program.change(node.default, "5")


def misspelled_forward(program: Program) -> Iterator[Change]:
    """`def foward(self, x)`."""
    for node, _ in program.nodes:
        if isinstance(node, cst.FunctionDef) and node.name.value == "forward":
            yield program.change(node.name, "foward")


def one_class(program: Program) -> Iterator[Change]:
    """A single output under a softmax or the cross-entropy."""
    for call in program.calls("Dense"):
        if "softmax" in program.of(call):
            yield program.change(call.args[0].value, "1")
    if _CE.search(program.text):
        for node, _ in program.nodes:
            if isinstance(node, cst.Param) and node.name.value in ("num_classes", "classes") and node.default:
                yield program.change(node.default, "1")


def ten_scores_no_softmax(program: Program) -> Iterator[Change]:
    """Scores for a Keras loss that takes probabilities: the activation of the last layer left out."""
    for call in program.calls("Dense"):
        for arg in call.args:
            if arg.keyword is not None and program.of(arg.value) in ('"softmax"', '"sigmoid"'):
                yield without(program, call, arg)


def other_crossentropy(program: Program) -> Iterator[Change]:
    """`categorical` for `sparse_categorical`, and the other way round."""
    for call in program.calls("compile"):
        loss = argument(call, 9, "loss")
        if loss is not None and "categorical" in program.of(loss.value):
            text = program.of(loss.value)
            changed = text.replace("sparse_", "") if "sparse_" in text else text.replace("cat", "sparse_cat")
            yield program.change(loss.value, changed)


def double_activation(program: Program) -> Iterator[Change]:
    """`F.relu(F.relu(x))`, or a softmax on top of a softmax."""
    for call in program.calls("softmax", "log_softmax", "Softmax"):
        text = program.of(call)
        if isinstance(call.func, cst.Attribute) and last_name(call.func.value) == "F":
            yield program.change(call, re.sub(r"\((.*), dim", rf"({text}, dim", text, count=1, flags=re.DOTALL))


def relu_by_default(program: Program) -> Iterator[Change]:
    """`activation_fn=None` left out: slim applies a ReLU."""
    yield from dropped(("fully_connected", "conv2d"), "activation_fn")(program)


MISTAKES = (
    Mistake("wrong in_features", ("ARC104", "ARC105"), number(("Linear",), 0, "in_features"), crashes=True),
    Mistake("wrong out_features", ("ARC104", "ARC109"), number(("Linear",), 1, "out_features"), crashes=True),
    Mistake("wrong in_channels", ("ARC102",), number(_CONVS, 0, "in_channels"), crashes=True),
    Mistake("wrong out_channels", ("ARC102",), number(_CONVS, 1, "out_channels"), crashes=True),
    Mistake("in and out changed over", ("ARC102", "ARC104"), swapped((*_CONVS, "Linear")), crashes=True),
    Mistake("missing flatten", ("ARC104", "ARC206", "ARC101"), missing_flatten),
    Mistake("batch merged by a view", ("ARC201", "ARC202"), merged_batch),
    Mistake("kernel of another size", ("ARC105", "ARC104", "ARC109"), number(_CONVS, 2, "kernel_size"), crashes=True),
    Mistake("padding left out", ("ARC105", "ARC104", "ARC109"), dropped(_CONVS, "padding"), crashes=True),
    Mistake("stride in place of the kernel", ("ARC903",), stride_in_place_of_kernel),
    Mistake("batch norm of another rank", ("ARC103",), renamed("BatchNorm2d", "BatchNorm1d")),
    Mistake("norm of another size", ("ARC102", "ARC104"), number(_NORMS, 0, "num_features"), crashes=True),
    Mistake("wrong input size of an RNN", ("ARC104",), number(("LSTM", "GRU"), 0, "input_size"), crashes=True),
    Mistake("wrong hidden size of an RNN", ("ARC104",), number(("LSTM", "GRU"), 1, "hidden_size"), crashes=True),
    Mistake("return_sequences left out", ("ARC304",), dropped(("LSTM", "GRU"), "return_sequences", "True")),
    Mistake("batch_first left out", ("ARC302", "ARC303"), dropped(("LSTM", "GRU"), "batch_first")),
    Mistake("output of an RNN not unpacked", ("ARC305",), rnn_tuple),
    Mistake("heads that do not divide", ("ARC113",), odd_heads, crashes=True),
    Mistake("H, W, C in another order", ("ARC122", "ARC127"), axes_of_picture),
    Mistake("softmax before cross-entropy", ("ARC401",), softmax_before_loss),
    Mistake("sigmoid before BCEWithLogits", ("ARC405",), sigmoid_before_loss),
    Mistake("ReLU on the output", ("ARC408",), relu_on_output),
    Mistake("ReLU by slim's default", ("ARC409",), relu_by_default),
    Mistake("softmax under NLLLoss", ("ARC403",), renamed("log_softmax", "softmax")),
    Mistake("scores for a Keras loss", ("ARC404", "ARC406"), ten_scores_no_softmax),
    Mistake("the other cross-entropy of Keras", ("ARC128",), other_crossentropy),
    Mistake("softmax over one class", ("ARC211", "ARC407"), one_class),
    Mistake("softmax twice", ("ARC413",), double_activation),
    Mistake("softmax over the batch", ("ARC210",), wrong_axis(("softmax", "log_softmax"), "0")),
    Mistake("mean over the batch", ("ARC214",), wrong_axis(("mean", "max"), "0")),
    Mistake("cat along the batch", ("ARC213", "ARC109"), wrong_axis(("cat",), "0")),
    Mistake("activation left out", ("ARC416",), unwrapped("relu", "ReLU", "gelu")),
    Mistake("dropout that never ends", ("ARC501",), dropped(("dropout",), "training")),
    Mistake("list for ModuleList", ("ARC602",), plain_list),
    Mistake("one block many times", ("ARC604",), shared_blocks),
    Mistake("missing super().__init__()", ("ARC601",), missing_super_init),
    Mistake("no return", ("ARC607",), no_return),
    Mistake("layer made in forward", ("ARC603",), layer_in_forward),
    Mistake("layer used again", ("ARC609", "ARC605"), reused_layer),
    Mistake("layer never called", ("ARC605",), skipped_layer),
    Mistake("result thrown away", ("ARC606",), discarded),
    Mistake("view for permute", ("ARC203",), view_for_permute),
    Mistake("misspelled forward", ("ARC621",), misspelled_forward),
)
