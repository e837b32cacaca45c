"""Writes `fixtures/recorded/keras2.jsonl.gz`: `PYTHONPATH=. python tests/layers/record_keras2.py`.

An argument is the number of cases per function.
"""

from __future__ import annotations

import sys

from differential import compare, generate, write
from keras2_cases import MAKERS
from keras2_execution import execute


def main() -> None:
    """Records, then says what disagrees."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    found = [(case, execute(case)) for case in generate(MAKERS, each)]
    print(write("keras2", found))
    for name, report in sorted(compare(found, blurred=True).items()):
        print(name, dict(report.counts))
        for line in [*report.bad[:4], *report.missed[:2]]:
            print("    ", line)


if __name__ == "__main__":
    main()
