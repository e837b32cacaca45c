"""Writes `fixtures/recorded/tf.jsonl.gz`: `python tests/layers/record_tf.py [cases per layer [names …]]`.

With names, nothing is written: the comparison of these alone is printed.
"""

# ruff: noqa: E402

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

import tf_cases_matrices
import tf_cases_nn
import tf_cases_ops
import tf_cases_slim
from differential import Case, Real, compare, generate, write
from tf_execution import execute

MAKERS = {**tf_cases_slim.MAKERS, **tf_cases_ops.MAKERS, **tf_cases_nn.MAKERS, **tf_cases_matrices.MAKERS}


def answers(each: int, only: set[str]) -> list[tuple[Case, Real]]:
    """Every case with TensorFlow's answer."""
    chosen = {k: v for k, v in MAKERS.items() if not only or k in only}
    pairs = ((case, execute(case)) for case in generate(chosen, each))
    return [(case, real) for case, real in pairs if real is not None]


def main() -> None:
    """Records, then says what disagrees."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    only = set(sys.argv[2:])
    found = answers(each, only)
    if not only:
        print(write("tf", found))
    for name, report in sorted(compare(found).items()):
        print(name, dict(report.counts))
        for line in [*report.bad[:4], *report.missed[:2]]:
            print("    ", line)


if __name__ == "__main__":
    main()
