"""What `archlint verify` of ResNet-50 costs beside PyTorch alone: `python -m benchmarks.verify_cost`.

Needs an interpreter with PyTorch (`--python`).  Alone means: import torch, build the same model under FakeTensorMode
and call it once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import tables
from benchmarks.speed import README, ROOT, archlint, least, spent

MODEL = ROOT / "fixtures" / "models" / "resnet50.py"
ALONE = """
import importlib.util, sys
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
torch.set_num_threads(1)
spec = importlib.util.spec_from_file_location("resnet50", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with FakeTensorMode(), torch.no_grad():
    module.resnet50().eval()(torch.empty(2, 3, 224, 224))
"""
LIMIT = 2.0
"""Times what PyTorch alone costs."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; exit with 1 above the limit."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has PyTorch")
    parser.add_argument("--runs", type=int, default=3, help="the least of so many runs counts")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    alone = least(chosen.runs, lambda: spent([chosen.python, "-c", ALONE, str(MODEL)]))
    ours = least(chosen.runs, lambda: archlint("verify", str(MODEL), "--python", chosen.python))
    rows = [
        ("PyTorch alone: import, one call without numbers", f"{alone:.2f}", "1.0"),
        ("`archlint verify`: inference, build, two sizes, symbolic run", f"{ours:.2f}", f"{ours / alone:.2f}"),
    ]
    text = tables.table(("ResNet-50", "CPU s", "ratio"), rows)
    print(text)
    if chosen.write:
        tables.write(README, "verify cost", text)
    sys.exit(ours > LIMIT * alone)


if __name__ == "__main__":
    main()
