"""What IPython understands beyond Python, as the parser is given it."""

from __future__ import annotations

import ast
import textwrap

import pytest

from archlint.source.magics import UNKNOWN, neutralised


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("%matplotlib inline\nx = 1", "0\nx = 1"),
        ("!pip install 'torch' \\\n    keras\nx = 1", "0\n\nx = 1"),
        ("!!ls", "0"),
        ("if train:\n    %run settings.py", "if train:\n    exec()"),
        ("%run a", "exec()"),
        ("%run", "0"),
        ("?net\nnet??\ntorch.nn.Conv2d?", "0\n0\n0"),
        ("files = !ls *.py", f"files = {UNKNOWN}"),
        ("a, b = %sql select 1", f"a, b = {UNKNOWN}"),
        ("y = %time net(x)", "y =       net(x)"),
        ("%time y = net(x)", "0;    y = net(x)"),
        ("    %time y = net(x)", "    0;    y = net(x)"),
        ("%timeit -n 10 -r 3 net(x)", "0;                 net(x)"),
        ("%timeit y = net(x)", "0"),
        ("%time for x in y: net(x)", "0"),
        ("%prun -l 4 net(x)", "0"),
        ("if train:\n    !mkdir it's\nelse:\n    %cd ..", "if train:\n    0\nelse:\n    0"),
        ("%%time\nnet = Net()\n!ls", "0\nnet = Net()\n0"),
        ("%%capture out\nnet = Net()", "0\nnet = Net()"),
        ("\n%%bash\nls -l", ""),
        ("#@title Files\n%%bash\nls -l", ""),
        ("#@title Net\n%%time\nnet = Net()", "#@title Net\n0\nnet = Net()"),
        ("%%writefile net.py\nimport torch", ""),
        ("%%python\nimport torch", ""),
        ("%%nobody_knows_me\nx = 1", ""),
        ("%%timeit\nnet(x)", "0\nnet(x)"),
        ("%%timeit\ny = net(x)", ""),
        ("%md\n# A title\nof text", ""),
        ("%sql\nselect x from y", ""),
        ("%sql select x\ny = 1", "0\ny = 1"),
        ("pip install torch\nx = 1", "0\nx = 1"),
        ("conda install -c conda-forge x", "0"),
        ("%cd a\r\nx = 1\r\n", "0\nx = 1"),
    ],
)
def test_a_magic_becomes_python_of_the_same_length(cell: str, code: str) -> None:
    found = neutralised(cell)
    shown = "\n".join(line.rstrip() for line in found.split("\n"))
    assert shown.strip("\n") == code
    assert len(found) == len(cell)
    assert [len(line) for line in found.split("\n")] == [len(line) for line in cell.split("\n")]
    ast.parse(textwrap.dedent(found))


@pytest.mark.parametrize(
    "cell",
    [
        "x = 7 % 3\nx %= 2",
        "print('%d' % x)\nassert a != b, 'what?'",
        "text = '''\n%matplotlib inline\n!ls\n'''",
        "x = {\n    'a': 7\n    % 3,\n}",
        "y = a \\\n    % b",
        "plt.plot(x);",
        "f(lr=3)  # why?",
        "pip = 3\ncd = pip\nuv = net(cd)",
        "if x: y = 5; z = 7 % y",
    ],
)
def test_python_is_left_alone(cell: str) -> None:
    assert neutralised(cell) == cell
