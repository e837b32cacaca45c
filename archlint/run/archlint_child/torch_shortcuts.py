"""Operators that keep the shape of their input, answered without the many operators that the framework makes of them.

Half of a call of ResNet-50 without numbers would go into batch normalisation.
"""

from typing import Any, Dict, Optional, Sequence


def kept_shape(torch: Any, name: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> Optional[Any]:
    """The output of `F.batch_norm` in eval mode on a tensor without numbers; None wherever it could be an error."""
    x: Any = args[0] if args else None
    if name != "batch_norm" or type(x).__name__ != "FakeTensor" or len(args) > 3 or kwargs.get("training", True):
        return None
    statistics = list(args[1:]) + [kwargs.get(key) for key in ("running_mean", "running_var", "weight", "bias")]
    given = [t for t in statistics if t is not None]
    if x.dim() < 2 or type(x.shape[1]) is not int or not given:
        return None
    fits = all(tuple(t.shape) == (x.shape[1],) and t.dtype == x.dtype and t.device == x.device for t in given)
    return torch.empty_like(x) if fits else None
