"""Random calls of `tf.*` functions on matrices, segments, pictures, and of those that write to variables."""

from __future__ import annotations

import random

from differential import Case, Generator
from tf_cases_ops import pick
from tf_cases_slim import anything, some

Rng = random.Random
T = "tensorflow."


def strided(rng: Rng) -> Case:
    made = tuple(rng.choice([4, 5, None]) for _ in range(rng.randint(2, 3)))
    n = rng.randint(1, len(made))
    begin, end = [rng.choice([0, 1]) for _ in range(n)], [rng.choice([3, 4]) for _ in range(n)]
    kwargs = some(rng, begin_mask=[1, 2], end_mask=[1, 2], shrink_axis_mask=[1])
    return Case(T + "strided_slice", ["$0", begin, end, [rng.choice([1, 2]) for _ in range(n)]], kwargs, inputs=[made])


def square(*names: str) -> Generator:
    def make(rng: Rng) -> Case:
        side = rng.choice([2, 3])
        return Case(rng.choice(names), ["$0"], inputs=[(*anything(rng, 0, 1), side, side)])

    return make


def segmented(rng: Rng) -> Case:
    name = rng.choice(["segment_sum", "segment_max", "math.segment_mean"])
    rows = rng.choice([3, 4])
    return Case(T + name, ["$0", "$1"], inputs=[(rows, *anything(rng, 0, 2)), (rows,)], dtypes=["float32", "int32"])


def top(rng: Rng) -> Case:
    rows = rng.choice([3, None])
    return Case(T + "nn.in_top_k", ["$0", "$1", 2], inputs=[(rows, 5), (rows,)], dtypes=["float32", "int32"])


def drawn(rng: Rng) -> Case:
    return Case(T + "multinomial", ["$0", rng.choice([1, 3])], inputs=[anything(rng, 2, 2)])


def turned(rng: Rng) -> Case:
    made = (*([rng.choice([2, None])] * rng.randint(0, 1)), rng.choice([4, 6]), 5, 3)
    return Case(T + "image.rot90", ["$0"], some(rng, k=[1, 2, 3]), inputs=[made])


def picture(*names: str) -> Generator:
    def make(rng: Rng) -> Case:
        return Case(rng.choice(names), ["$0"], inputs=[(2, rng.choice([4, 6]), 5, 3)])

    return make


def solved(rng: Rng) -> Case:
    return Case(T + "matrix_solve", ["$0", "$1"], inputs=[(3, 3), (3, rng.choice([1, 4]))])


MAKERS: dict[str, Generator] = {
    "strided_slice": strided, "segments": segmented, "in_top_k": top, "multinomial": drawn, "rot90": turned,
    "trace": square(T + "trace"), "diag_part": square(T + "matrix_diag_part"), "matrix_solve": solved,
    "square matrices": square(T + "matrix_inverse", T + "cholesky"), "determinant": square(T + "matrix_determinant"),
    "matrix_diag": pick(T + "matrix_diag", low=1, high=2),
    "tensor_diag": pick(T + "diag", low=1, high=2),
    "colours": picture(*(f"{T}image.{n}" for n in ("rgb_to_yuv", "yuv_to_rgb", "rgb_to_yiq", "transpose_image",
                                                   "sobel_edges", "image_gradients"))),
    "complex": pick(T + "real", T + "imag", T + "conj", T + "angle", low=0, high=3),
}  # fmt: skip
