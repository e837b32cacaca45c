"""torch Fourier transforms, complex views, and a few functions on sets of numbers."""
# ruff: noqa: A002  the parameters bear torch's own names

from __future__ import annotations

from typing import Any

from archlint.dims import Size, add, floordiv, mul
from archlint.layers.arguments import NotKnown, flag, is_unknown, known, size, truth
from archlint.layers.families.conv import quotient
from archlint.layers.families.elementwise import floating, like
from archlint.layers.families.split import resize_axis
from archlint.layers.spec import Fault, Out, function
from archlint.values import Tensor


def _whole(name: str) -> None:
    @function(f"torch.fft.{name}", family="elementwise")
    def transform(input: Tensor, n: Any = None, dim: Any = -1, norm: Any = None) -> Out:
        """Fourier transform along an axis; `n` cuts or fills it."""
        return like(input, dtype="") if n is None else _resized(input, dim, size(n))


def _resized(x: Tensor, dim: Any, length: Size) -> Out:
    out = resize_axis(x, dim, length)
    if isinstance(length, int) and length < 1:
        fault = Fault("empty", "", f"nothing is left of axis {dim}", 1, length)
        return Out(None, dtype="", faults=(fault,))
    return Out(out.shape, axes=out.axes, dtype="", faults=out.faults)


def _half(length: Size) -> Size:
    """A real signal of n numbers has n//2 + 1 frequencies."""
    return None if length is None else add(floordiv(length, 2), 1)


def _at(x: Tensor, dim: Any) -> Size:
    if x.shape is None or not isinstance(known(dim), int) or not -len(x.shape) <= dim < len(x.shape):
        raise NotKnown
    found: Size = x.shape[dim]
    return found


for _name in ("fft", "ifft"):
    _whole(_name)


def _many(name: str) -> None:
    @function(f"torch.fft.{name}", family="elementwise")
    def transform(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Out:
        """Fourier transform along two axes."""
        if s is not None:
            raise NotKnown
        return like(input, dtype="")


for _name in ("fft2", "ifft2"):
    _many(_name)


@function("torch.fft.fftn", "torch.fft.ifftn", family="elementwise")
def transform_n(input: Tensor, s: Any = None, dim: Any = None, norm: Any = None) -> Out:
    """Fourier transform along all axes, or those that are named."""
    if s is not None:
        raise NotKnown
    return like(input, dtype="")


@function("torch.fft.rfft", family="elementwise")
def rfft(input: Tensor, n: Any = None, dim: Any = -1, norm: Any = None) -> Out:
    """Fourier transform of real numbers: `n//2 + 1` frequencies."""
    return _resized(input, dim, _half(_at(input, dim) if n is None else size(n)))


@function("torch.fft.rfft2", family="elementwise")
def rfft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Out:
    """Fourier transform of real numbers along two axes, half of the last one kept."""
    axes = known(dim)
    if s is not None or not isinstance(axes, (tuple, list)):
        raise NotKnown
    return _resized(input, axes[-1], _half(_at(input, axes[-1])))


@function("torch.fft.irfft", family="elementwise")
def irfft(input: Tensor, n: Any = None, dim: Any = -1, norm: Any = None) -> Out:
    """Real numbers from half of their frequencies: `2*(f - 1)` of them, or `n`."""
    return _resized(input, dim, mul(add(_at(input, dim), -1), 2) if n is None else size(n))


@function("torch.fft.irfft2", family="elementwise")
def irfft2(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Out:
    """Real numbers from half of their frequencies along two axes, of the sizes `s`."""
    axes = known(dim)
    if not isinstance(axes, (tuple, list)) or input.shape is None:
        raise NotKnown
    if s is None:
        return _resized(input, axes[-1], mul(add(_at(input, axes[-1]), -1), 2))
    if not isinstance(s, (tuple, list)) or len(s) != len(axes):
        raise NotKnown
    shape = list(input.shape)
    for axis, wanted in zip(axes, s, strict=True):
        _at(input, axis)
        shape[axis] = size(wanted)
    return Out(tuple(shape), axes=tuple(range(len(shape))), dtype="")


@function("torch.view_as_real", family="reshape")
def view_as_real(input: Tensor) -> Out:
    """Complex numbers as pairs on a new last axis."""
    return Out(None if input.shape is None else (*input.shape, 2), dtype="", last=2)


@function("torch.view_as_complex", family="reshape")
def view_as_complex(input: Tensor) -> Out:
    """Pairs on the last axis as complex numbers."""
    if input.shape is None:
        return Out(dtype="")
    if not input.shape or (isinstance(input.shape[-1], int) and input.shape[-1] != 2):
        text = "the last axis must hold pairs"
        return Out(None, faults=(Fault("features", "", text, 2, input.shape[-1] if input.shape else 0),), dtype="")
    return Out(input.shape[:-1], dtype="")


@function("torch.complex", "torch.polar", family="elementwise")
def complex_of(real: Tensor, imag: Tensor) -> Out:
    """Complex numbers of two tensors of one shape."""
    return like(real, dtype="")


@function("torch.unique", "torch.Tensor.unique", family="index")
def unique(
    input: Tensor, sorted: Any = True, return_inverse: Any = False, return_counts: Any = False, dim: Any = None
) -> Any:
    """The different values, of unknown number; perhaps where each went, and how many there were."""
    return _different(input, return_inverse, return_counts, dim)


@function("torch.unique_consecutive", "torch.Tensor.unique_consecutive", family="index")
def unique_consecutive(input: Tensor, return_inverse: Any = False, return_counts: Any = False, dim: Any = None) -> Any:
    """The values that differ from the one before, of unknown number."""
    return _different(input, return_inverse, return_counts, dim)


def _different(input: Tensor, return_inverse: Any, return_counts: Any, dim: Any) -> Any:
    if known(dim) is not None:
        raise NotKnown
    found: list[Out] = [Out((None,))]
    if flag(return_inverse):
        found.append(Out(input.shape, dtype="int64"))
    if flag(return_counts):
        found.append(Out((None,), dtype="int64"))
    return found[0] if len(found) == 1 else tuple(found)


@function("torch.multinomial", "torch.Tensor.multinomial", family="random")
def multinomial(input: Tensor, num_samples: Any, replacement: Any = False) -> Out:
    """Classes drawn with given probabilities."""
    if input.shape is None:
        return Out(dtype="int64")
    drawn, classes = size(num_samples), input.shape[-1] if input.shape else None
    if isinstance(drawn, int) and isinstance(classes, int) and drawn > classes and truth(replacement) is False:
        text = f"{drawn} different ones of {classes} classes"
        return Out(None, faults=(Fault("arguments", "num_samples", text, classes, drawn),), dtype="int64")
    return Out((*input.shape[:-1], size(num_samples)), dtype="int64")


@function("torch.cross", "torch.Tensor.cross", "torch.linalg.cross", family="elementwise")
def cross(input: Tensor, other: Tensor, dim: Any = -1) -> Out:
    """Product of vectors in three dimensions."""
    return like(input) if input.shape == other.shape else Out()


@function("torch.stft", family="window")
def stft(
    input: Tensor, n_fft: Any, hop_length: Any = None, win_length: Any = None, window: Any = None, center: Any = True,
    pad_mode: Any = "reflect", normalized: Any = False, onesided: Any = None, return_complex: Any = None,
    align_to_window: Any = None,
) -> Out:  # fmt: skip
    """Spectra of windows along the last axis: frequencies, then `(t + 2*(n_fft//2) - n_fft)//hop + 1` windows.

    Real and imaginary parts are a last axis of two unless the numbers are complex.
    """
    if input.shape is None or len(input.shape) not in (1, 2) or is_unknown(return_complex):
        return Out(dtype="")
    points = size(n_fft)
    if faults := _too_short(input.shape[-1], points, flag(center), pad_mode):
        return Out(None, dtype="", faults=faults)
    hop = quotient(points, 4) if hop_length is None else size(hop_length)
    room = add(input.shape[-1], None if points is None else -points)
    if flag(center):
        room = add(room, mul(quotient(points, 2), 2))
    frames = add(quotient(room, hop), 1)
    pair = () if return_complex else (2,)
    return Out((*input.shape[:-1], _frequencies(input, window, onesided, points), frames, *pair), dtype="")


def _too_short(length: Size, points: Size, center: bool, mode: Any) -> tuple[Fault, ...]:
    """The signal fills a window, and where it is centred the mirror at each end."""
    if not isinstance(length, int) or not isinstance(points, int):
        return ()
    if center and mode == "reflect" and points // 2 >= length:
        text = f"the padding of {points // 2} at each end mirrors more than the signal of {length} has"
        return (Fault("arguments", "n_fft", text, points // 2 + 1, length),)
    if not center and points > length:
        return (Fault("arguments", "n_fft", f"a window of {points} on a signal of {length}", points, length),)
    return ()


def _frequencies(x: Tensor, window: Any, onesided: Any, points: Size) -> Size:
    """Of real numbers half is kept, unless all are asked for."""
    given = [t for t in (x, window) if t is not None]
    if onesided is None and all(isinstance(t, Tensor) and floating(t.dtype) for t in given):
        return _half(points)
    return None if onesided is None else _half(points) if flag(onesided) else points


@function("torch.bucketize", family="index")
def bucketize(input: Any, boundaries: Any, *, out_int32: Any = False, right: Any = False) -> Out:
    """The bucket of each number."""
    if not isinstance(input, Tensor):
        raise NotKnown
    return like(input, dtype="int32" if flag(out_int32) else "int64")


@function("torch.searchsorted", family="index")
def searchsorted(
    sorted_sequence: Tensor, input: Any, *, out_int32: Any = False, right: Any = False, side: Any = None,
    sorter: Any = None,
) -> Out:  # fmt: skip
    """Where each number would stand in an ordered row."""
    if not isinstance(input, Tensor):
        raise NotKnown
    return Out(input.shape, dtype="int32" if flag(out_int32) else "int64")


@function("torch.nn.utils.rnn.pad_sequence", family="stack")
def pad_sequence(
    sequences: Any, batch_first: Any = False, padding_value: Any = 0.0, padding_side: Any = "right"
) -> Out:
    """Sequences of several lengths in one tensor, as long as the longest."""
    if not isinstance(sequences, (list, tuple)) or not sequences:
        raise NotKnown
    shapes = [t.shape if isinstance(t, Tensor) else None for t in sequences]
    first = shapes[0]
    if first is None or any(shape is None or len(shape) != len(first) for shape in shapes) or not first:
        raise NotKnown
    lengths = [shape[0] for shape in shapes if shape is not None]
    whole = [n for n in lengths if isinstance(n, int)]
    longest = first[0] if all(n == first[0] for n in lengths) else max(whole) if len(whole) == len(lengths) else None
    pair = (len(sequences), longest) if flag(batch_first) else (longest, len(sequences))
    return Out((*pair, *first[1:]), dtype=sequences[0].dtype or "")


@function("torch.is_tensor", family="shape")
def is_tensor(obj: Any) -> bool:
    """Whether something is a tensor."""
    if is_unknown(obj):
        raise NotKnown
    return isinstance(obj, Tensor)


@function("torch.is_complex", family="shape")
def is_complex(input: Any) -> bool:
    """Whether a tensor is of a complex type."""
    return "complex" in _type_of(input)


@function("torch.is_floating_point", family="shape")
def is_floating_point(input: Any) -> bool:
    """Whether a tensor is of a floating type."""
    return "float" in _type_of(input)


def _type_of(value: Any) -> str:
    if not isinstance(value, Tensor) or not value.dtype:
        raise NotKnown
    return value.dtype
