"""Rules about how modules are defined and what they register."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

NOTHING_TO_RUN = {
    "ARC614": "Keras refuses the first example when it makes the model: test_keras_and_tensorflow_refuse_a_second_name",
    "ARC620": "PyTorch refuses the first example when it makes the container: test_containers_refuse_what_is_no_layer",
}


def arc601(bad: Any, good: Any) -> None:
    """PyTorch refuses the first layer."""
    with pytest.raises(AttributeError, match=r"cannot assign module before Module.__init__\(\) call"):
        bad.Net()
    assert len(list(good.Net().parameters())) == 2


def arc603(bad: Any, good: Any) -> None:
    """Two passes over one input differ, and the layer is not among the parameters."""
    torch: Any = import_module("torch")

    x = torch.ones(2, 4)
    wrong, right = bad.Net().eval(), good.Net().eval()
    assert not torch.allclose(wrong(x), wrong(x))
    assert torch.equal(right(x), right(x))
    assert sum(p.numel() for p in wrong.parameters()) == 40
    assert sum(p.numel() for p in right.parameters()) == 58


def arc604(bad: Any, good: Any) -> None:
    """Five places, one layer."""
    assert sum(p.numel() for p in bad.net.parameters()) == 20
    assert sum(p.numel() for p in good.net.parameters()) == 100


def arc607(bad: Any, good: Any) -> None:
    """The caller gets None."""
    torch: Any = import_module("torch")

    assert bad.Net()(torch.ones(3, 4)) is None
    assert good.Net()(torch.ones(3, 4)).shape == (3, 2)


def arc608(bad: Any, good: Any) -> None:
    """A hook does not run."""
    torch: Any = import_module("torch")

    def hooked(net: Any) -> int:
        seen: list[Any] = []
        net.head.register_forward_hook(lambda *_: seen.append(1))
        net(torch.ones(1, 4))
        return len(seen)

    assert hooked(bad.Net()) == 0
    assert hooked(good.Net()) == 1


def arc615(bad: Any, good: Any) -> None:
    """Two layers, the variables of one."""
    names = {v.name for v in bad.x.graph.get_collection("trainable_variables")}
    assert names == {"net/fc/weights:0", "net/fc/biases:0"}
    assert len(good.x.graph.get_collection("trainable_variables")) == 4


def arc618(bad: Any, good: Any) -> None:
    """The layer of 72 parameters is not there."""
    assert sum(p.numel() for p in bad.Net().parameters()) == 58
    assert sum(p.numel() for p in good.Net().parameters()) == 58 + 72


def arc619(bad: Any, good: Any) -> None:
    """Moved to another device, the tensor stays where it was."""

    wrong, right = bad.Positions().to("meta"), good.Positions().to("meta")
    assert wrong.table.device.type == "cpu"
    assert right.table.device.type == "meta"
    assert "table" not in wrong.state_dict()
    assert "table" in right.state_dict()


def arc621(bad: Any, good: Any) -> None:
    """The module has no forward."""
    torch: Any = import_module("torch")

    with pytest.raises(NotImplementedError, match='missing the required "forward" function'):
        bad.Net()(torch.ones(1, 4))
    assert good.Net()(torch.ones(1, 4)).shape == (1, 2)


def arc622(bad: Any, good: Any) -> None:
    """PyTorch refuses the second tensor."""
    torch: Any = import_module("torch")

    a = torch.ones(1, 4)
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        bad.Merge()(a, a)
    assert good.Merge()(a, a).shape == (1, 2)
