"""Which modules declare the layers of each framework; they are imported when a name of it is first looked up."""

from __future__ import annotations

from importlib import import_module

MODULES: dict[str, str] = {
    "einops": "functions layers",
    "keras": (
        "applications attention cells conv conv_lstm dense elementwise losses merge norm ops_elementwise ops_math "
        "ops_select ops_shape ops_window pool preprocessing recurrent reshape separable space wrappers"
    ),
    "numpy": "create form maths random",
    "tf": (
        "arrays cells choose create image layers losses maths nn nn_conv nn_pool objects pictures shapes slim "
        "slim_conv slim_norm slim_special variables"
    ),
    "torch": (
        "activation attention boxes conv create dense distance dropout elementwise embedding linalg loss norm parts "
        "pool recurrent reduce reshape signal space"
    ),
}
"""Modules below `archlint.layers.<framework>`, by framework."""

PACKAGES = {
    "einops": "einops", "torch": "torch", "keras": "keras", "tensorflow": "tf", "tf_slim": "tf", "numpy": "numpy",
    "torchvision": "torch",
}  # fmt: skip
"""Under which framework the names of a top-level package are declared."""

_loaded: set[str] = set()


def load(framework: str) -> None:
    """Declare everything of one framework, once."""
    if framework not in _loaded:
        _loaded.add(framework)
        for name in MODULES[framework].split():
            import_module(f"archlint.layers.{framework}.{name}")
