"""Which packages are there, and in which version, as programs ask for it before they build anything."""

from __future__ import annotations

import pytest

from archlint.facts.parameters import parameters
from tests.interp.test_found_in_real_code import codes, models

AVAILABLE = """
    import importlib.metadata
    import importlib.util
    import functools
    import logging
    from packaging import version
    logger = logging.getLogger(__name__)

    def package(name):
        there = importlib.util.find_spec(name) is not None
        release = "N/A"
        if there:
            try:
                release = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                for other in (name, name.replace("_", "-")):
                    release = importlib.metadata.version(other)
            logger.debug(f"found {name} {release}")
        return there, release

    @functools.lru_cache
    def has_torch():
        try:
            there, release = package("torch")
            if there and version.parse(release) < version.parse("2.4"):
                logger.warning(f"too old: {release}")
            return there and version.parse(release) >= version.parse("2.4")
        except version.InvalidVersion:
            return False

    HAS_TORCH = False
    if has_torch():
        HAS_TORCH = True
    HAS_SCIPY = package("scipy")[0]
"""
NET = """
    import available
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, {width})
        def forward(self, x):
            return self.fc(x)
    net = Net()
    net(torch.zeros(1, 8))
"""


def test_a_program_that_imports_torch_has_it() -> None:
    found = models(NET.format(width="4 if available.HAS_TORCH else 2"), available=AVAILABLE)["net"]
    assert parameters(found).total == 36


def test_of_another_package_nothing_is_known() -> None:
    found = models(NET.format(width="4 if available.HAS_SCIPY else 2"), available=AVAILABLE)["net"]
    assert parameters(found).total is None


@pytest.mark.parametrize(
    "test",
    [
        "version.parse(torch.__version__) >= version.parse('1.10')",
        "Version(torch.__version__) > Version('1.13.1')",
        "tuple(int(n) for n in torch.__version__.split('.')[:2]) >= (1, 8)",
        "not version.parse(torch.__version__) < version.parse('2.0.0')",
        "version.parse('1.10.0') == version.parse('1.10')",
        "version.parse('1.9') < version.parse('1.10+cu113')",
    ],
)
def test_the_release_is_that_of_the_declared_layers(test: str) -> None:
    head = "from packaging import version\nfrom packaging.version import Version\nimport torch\nNEW = " + test
    found = models(NET.format(width="4 if available.NEW else 2"), available=head)["net"]
    assert parameters(found).total == 36


def test_a_release_with_letters_is_not_compared() -> None:
    head = "from packaging import version\nNEW = version.parse('1.0.dev3') < version.parse('1.0')"
    found = models(NET.format(width="4 if available.NEW else 2"), available=head)["net"]
    assert parameters(found).total is None


def test_parts_of_a_release_are_no_fault() -> None:
    parts = """
        import logging
        from packaging.version import Version, parse
        MAJOR, RELEASE = parse(torch.__version__).major, Version(torch.__version__).release[:2]
        logging.getLogger().handlers[0].setLevel(10)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 4 if MAJOR >= 2 and RELEASE > (1, 2) else 2)
            def forward(self, x):
                return self.fc(x)
        net = Net()
        net(torch.zeros(1, 8))
    """
    assert codes(parts) == []
