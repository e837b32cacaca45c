"""The schema of the configuration, for editors, and the documentation of its keys, say what the reader takes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from archlint.configuration import ConfigurationError
from archlint.configuration.keys import KEYS, OUTPUT_FORMATS
from archlint.configuration.reading import parsed, refuse
from archlint.configuration.reference import every, in_markdown
from archlint.configuration.schema import schema
from archlint.configuration.starting import FIRST, starter

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "archlint" / "configuration" / "archlint.schema.json"
PAGE = ROOT / "docs" / "configuration.md"

GOOD = [
    *(f"{name.rpartition('.')[0]}.{key.example}" if "." in name else key.example for name, key in every()),
    *(
        example
        for block in PAGE.read_text(encoding="utf-8").split("```toml\n")[1:]
        for example in [block.split("```")[0]]
    ),
    'models."a:B".inputs = "(N, 3)"\nmodels."a:C".inputs = ["(N, 3)"]\nmodels."a:D".args = [1, "x"]',
    '[[model]]\ntarget = "a:B"\nargs = [1]\nkwargs = { k = [1, 2] }',
    "",
]
BAD = [
    "selct = []", "select = 'ARC1'", "select = [1]", "severity.ARC1 = 'fatal'", "per-file-ignores.x = 'ARC1'",
    "rules.ARC803 = 5", "verify.timeout = 0", "verify.pyton = ''", "server.max-length = 1.5", "fix = 1",
    "frameworks = ['jax']", "output-format = 'ful'", "models.x.input = 3", "models.x.inputs = 3", "model = 3",
    "server.inlay-hints = true", "verify = []", "extend = 3", "models.x.inputs = { a = 3 }",
]  # fmt: skip


def keys_of(text: str) -> dict[str, Any]:
    found = dict(parsed(text))
    return found.get("tool", {}).get("archlint", found)


def valid(text: str) -> bool:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema())
    return not list(jsonschema.Draft202012Validator(schema()).iter_errors(keys_of(text)))


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_is_valid(text: str) -> None:
    refuse(keys_of(text), "here")
    assert valid(text)


@pytest.mark.parametrize("text", BAD)
def test_what_the_reader_refuses_is_not(text: str) -> None:
    with pytest.raises(ConfigurationError):
        refuse(keys_of(text), "here")
    assert not valid(text)


def test_the_schema_that_is_shipped_is_that_of_the_keys() -> None:
    """`archlint config --output-format schema > archlint/configuration/archlint.schema.json` writes it."""
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == schema()


def test_the_page_has_the_table_of_the_keys() -> None:
    """`archlint config --output-format markdown` prints it."""
    assert in_markdown() in PAGE.read_text(encoding="utf-8")


def test_a_first_configuration_is_one_when_its_comments_are_taken_away() -> None:
    lines = starter("tool.archlint").splitlines()
    examples = [line.removeprefix("# ") for line in lines if " = " in line or line.startswith("[")]
    assert len(examples) == len(FIRST) + 1
    refuse(keys_of("\n".join(examples)), "here")
    assert not keys_of(starter("tool.archlint"))


def test_every_key_is_documented() -> None:
    for name, key in every():
        assert key.doc.endswith((".", "?")), name
        assert key.example, name
    assert len({key.name for key in KEYS}) == len(KEYS)


def test_the_formats_are_those_that_can_be_rendered() -> None:
    from archlint.cli.output import FORMATS

    assert set(OUTPUT_FORMATS) == set(FORMATS)
