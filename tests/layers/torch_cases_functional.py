"""Random calls of torch.nn.functional, of initialisers, and of the rest."""

from __future__ import annotations

from random import Random
from typing import Any

from torch_cases_form import LAYERS, REDUCTIONS, scores
from torch_cases_functions import FUNCTIONS, axis, both, function, shape_of, tensor
from torch_cases_layers import anything, given, near
from torch_cases_maths import pair
from torch_differential import Case, Generate, T


@function("torch.nn.functional.scaled_dot_product_attention")
def sdpa(rng: Random) -> Any:
    batch = anything(rng, 0, 2)
    length, keys, width = (rng.randint(1, 4) for _ in range(3))
    query = (*(near(rng, b) if rng.random() < 0.3 else b for b in batch), length, width)
    key = (*batch, keys, near(rng, width) if rng.random() < 0.2 else width)
    value = (*batch, near(rng, keys) if rng.random() < 0.2 else keys, rng.randint(1, 4))
    return (T(query), T(key), T(value)), {}


@function("torch.nn.functional.linear")
def f_linear(rng: Random) -> Any:
    shape = anything(rng)
    return (T(shape), T((rng.randint(1, 5), near(rng, shape[-1])))), {}


@function("torch.nn.functional.embedding")
def f_embedding(rng: Random) -> Any:
    return (tensor(rng, 0, 3, "int64"), T((rng.randint(1, 5), rng.randint(1, 5)))), {}


@function("torch.nn.functional.one_hot")
def one_hot(rng: Random) -> Any:
    return (tensor(rng, 0, 3, "int64"),), given(rng, num_classes=rng.randint(1, 5))


@function("torch.nn.functional.pad")
def pad(rng: Random) -> Any:
    mode = rng.choice(("constant", "constant", "constant", "reflect", "replicate", "circular"))
    amounts = (0, 1, 2) if mode != "constant" else (0, 1, 2, -1)
    n = rng.randint(1, 3)
    x = T(anything(rng, n if mode == "constant" else n + 1, n + 2 if mode != "constant" else 5))
    return (x, tuple(rng.choice(amounts) for _ in range(2 * n))), {} if mode == "constant" else {"mode": mode}


@function("torch.nn.functional.grid_sample")
def grid_sample(rng: Random) -> Any:
    n = rng.choice((2, 3))
    return (T((2, 3, *(4,) * n)), T((near(rng, 2), *(rng.randint(1, 5) for _ in range(n)), near(rng, n)))), {}


@function("torch.nn.functional.normalize")
def normalize(rng: Random) -> Any:
    x = tensor(rng)
    return (x,), given(rng, dim=axis(rng, len(shape_of(x))))


def from_layer(name: str, layer: str, *, lead: int = 0) -> None:
    """A function that takes what a layer's constructor takes, behind its inputs."""

    def case(rng: Random) -> Case:
        given_case = LAYERS[f"torch.nn.{layer}"](rng)
        inputs = tuple(given_case.call.values()) if isinstance(given_case.call, dict) else (given_case.call,)
        return Case(f"torch.nn.functional.{name}", (*inputs, *given_case.args[lead:]), given_case.kwargs)

    FUNCTIONS[f"torch.nn.functional.{name}"] = case


for _name, _layer in (
    ("pixel_shuffle", "PixelShuffle"), ("pixel_unshuffle", "PixelUnshuffle"), ("channel_shuffle", "ChannelShuffle"),
    ("unfold", "Unfold"), ("fold", "Fold"), ("interpolate", "Upsample"), ("upsample", "Upsample"), ("glu", "GLU"),
    ("softmax", "Softmax"), ("log_softmax", "LogSoftmax"), ("softmin", "Softmin"), ("mse_loss", "MSELoss"),
    ("l1_loss", "L1Loss"), ("smooth_l1_loss", "SmoothL1Loss"), ("huber_loss", "HuberLoss"), ("kl_div", "KLDivLoss"),
    ("soft_margin_loss", "SoftMarginLoss"), ("binary_cross_entropy", "BCELoss"),
    ("binary_cross_entropy_with_logits", "BCEWithLogitsLoss"), ("cosine_similarity", "CosineSimilarity"),
    ("pairwise_distance", "PairwiseDistance"), ("triplet_margin_loss", "TripletMarginLoss"), ("ctc_loss", "CTCLoss"),
    ("margin_ranking_loss", "MarginRankingLoss"), ("cosine_embedding_loss", "CosineEmbeddingLoss"),
    ("local_response_norm", "LocalResponseNorm"), ("layer_norm", "LayerNorm"), ("rms_norm", "RMSNorm"),
    *((f"{k}_pool{n}d", f"{c}Pool{n}d") for n in (1, 2, 3) for k, c in (
        ("max", "Max"), ("avg", "Avg"), ("lp", "LP"), ("adaptive_avg", "AdaptiveAvg"),
        ("adaptive_max", "AdaptiveMax"))),
):  # fmt: skip
    from_layer(_name, _layer)


@function("torch.nn.functional.layer_norm", "torch.nn.functional.rms_norm")
def f_layer_norm(rng: Random) -> Any:
    shape = anything(rng)
    return (T(shape), tuple(near(rng, s) for s in shape[-rng.randint(1, len(shape)) :])), {}


FUNCTIONS["torch.nn.functional.rms_norm"] = FUNCTIONS["torch.nn.functional.layer_norm"]


@function("torch.nn.functional.group_norm")
def f_group_norm(rng: Random) -> Any:
    return (T((2, rng.choice((2, 4, 6)), *anything(rng, 0, 3))), rng.choice((1, 2, 3))), {}


@function("torch.nn.functional.batch_norm")
def f_batch_norm(rng: Random) -> Any:
    channels = rng.randint(1, 4)
    stats = T((near(rng, channels),))
    return (T((2, channels, *anything(rng, 0, 3))), stats, stats), {}


@function("torch.nn.functional.instance_norm")
def f_instance_norm(rng: Random) -> Any:
    return (T((2, 3, *anything(rng, 1, 3, (2, 3)))),), {}


@function("torch.nn.functional.cross_entropy")
def cross_entropy(rng: Random) -> Any:
    return scores(rng, True), given(rng, reduction=rng.choice(REDUCTIONS))


@function("torch.nn.functional.nll_loss")
def nll_loss(rng: Random) -> Any:
    return scores(rng, False), given(rng, reduction=rng.choice(REDUCTIONS))


def _f_conv(n: int, transposed: bool) -> Generate:
    kind = "conv_transpose" if transposed else "conv"

    def case(rng: Random) -> Case:
        channels, out, groups = rng.choice((2, 4)), rng.choice((2, 4)), rng.choice((1, 2))
        per = near(rng, channels // groups)
        kernel = tuple(rng.choice((1, 2, 3)) for _ in range(n))
        weight = T((near(rng, channels), out, *kernel) if transposed else (out, per, *kernel))
        kwargs = given(rng, stride=rng.choice((1, 2)), padding=rng.choice((0, 1)), dilation=rng.choice((1, 2)))
        x = T((2, channels, *(rng.randint(1, 6) for _ in range(n))))
        return Case(rng.choice((f"torch.{kind}{n}d", f"torch.nn.functional.{kind}{n}d")), (x, weight),
                    {**kwargs, "groups": groups})  # fmt: skip

    return case


for _n in (1, 2, 3):
    FUNCTIONS[f"torch.nn.functional.conv{_n}d"] = _f_conv(_n, False)
    FUNCTIONS[f"torch.nn.functional.conv_transpose{_n}d"] = _f_conv(_n, True)
FUNCTIONS["torch.nn.Parameter"] = lambda rng: Case("torch.nn.Parameter", (tensor(rng, 0),))
FUNCTIONS["torch.nn.Buffer"] = lambda rng: Case("torch.nn.Buffer", (tensor(rng, 0),))
FUNCTIONS["torch.softmax"] = lambda rng: Case(
    rng.choice(both("softmax")), (x := tensor(rng, 0), axis(rng, len(shape_of(x))))
)
FUNCTIONS["torch.log_softmax"] = lambda rng: Case(
    rng.choice(both("log_softmax")), (x := tensor(rng, 0), axis(rng, len(shape_of(x))))
)
FUNCTIONS["torch.diag_embed"] = lambda rng: Case(rng.choice(both("diag_embed")), (tensor(rng),))


for _name in (
    "trunc_normal_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
    "orthogonal_",
):
    FUNCTIONS[f"torch.nn.init.{_name}"] = lambda rng, name=_name: Case(f"torch.nn.init.{name}", (tensor(rng, 2),))  # type: ignore[misc]
FUNCTIONS["torch.nn.init.constant_"] = lambda rng: Case("torch.nn.init.constant_", (tensor(rng), 0.5))
FUNCTIONS["torch.nn.init.eye_"] = lambda rng: Case("torch.nn.init.eye_", (T((3, rng.randint(1, 4))),))
FUNCTIONS["torch.nn.init.dirac_"] = lambda rng: Case("torch.nn.init.dirac_", (tensor(rng, 3, 5),))
FUNCTIONS["torch.nn.init.sparse_"] = lambda rng: Case("torch.nn.init.sparse_", (T((3, rng.randint(1, 4))), 0.5))
FUNCTIONS["torch.Tensor.fill_"] = lambda rng: Case("torch.Tensor.fill_", (tensor(rng, 0), 2))
FUNCTIONS["torch.Tensor.copy_"] = lambda rng: Case("torch.Tensor.copy_", (x := tensor(rng, 0), x))
FUNCTIONS["torch.Tensor.geometric_"] = lambda rng: Case("torch.Tensor.geometric_", (tensor(rng, 0), 0.5))
FUNCTIONS["torch.Tensor.fill_diagonal_"] = lambda rng: Case("torch.Tensor.fill_diagonal_", (T((3, 3)), 1.0))
FUNCTIONS["torch.Tensor.new_tensor"] = lambda rng: Case(
    "torch.Tensor.new_tensor", (tensor(rng), rng.choice((1, [1, 2], [[1.0]])))
)
FUNCTIONS["torch.normal"] = lambda rng: Case(
    "torch.normal", rng.choice(((0.0, 1.0, anything(rng, 0, 3)), (tensor(rng), 1.0)))
)
FUNCTIONS["torch.nn.functional.threshold"] = lambda rng: Case(
    "torch.nn.functional.threshold", (tensor(rng, 0), 0.1, 2.0)
)
FUNCTIONS["torch.nn.functional.prelu"] = lambda rng: Case(rng.choice(both("prelu")), (tensor(rng, 0), T((1,))))


@function("torch.nn.functional.gumbel_softmax")
def gumbel_softmax(rng: Random) -> Any:
    x = tensor(rng)
    return (x,), given(rng, dim=axis(rng, len(shape_of(x))), hard=True)


@function("torch.broadcast_shapes")
def broadcast_shapes(rng: Random) -> Any:
    a, b = pair(rng)
    return (a.shape, b.shape if isinstance(b, T) else ()), {}


@function("torch.nn.functional.affine_grid")
def affine_grid(rng: Random) -> Any:
    n = rng.choice((2, 3))
    return (T((2, n, n + 1)), (2, 3, *(rng.randint(1, 4) for _ in range(n)))), {}


@function("torch.fft.fft", "torch.fft.ifft")
def fft(rng: Random) -> Any:
    x = tensor(rng)
    return (x,), given(rng, n=rng.randint(1, 5), dim=rng.randrange(len(shape_of(x))))


FUNCTIONS["torch.fft.ifft"] = lambda rng: Case("torch.fft.ifft", *fft(rng))
FUNCTIONS["torch.fft.rfft"] = lambda rng: Case("torch.fft.rfft", *fft(rng))
FUNCTIONS["torch.fft.irfft"] = lambda rng: Case("torch.fft.irfft", *fft(rng))
for _name in ("fft2", "ifft2", "rfft2", "irfft2"):
    FUNCTIONS[f"torch.fft.{_name}"] = lambda rng, name=_name: Case(  # type: ignore[misc]
        f"torch.fft.{name}", (tensor(rng, 2),), given(rng, s=(3, 4)) if name == "irfft2" else {}
    )
FUNCTIONS["torch.view_as_real"] = lambda rng: Case("torch.view_as_real", (tensor(rng, 0, 4, "complex64"),))
FUNCTIONS["torch.view_as_complex"] = lambda rng: Case(
    "torch.view_as_complex", (T((*anything(rng, 0, 3), near(rng, 2))),)
)
FUNCTIONS["torch.complex"] = lambda rng: Case("torch.complex", (x := tensor(rng, 0), x))
FUNCTIONS["torch.cross"] = lambda rng: Case("torch.linalg.cross", (x := T((*anything(rng, 0, 2), 3)), x))


@function(*both("unique"))
def unique(rng: Random) -> Any:
    return (tensor(rng, 0),), given(rng, return_inverse=rng.random() < 0.5, return_counts=rng.random() < 0.5)


@function(*both("unique_consecutive"))
def unique_consecutive(rng: Random) -> Any:
    return (tensor(rng, 0),), given(rng, return_inverse=rng.random() < 0.5, return_counts=rng.random() < 0.5)


@function("torch.fft.fftn", "torch.fft.ifftn")
def transform_n(rng: Random) -> Any:
    return (x := tensor(rng),), given(rng, dim=(rng.randrange(len(shape_of(x))),))


@function(*both("multinomial"))
def multinomial(rng: Random) -> Any:
    return (T(anything(rng, 1, 2, (2, 3))), rng.randint(1, 3)), {}


@function("torch.stft")
def stft(rng: Random) -> Any:
    points = rng.choice((6, 7, 16))
    x = T((*anything(rng, 0, 1), rng.choice((5, 16, 33))))
    options = given(rng, hop_length=rng.randint(1, 5), center=rng.random() < 0.5, onesided=rng.random() < 0.5)
    return (x, points), {"return_complex": rng.random() < 0.5, **options}


@function("torch.bucketize")
def bucketize(rng: Random) -> Any:
    return (tensor(rng), T((rng.randint(1, 4),))), given(rng, out_int32=rng.random() < 0.5)


@function("torch.searchsorted")
def searchsorted(rng: Random) -> Any:
    return (T((rng.randint(1, 4),)), tensor(rng)), given(rng, out_int32=rng.random() < 0.5)


@function("torch.nn.utils.rnn.pad_sequence")
def pad_sequence(rng: Random) -> Any:
    rest = anything(rng, 0, 2)
    rows = [T((rng.randint(1, 4), *rest)) for _ in range(rng.randint(1, 3))]
    return (rows,), given(rng, batch_first=rng.random() < 0.5)
