"""Every key of the configuration, declared once: its reader, its documentation and its schema start from here."""

from __future__ import annotations

from archlint.configuration.kinds import (
    FLAG,
    PATH,
    PATTERNS,
    RULES,
    TEXT,
    Key,
    Kind,
    choice,
    open_table,
    table,
)
from archlint.discover import INCLUDE, NEVER

OUTPUT_FORMATS = (
    "full", "concise", "grouped", "json", "json-lines", "github", "gitlab", "azure", "junit", "sarif", "rdjson",
    "pylint",
)  # fmt: skip
SEVERITIES = ("error", "warning", "info")
FRAMEWORKS = ("torch", "keras", "tf")

_SIZES = Kind("a shape like [\"N\", 3, 32, 32]", "array", items=Kind(
    "a size: a whole number or a name", either=(Kind("a whole number", "integer", positive=True), TEXT)
))  # fmt: skip
_SHAPE = Kind('a shape like "(N, 3, 32, 32)"', either=(Kind('a shape like "(N, 3, 32, 32)"', "string"), _SIZES))
_INPUTS = Kind(
    'a shape like "(N, 3, 32, 32)", or a table of them by the names of the inputs',
    either=(
        Kind("a shape", "string"),
        Kind("a shape, or a list with one shape", "array"),
        open_table("shapes by the names of inputs", _SHAPE),
    ),
)
_VALUES = Kind("a list of arguments", "array")
_BY_NAME = Kind("arguments by name", "object")

_BUILT = (
    Key("inputs", _INPUTS, {}, "Shapes of the inputs that the code does not say: one shape, or shapes by name.",
        'inputs = { x = ["N", 3, 224, 224] }'),
    Key("args", Kind("a table of arguments by name, or a list of them", either=(_BY_NAME, _VALUES)), {},
        "Arguments of the constructor, by name or in order, for a class that nothing in the code builds.",
        "args = { num_classes = 10 }"),
    Key("kwargs", _BY_NAME, {}, "Arguments by name, beside a list of `args`.", "kwargs = { num_classes = 10 }"),
)  # fmt: skip
_TARGET = Key("target", TEXT, None, "The model: `package.module:Net` or `folder/file.py::Net`.")
_NAMED = table("a table with a target", _TARGET, *_BUILT)

VERIFY = table(
    "a table of what runs models",
    Key("python", PATH, None, "Interpreter or virtual environment that has the framework.", 'python = ".venv"'),
    Key("timeout", Kind("a number of seconds", "number", positive=True), 60, "Seconds that one model may take.",
        "timeout = 60"),
)  # fmt: skip
SERVER = table(
    "a table of what editors show",
    Key("inlay-hints", choice("off", "calls", "all"), "all",
        "Where shapes are shown: nowhere, at calls of layers, also where a Sequential lists its layers.",
        'inlay-hints = "calls"'),
    Key("max-length", Kind("a number of characters", "integer", positive=True), 40, "The longest shape that is shown.",
        "max-length = 30"),
)  # fmt: skip

KEYS = (
    Key("extend", PATH, None, "Another configuration file, from this one; what this one says goes before.",
        'extend = "../archlint.toml"'),
    Key("required-version", Kind("a version like '>=0.1'", "string"), None,
        "Versions of archlint that may use this file: `>=0.1,<1`.", 'required-version = ">=0.1"'),
    Key("select", RULES, [], "Rules that run: codes, prefixes (`ARC1`), names, `ALL`; none: those that run by default.",
        'select = ["ARC1", "ARC6"]'),
    Key("extend-select", RULES, [], "Rules that run besides those.", 'extend-select = ["ARC851"]'),
    Key("ignore", RULES, [], "Rules that do not run; the narrower of two selectors wins.", 'ignore = ["unused-layer"]'),
    Key("per-file-ignores", open_table("a table of rules by pattern", RULES), {},
        "Rules that are not reported in some files; `!pattern` means all other files.",
        'per-file-ignores = { "tests/*" = ["ARC6"] }'),
    Key("severity", open_table("a table of severities by rule", choice(*SEVERITIES, "off"), selects=True), {},
        "What findings of a rule are reported as: error, warning, info, or off.",
        'severity = { ARC603 = "info", ARC8 = "off" }'),
    Key("rules", open_table("a table of settings by rule", Kind("a table of settings", "object"), selects=True), {},
        "Settings of single rules; `archlint rule CODE` shows what a rule has.",
        "rules.activation-memory-budget = { budget-gib = 24 }"),
    Key("fixable", RULES, ["ALL"], "Rules whose fixes are offered and applied.", 'fixable = ["ARC6"]'),
    Key("unfixable", RULES, [], "Rules whose fixes are neither offered nor applied.", 'unfixable = ["ARC602"]'),
    Key("respect-noqa", FLAG, True, "Do `# noqa: ARC…` comments suppress findings?", "respect-noqa = false"),
    Key("frameworks", Kind("a list of torch, keras, tf", "array", items=choice(*FRAMEWORKS)), list(FRAMEWORKS),
        "Frameworks whose models are checked.", 'frameworks = ["torch"]'),
    Key("keras", Kind("1, 2 or 3", "integer", choices=(1, 2, 3)), None,
        "The Keras that the code is for; unset: told from its imports and keywords, call by call.", "keras = 2"),
    Key("include", PATTERNS, list(INCLUDE), "Files that are looked for in directories.", 'include = ["*.py"]'),
    Key("exclude", PATTERNS, sorted(NEVER), "Files and directories that are not looked at, instead of the default.",
        'exclude = [".venv", "third_party"]'),
    Key("extend-exclude", PATTERNS, [], "Files and directories that are not looked at either.",
        'extend-exclude = ["legacy", "*_pb2.py"]'),
    Key("force-exclude", FLAG, False, "Are excluded files left out even where they are named on the command line?",
        "force-exclude = true"),
    Key("respect-gitignore", FLAG, True, "Is what git ignores left out?", "respect-gitignore = false"),
    Key("src", Kind("a list of directories", "array", items=TEXT), [],
        "Directories that imports start from, besides the project's root, its `src` and the file's own package.",
        'src = ["lib"]'),
    Key("output-format", choice(*OUTPUT_FORMATS), "full", "How findings are shown.", 'output-format = "concise"'),
    Key("min-severity", choice(*SEVERITIES), "warning", "Least severity that makes the exit code 1; info never does.",
        'min-severity = "error"'),
    Key("fix", FLAG, False, "Are safe fixes applied without `--fix`?", "fix = true"),
    Key("unsafe-fixes", FLAG, False, "Are fixes offered that change what a model computes?", "unsafe-fixes = true"),
    Key("baseline", PATH, None, "File of the findings that were there before and are not reported.",
        'baseline = "archlint-baseline.json"'),
    Key("cache-dir", PATH, ".archlint_cache", "Directory for results of earlier runs.",
        'cache-dir = "build/archlint"'),
    Key("models", open_table("a table of models", table("a table with inputs and args", *_BUILT)), {},
        "How single models are built and called: by `package.module:Net` or `folder/file.py::Net`.",
        'models."pkg.models:Net" = { inputs = { x = ["N", 3, 224, 224] }, args = { num_classes = 10 } }'),
    Key("model", Kind("an array of tables, [[model]]", "array", items=_NAMED), [],
        "The same as an array of tables, `[[model]]`, each with its `target`.",
        'model = [{ target = "pkg.models:Net", args = [3] }]'),
    Key("verify", VERIFY, {}, "What `archlint verify` runs models with."),
    Key("server", SERVER, {}, "What `archlint server` shows in editors."),
    Key("python", PATH, None, "The same as `verify.python`.", 'python = ".venv"'),
)  # fmt: skip

TABLE = table("the configuration", *KEYS)
RUN = frozenset({"output-format", "min-severity", "fix", "unsafe-fixes", "baseline", "cache-dir", "verify", "server",
                 "python", "src"})  # fmt: skip
"""What holds for a whole run: taken from the configuration nearest to the working directory, not to each file."""
