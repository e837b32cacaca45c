"""Block descriptions in text: `"ir_r2_k3_s2_e6_c24"` says kernel, stride and channels."""

from __future__ import annotations

import time
from textwrap import dedent

from archlint.check import analyze_texts

DECODED = """
    import re
    from torch import nn

    def decode(text):
        options = {}
        for op in text.split("_")[1:]:
            splits = re.split(r"(\\d.*)", op)
            if len(splits) >= 2:
                key, value = splits[:2]
                options[key] = value
        return options

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            options = decode("ds_k5_s2_c24")
            self.conv = nn.Conv2d(3, int(options["c"]), int(options["k"]), stride=int(options["s"]))

        def forward(self, x):
            return self.conv(x)
"""


def test_a_block_description_is_taken_apart() -> None:
    [model] = analyze_texts({"net.py": dedent(DECODED)})
    [conv] = model.family("conv")
    assert (conv.args["out_channels"], conv.args["kernel_size"], conv.args["stride"]) == (24, 5, 2)


def test_a_pattern_that_would_take_for_ever_is_not_tried() -> None:
    source = """
        import re
        from torch import nn
        parts = re.split(r"(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")
        net = nn.Sequential(nn.Conv2d(3, len(parts), 3))
    """
    before = time.process_time()
    [model] = analyze_texts({"net.py": dedent(source)})
    [conv] = model.family("conv")
    assert time.process_time() - before < 5
    assert conv.output.shape is None or not isinstance(conv.output.shape[1], int)


def test_an_expression_that_is_wrong_is_unknown() -> None:
    source = 'import re\nfrom torch import nn\nnet = nn.Linear(len(re.findall("(", "x")), 4)\n'
    assert analyze_texts({"net.py": source + "y = nn.Sequential(net)\n"})
