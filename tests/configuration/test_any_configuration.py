"""Whatever a configuration holds: it is used, or refused with a sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archlint.configuration import Configuration, ConfigurationError, Settings
from archlint.configuration.by_file import ByFile
from archlint.configuration.keys import KEYS
from archlint.configuration.kinds import toml
from archlint.configuration.reading import Layer, parsed, refuse
from archlint.configuration.schema import schema
from archlint.configuration.shown import settings_text
from archlint.options import Options
from archlint.plugins import load

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")

load("archlint_rules")

WORDS = st.sampled_from(
    ["ARC1", "ARC102", "channel-mismatch", "ALL", "ARC803", "off", "info", "error", "tests/*", "!a.py", "[z-a", "**",
     "", "a/net.py", "net:Net", "net.py::Net", ":", "(N, 3)", "N", ">=0.1", "json", "inputs", "args", "kwargs",
     "x", "/", "torch"]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-2, 9), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5), WORDS
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip
FOUND = st.dictionaries(st.sampled_from([key.name for key in KEYS] + ["none"]), VALUES, max_size=3)


def sentence(call: Callable[[], object]) -> str:
    """What is said of a configuration that cannot be used; "" where it can."""
    try:
        call()
    except ConfigurationError as error:
        return str(error) or "refused without a word"
    return ""


@given(FOUND)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_is_used_or_refused(values: dict[str, Any]) -> None:
    values.pop("extend", None)
    jsonschema = pytest.importorskip("jsonschema")
    fits = not list(jsonschema.Draft202012Validator(schema()).iter_errors(values))
    refused = sentence(lambda: refuse(values, "here"))
    assert (refused == "") == fits, refused
    if refused:
        assert refused.startswith("here: ")
        return
    configuration = Configuration((Layer(values, "here", "/project"),), ())
    by_file = ByFile(configuration, Options())
    refused = sentence(lambda: (by_file.options("/project/a/net.py"), by_file.ignored("/project/a/net.py")))
    if refused:
        assert "here" in refused
        return
    assert parsed(settings_text(configuration.at("/project"), "net.py", [], []))


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_a_value_is_shown_as_toml_reads_it(value: Any) -> None:
    assert parsed(f"key = {toml(value)}") == {"key": value}


def test_what_is_not_stated_is_the_default() -> None:
    found = Settings()
    assert {key.name: found.get(key.name) for key in KEYS} == {key.name: key.default for key in KEYS}
