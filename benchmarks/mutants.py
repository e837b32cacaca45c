"""Which mistakes are seen in programs that ran before: `python -m benchmarks.mutants --python PYTHON [--write]`.

Each mistake is made in programs that run; a mutant counts if execution shows that it crashes, or behaves otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from archlint.check import check_file
from archlint.options import Options
from archlint.plugins import load_rules
from archlint.project import Project
from archlint.rule import Finding, Rule, rules
from archlint.selection import enabled
from benchmarks import tables
from benchmarks.corpora import corpora
from benchmarks.mistake_list import MISTAKES
from benchmarks.mistakes import Change, Mistake, Program, made

HERE = Path(__file__).parent
README = HERE / "README.md"
SOUND = HERE.parent / "fixtures" / "sound"


@dataclass(frozen=True, slots=True)
class Seed:
    """A program that runs: its framework, its file below a root, its text."""

    framework: str
    root: Path
    path: str
    text: str


@dataclass(slots=True)
class Mutant:
    """A mistake in a program; `effect` is `crash`, `silent` or "" (none), `found` the codes of the new findings."""

    seed: str
    mistake: str
    line: int
    effect: str
    why: str = ""
    found: tuple[str, ...] = ()
    at_place: bool = False


@dataclass(slots=True)
class Outcome:
    """All mutants, and what is found in the programs as they were."""

    mutants: list[Mutant] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the mistakes, run the mutants, check them, and print what was seen of each mistake."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the frameworks")
    parser.add_argument("--program", action="append", default=[], help="only programs whose path contains this")
    parser.add_argument("--mistake", action="append", default=[], help="only mistakes whose name contains this")
    parser.add_argument("--each", type=int, default=2, help="how often a mistake is made in one program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--missed", action="store_true", help="list the mutants that are not seen")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args(arguments)
    mistakes = [m for m in MISTAKES if not chosen.mistake or any(part in m.name for part in chosen.mistake)]
    outcome = Outcome()
    programs = [s for s in seeds() if not chosen.program or any(part in s.path for part in chosen.program)]
    with Children(chosen.python) as children:
        for seed in programs:
            measure(seed, mistakes, chosen.each, chosen.seed, children, outcome)
    for line in outcome.failed:
        print(f"does not run: {line}")
    for line in outcome.before:
        print(f"found in a program that runs: {line}")
    for mutant in outcome.mutants if chosen.missed else ():
        if mutant.effect and not mutant.found:
            print(f"not seen: {mutant.seed}:{mutant.line} {mutant.mistake} ({mutant.effect}) {mutant.why}")
    print(report(outcome, mistakes, len(programs)))
    if chosen.write:
        tables.write(README, "mutants", report(outcome, mistakes, len(programs)))


DRIVERS = {
    "torchvision/models/alexnet.py": ("alexnet(num_classes=10)", 64),
    "torchvision/models/vgg.py": ("vgg11_bn(num_classes=10)", 32),
    "torchvision/models/squeezenet.py": ("squeezenet1_1(num_classes=10)", 64),
    "torchvision/models/mobilenetv2.py": ("mobilenet_v2(num_classes=10)", 64),
    "torchvision/models/resnet.py": ("resnet18(num_classes=10)", 64),
    "torchvision/models/densenet.py": ("densenet121(num_classes=10)", 64),
}
"""Files of torchvision, which model of theirs is run, and on pictures of which size."""


def seeds() -> Iterator[Seed]:
    """Our own programs, and files of torchvision with a few lines that run one of their models."""
    for file in sorted(SOUND.glob("*.py")):
        text = file.read_text(encoding="utf-8")
        framework = "tf" if "tf_slim" in text else "keras" if "keras" in text else "torch"
        yield Seed(framework, SOUND, file.name, text)
    torchvision = next(corpus for corpus in corpora() if corpus.name == "torchvision")
    for path, (build, size) in DRIVERS.items():
        root = torchvision.fetch().resolve()
        driver = (
            f"\n\nnet = {build}\nx = torch.randn(4, 3, {size}, {size})\ny = torch.randint(0, 10, (4,))\n"
            "loss = nn.CrossEntropyLoss()(net(x), y)\n"
        )
        yield Seed("torch", root, path, (root / path).read_text(encoding="utf-8") + driver)


def measure(
    seed: Seed, mistakes: Sequence[Mistake], each: int, number: int, children: Children, outcome: Outcome
) -> None:
    """All mistakes in one program."""
    before = children.run(seed, seed.text)
    if "crash" in before or before != children.run(seed, seed.text):
        outcome.failed.append(f"{seed.path}: {before.get('crash', 'behaves otherwise when it runs again')}")
        return
    old = {(code, finding.message) for code, finding in findings(seed, seed.text)}
    outcome.before += [f"{seed.path}: {code} {message}" for code, message in sorted(old)]
    program = Program(seed.text)
    for mistake in mistakes:
        sites = list(dict.fromkeys(mistake.sites(program)))
        random.Random(f"{number} {seed.path} {mistake.name}").shuffle(sites)
        for change in sites[:each]:
            mutant = judged(seed, mistake, change, before, children)
            if mutant.effect:
                new = [(c, f) for c, f in findings(seed, made(seed.text, change)) if (c, f.message) not in old]
                mutant.found = tuple(sorted({code for code, _ in new}))
                mutant.at_place = any(at_place(seed, finding, change) for _, finding in new)
            outcome.mutants.append(mutant)


def judged(seed: Seed, mistake: Mistake, change: Change, before: dict[str, Any], children: Children) -> Mutant:
    """What execution says of a mutant."""
    after = children.run(seed, made(seed.text, change))
    effect = "crash" if "crash" in after else "silent" if after != before and not mistake.crashes else ""
    line = seed.text.encode()[: change.start].count(b"\n") + 1
    return Mutant(seed.path, mistake.name, line, effect, after.get("crash", ""))


def at_place(seed: Seed, finding: Finding, change: Change) -> bool:
    """Does the finding, or one of its labels, stand on the changed lines?"""
    data = made(seed.text, change).encode()
    first = data[: change.start].count(b"\n")
    last = first + change.text.count("\n")
    for span in (finding.span, *(label.span for label in finding.related)):
        start, end = (data.decode()[:at].count("\n") for at in (span.start, span.end))
        if span.path == seed.path and start <= last and first <= end:
            return True
    return False


def findings(seed: Seed, text: str) -> list[tuple[str, Finding]]:
    """Errors and warnings of the default rules on a program; an info is a fact, and accuses nobody."""
    os.chdir(seed.root)
    path = str(seed.root / seed.path)
    project = Project.of_paths([path], {path: text.encode()})
    result = check_file(project, project.checked[0], Options(), _rules())
    for error in result.internal_errors:
        print(f"internal error: {seed.path}: {error}", file=sys.stderr)
    return [(d.code, d.finding) for d in result.diagnostics if d.severity != "info"]


@lru_cache(maxsize=1)
def _rules() -> list[Rule]:
    sys.path.append(str(HERE.parent / "rules"))  # the pack need not be installed
    load_rules("archlint_rules")
    active = enabled(rules(), (), ())
    return [rule for rule in rules().values() if rule.code in active]


@dataclass(slots=True)
class Children:
    """One child process for each framework, started when it is first needed."""

    python: str
    started: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.started.values():
            child.kill()
            child.wait()

    def run(self, seed: Seed, text: str) -> dict[str, Any]:
        """`behaviour` or `crash` of a program.  Raises SystemExit where the framework is not there."""
        child = self.started.get(seed.framework)
        if child is None or child.poll() is not None:
            child = self.started[seed.framework] = self._start(seed)
        assert child.stdin is not None
        assert child.stdout is not None
        request = {"text": text, "root": str(seed.root), "path": seed.path, "framework": seed.framework}
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"crash": "the process ended"}
        if answer.get("crash", "").startswith("ModuleNotFoundError"):
            raise SystemExit(f"{self.python} cannot run {seed.path}: {answer['crash']}")
        return answer

    def _start(self, seed: Seed) -> subprocess.Popen[str]:
        own = {
            "KERAS_BACKEND": "torch", "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "",
            "ARCHLINT_CHILD": str(HERE.parent / "archlint" / "run"), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        return subprocess.Popen(
            [self.python, str(HERE / "mutants_child.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, **own}, cwd="/",
        )  # fmt: skip


def report(outcome: Outcome, mistakes: Sequence[Mistake], programs: int) -> str:
    """The table: of the mutants that crash, and of those that are silently wrong, how many are seen."""
    head = ("mistake", "crash", "seen", "silent", "seen ", "at the changed lines", "none")
    rows = [_row(m.name, [x for x in outcome.mutants if x.mistake == m.name]) for m in mistakes]
    ran = programs - len(outcome.failed)
    found = f"{len(outcome.before)} findings in them as they are"
    note = f"{ran} programs that run, {found}; none: the mutant does the same, or is another model that is right."
    return f"{note}\n\n{tables.table(head, [*rows, _row('all', outcome.mutants)])}"


def _row(name: str, mutants: Sequence[Mutant]) -> tuple[object, ...]:
    cells: list[object] = []
    for effect in ("crash", "silent"):
        some = [m for m in mutants if m.effect == effect]
        cells += [len(some), _share(sum(bool(m.found) for m in some), len(some))]
    seen = [m for m in mutants if m.found]
    return name, *cells, _share(sum(m.at_place for m in seen), len(seen)), sum(not m.effect for m in mutants)


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "-"


if __name__ == "__main__":
    main()
