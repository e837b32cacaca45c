"""Random calls of torch.nn layers that change the form, activate, drop out, or measure a loss."""

from __future__ import annotations

from random import Random
from typing import Any

from torch_cases_layers import LAYERS, anything, given, image, layer, near, per_axis
from torch_differential import Case, Generate, T


@layer("Flatten")
def flatten(rng: Random) -> Case:
    kwargs = given(rng, start_dim=rng.choice((0, 1, 2, -2)), end_dim=rng.choice((-1, -1, 1, 2)))
    return Case("torch.nn.Flatten", (), kwargs, T(anything(rng, 0, 5)))


def parts_of(rng: Random, size: int) -> tuple[int, ...]:
    """Sizes that multiply up, perhaps with a -1, perhaps wrong."""
    first = rng.choice([d for d in range(1, size + 1) if size % d == 0])
    sizes = [first, near(rng, size // first)]
    if rng.random() < 0.4:
        sizes[rng.randrange(2)] = -1
    if rng.random() < 0.1:
        sizes.append(-1)
    return tuple(sizes)


@layer("Unflatten")
def unflatten(rng: Random) -> Case:
    shape = anything(rng, 1, 4, (2, 4, 6, 12))
    dim = rng.randrange(-len(shape), len(shape))
    return Case("torch.nn.Unflatten", (near(rng, dim) if dim > 0 else dim, parts_of(rng, shape[dim])), {}, T(shape))


@layer("Upsample")
def upsample(rng: Random) -> Case:
    n = rng.choice((1, 2, 3))
    x = image(rng, n, 2)
    mode = rng.choice(("nearest", "nearest", "linear", "bilinear", "trilinear"))
    if rng.random() < 0.5:
        return Case("torch.nn.Upsample", (), {"size": per_axis(rng, n, (1, 4, 9)), "mode": mode}, x)
    factor = rng.choice((2, 3, 2.0, 0.5, 1.5, 0.3, tuple(rng.choice((2, 0.5, 1.7)) for _ in range(n))))
    return Case("torch.nn.Upsample", (), {"scale_factor": factor, "mode": mode}, x)


def _upsampling2d(name: str) -> Generate:
    def case(rng: Random) -> Case:
        kwargs = rng.choice(({"size": (4, 5)}, {"size": 3}, {"scale_factor": 2}, {"scale_factor": 0.5}))
        return Case(f"torch.nn.{name}", (), dict(kwargs), image(rng, 2, 2))

    return case


LAYERS["torch.nn.UpsamplingNearest2d"] = _upsampling2d("UpsamplingNearest2d")
LAYERS["torch.nn.UpsamplingBilinear2d"] = _upsampling2d("UpsamplingBilinear2d")


@layer("PixelShuffle")
def pixel_shuffle(rng: Random) -> Case:
    return Case(
        "torch.nn.PixelShuffle", (rng.choice((1, 2, 3)),), {}, T((*anything(rng, 0, 2), rng.choice((4, 9, 8)), 3, 4))
    )


@layer("PixelUnshuffle")
def pixel_unshuffle(rng: Random) -> Case:
    shape = (*anything(rng, 0, 2), rng.choice((4, 6, 5)), rng.choice((4, 6)))
    return Case("torch.nn.PixelUnshuffle", (rng.choice((1, 2, 3)),), {}, T(shape))


@layer("ChannelShuffle")
def channel_shuffle(rng: Random) -> Case:
    return Case(
        "torch.nn.ChannelShuffle", (rng.choice((1, 2, 3)),), {}, T((2, rng.choice((4, 6)), *anything(rng, 0, 3)))
    )


@layer("Unfold")
def unfold(rng: Random) -> Case:
    kwargs = given(
        rng, dilation=per_axis(rng, 2, (1, 2)), padding=per_axis(rng, 2, (0, 1)), stride=per_axis(rng, 2, (1, 2))
    )
    return Case("torch.nn.Unfold", (per_axis(rng, 2, (1, 2, 3)),), kwargs, image(rng, 2, 3))


@layer("Fold")
def fold(rng: Random) -> Case:
    kernel, stride, pad, size = rng.choice((1, 2, 3)), rng.choice((1, 2)), rng.choice((0, 1)), rng.randint(3, 6)
    along = (size + 2 * pad - kernel) // stride + 1
    shape = (2, near(rng, 3 * kernel * kernel), near(rng, along * along))
    kwargs = {"stride": stride, "padding": pad}
    return Case("torch.nn.Fold", ((size, size), kernel), kwargs, T(shape[rng.random() < 0.2 :]))


def _pad(n: int, name: str) -> Generate:
    def case(rng: Random) -> Case:
        amounts = (0, 1, 2, 3) if name in ("Reflection", "Circular") else (0, 1, 2, -1)
        padding = rng.choice(amounts[:3]) if rng.random() < 0.5 else tuple(rng.choice(amounts) for _ in range(2 * n))
        args = (padding, 1.0) if name == "Constant" else (padding,)
        return Case(f"torch.nn.{name}Pad{n}d", args, {}, image(rng, n, 2, 1, 5))

    return case


for _n in (1, 2, 3):
    for _name in ("Constant", "Zero", "Reflection", "Replication", "Circular"):
        LAYERS[f"torch.nn.{_name}Pad{_n}d"] = _pad(_n, _name)


def plain(name: str, *args: Any, low: int = 0, high: int = 4) -> Generate:
    """A layer whose arguments do not matter, on a tensor of any rank."""

    def case(rng: Random) -> Case:
        return Case(f"torch.nn.{name}", args, {}, T(anything(rng, low, high)))

    return case


for _name in ("ReLU", "ReLU6", "Hardsigmoid", "Hardswish", "SELU", "SiLU", "Mish", "Sigmoid", "Tanh", "LogSigmoid",
              "Softsign", "Tanhshrink", "ELU", "CELU", "LeakyReLU", "Hardshrink", "Softshrink", "Hardtanh", "RReLU",
              "Softplus", "GELU", "Identity", "Dropout", "Dropout1d", "AlphaDropout",
              "FeatureAlphaDropout"):  # fmt: skip
    LAYERS[f"torch.nn.{_name}"] = plain(_name)
LAYERS["torch.nn.Threshold"] = plain("Threshold", 0.1, 20.0)
LAYERS["torch.nn.Softmax2d"] = plain("Softmax2d", low=2, high=5)
for _name in ("Dropout2d", "Dropout3d"):
    LAYERS[f"torch.nn.{_name}"] = plain(_name, low=1, high=5)


@layer("PReLU")
def prelu(rng: Random) -> Case:
    shape = anything(rng, 0, 4)
    return Case("torch.nn.PReLU", (rng.choice((1, shape[1] if len(shape) > 1 else 1, 2)),), {}, T(shape))


def _along(name: str) -> Generate:
    def case(rng: Random) -> Case:
        return Case(f"torch.nn.{name}", (rng.choice((0, 1, 2, -1, -2)),), {}, T(anything(rng, 0, 4)))

    return case


for _name in ("Softmax", "LogSoftmax", "Softmin", "GLU"):
    LAYERS[f"torch.nn.{_name}"] = _along(_name)


@layer("CosineSimilarity")
def cosine_similarity(rng: Random) -> Case:
    shape = anything(rng, 1, 3)
    other = tuple(near(rng, s) if rng.random() < 0.7 else 1 for s in shape)
    return Case(
        "torch.nn.CosineSimilarity", (), given(rng, dim=rng.choice((0, 1, -1))), {"x1": T(shape), "x2": T(other)}
    )


@layer("PairwiseDistance")
def pairwise_distance(rng: Random) -> Case:
    shape = anything(rng, 1, 3)
    other = tuple(near(rng, s) for s in shape)
    kwargs = given(rng, keepdim=rng.random() < 0.5)
    return Case("torch.nn.PairwiseDistance", (), kwargs, {"x1": T(shape), "x2": T(other)})


REDUCTIONS = ("none", "mean", "sum")


def _pointwise(name: str) -> Generate:
    def case(rng: Random) -> Case:
        shape = anything(rng, 0, 3)
        other = tuple(near(rng, s) for s in shape)
        kwargs = given(rng, reduction=rng.choice(REDUCTIONS))
        return Case(f"torch.nn.{name}", (), kwargs, {"input": T(shape), "target": T(other)})

    return case


for _name in ("MSELoss", "L1Loss", "SoftMarginLoss", "SmoothL1Loss", "HuberLoss", "KLDivLoss", "BCELoss",
              "BCEWithLogitsLoss"):  # fmt: skip
    LAYERS[f"torch.nn.{_name}"] = _pointwise(_name)


def scores(rng: Random, probabilities: bool) -> tuple[T, T]:
    """Scores of classes and a target for them."""
    shape = anything(rng, 1, 4)
    if probabilities and rng.random() < 0.3:
        return T(shape), T(tuple(near(rng, s) for s in shape))
    target = (*shape[:1], *shape[2:]) if len(shape) > 1 else ()
    if rng.random() < 0.1:
        target = (*target, 2)
    return T(shape), T(tuple(near(rng, s) for s in target), "int64")


def _classes(name: str) -> Generate:
    def case(rng: Random) -> Case:
        x, target = scores(rng, name.startswith("Cross"))
        kwargs = given(rng, reduction=rng.choice(REDUCTIONS))
        return Case(f"torch.nn.{name}", (), kwargs, {"input": x, "target": target})

    return case


LAYERS["torch.nn.CrossEntropyLoss"] = _classes("CrossEntropyLoss")
LAYERS["torch.nn.NLLLoss"] = _classes("NLLLoss")


@layer("CTCLoss")
def ctc(rng: Random) -> Case:
    batch = rng.randint(1, 3)
    call = {"log_probs": T((5, batch, 4)), "targets": T((batch, 2), "int64"),
            "input_lengths": (5,) * batch, "target_lengths": (2,) * batch}  # fmt: skip
    return Case("torch.nn.CTCLoss", (), given(rng, reduction=rng.choice(REDUCTIONS)), call)


def _triple(name: str, names: tuple[str, ...], last: tuple[int, ...] | None = None) -> Generate:
    def case(rng: Random) -> Case:
        shape = (3, 4)
        call = {k: T(shape if last is None or k != names[-1] else last) for k in names}
        return Case(f"torch.nn.{name}", (), given(rng, reduction=rng.choice(REDUCTIONS)), call)

    return case


LAYERS["torch.nn.TripletMarginLoss"] = _triple("TripletMarginLoss", ("anchor", "positive", "negative"))
LAYERS["torch.nn.MarginRankingLoss"] = _triple("MarginRankingLoss", ("input1", "input2", "target"))
LAYERS["torch.nn.CosineEmbeddingLoss"] = _triple("CosineEmbeddingLoss", ("input1", "input2", "target"), (3,))
LAYERS["torch.nn.HingeEmbeddingLoss"] = _triple("HingeEmbeddingLoss", ("input", "target"))
LAYERS["torch.nn.MultiLabelSoftMarginLoss"] = _triple("MultiLabelSoftMarginLoss", ("input", "target"))
LAYERS["torch.nn.PoissonNLLLoss"] = _triple("PoissonNLLLoss", ("log_input", "target"))
LAYERS["torch.nn.GaussianNLLLoss"] = _triple("GaussianNLLLoss", ("input", "target", "var"))


def _with_classes(name: str, whole: bool) -> Generate:
    def case(rng: Random) -> Case:
        call = {"input": T((3, 4)), "target": T((3, 4) if whole else (3,), "int64")}
        return Case(f"torch.nn.{name}", (), given(rng, reduction=rng.choice(REDUCTIONS)), call)

    return case


LAYERS["torch.nn.MultiMarginLoss"] = _with_classes("MultiMarginLoss", False)
LAYERS["torch.nn.MultiLabelMarginLoss"] = _with_classes("MultiLabelMarginLoss", True)


def _unpool(n: int) -> Generate:
    def case(rng: Random) -> Case:
        x = T((2, 3, *(rng.randint(1, 5) for _ in range(n))))
        kwargs = given(rng, stride=rng.choice((1, 2)), padding=rng.choice((0, 0, 1)))
        assert x.shape is not None
        return Case(
            f"torch.nn.MaxUnpool{n}d", (rng.choice((2, 3)),), kwargs, {"input": x, "indices": T(x.shape, "int64")}
        )

    return case


for _n in (1, 2, 3):
    LAYERS[f"torch.nn.MaxUnpool{_n}d"] = _unpool(_n)
