"""Writes `fixtures/recorded/keras.jsonl.gz`: `PYTHONPATH=. python tests/layers/record_keras.py [cases per layer]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from differential import Case, Real, compare, generate, write
from keras_cases import MAKERS as LAYERS
from keras_execution import execute
from keras_op_cases import MAKERS as OPS
from keras_select_cases import MAKERS as SELECTING


def answers(each: int, only: set[str]) -> Iterator[tuple[Case, Real]]:
    """Every case with Keras's answer."""
    makers = {k: v for k, v in (LAYERS | OPS | SELECTING).items() if not only or k in only}
    for case in generate(makers, each):
        yield case, execute(case)


def main() -> None:
    """Records, then says what disagrees."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    only = set(sys.argv[2:])
    found = list(answers(each, only))
    if not only:
        # a hundred of each are enough to check without Keras
        print(write("keras", [pair for i, pair in enumerate(found) if i % each < 100]))
    for name, report in sorted(compare(found, blurred=True).items()):
        print(name, dict(report.counts))
        for line in [*report.bad[:4], *report.missed[:2]]:
            print("    ", line)


if __name__ == "__main__":
    main()
