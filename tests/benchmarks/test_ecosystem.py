"""What a reviewer reads of real code: findings that came and went, and what nobody has judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from archlint.project import Project
from benchmarks import ecosystem, evaluated, recorded
from benchmarks.corpora import Corpus
from benchmarks.recorded import Found, Run, fingerprint, read, triage, written

UNUSED = Found("tiny", "tiny/net.py", "ARC605", "warning", "`self.fc` (20 parameters) is never used by Net")
WRONG = Found("tiny", "tiny/net.py", "ARC104", "error", "`fc1` expects 400 features, gets 256")
TRIAGE = """
[[finding]]
corpus = "tiny"
path = "tiny/net.py"
code = "ARC605"
message = "`self.fc` (20 parameters) is never used by Net"
verdict = "{}"
why = "forward calls everything else"
"""
NET = """
import torch.nn as nn

net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(16, 8, 3))
"""


def run(*found: Found) -> Run:
    return Run("1.0", {"files": 1, "lines": 20_000, "models": 2, "unfinished": 0}, Counter(found))


def test_the_record_is_read_as_it_was_written() -> None:
    runs = {"tiny": run(UNUSED, UNUSED, WRONG), "other": run()}
    assert read(written(runs)) == runs
    assert "2 tiny/net.py ARC605 warning: `self.fc` (20 parameters) is never used by Net" in written(runs)


def test_a_line_that_is_none_of_the_record_is_named() -> None:
    with pytest.raises(ValueError, match="not a line of the record: something"):
        read("== tiny 1.0 files=1\nsomething\n")


def test_a_finding_is_the_same_when_lines_move() -> None:
    assert fingerprint("is built on line 12, and  used in lines 3-7 of 20 lines") == (
        "is built on line …, and used in lines … of 20 lines"
    )


def test_added_and_removed_findings_are_said_and_warnings_without_a_verdict() -> None:
    lines = ecosystem.changes("tiny", Counter([UNUSED]), run(WRONG), triage(""), whole=True)
    assert lines[1:] == [f"+ 1 {WRONG.line}", f"- 1 {UNUSED.line}", f"? not judged: {WRONG.line}"]


def test_a_verdict_without_its_finding_is_said() -> None:
    judged = triage(TRIAGE.format("true"))
    assert ecosystem.changes("tiny", Counter(), run(UNUSED), judged, whole=True)[1:] == [f"+ 1 {UNUSED.line}"]
    gone = ecosystem.changes("tiny", Counter(), run(), judged, whole=True)
    assert gone[1:] == [f"? judged, not found any more: tiny/net.py ARC605 {UNUSED.message}"]
    assert len(ecosystem.changes("tiny", Counter(), run(), judged, whole=False)) == 1


WITHOUT_REASON = TRIAGE.format("true").replace("forward calls everything else", "")


@pytest.mark.parametrize("text", [TRIAGE.format("maybe"), TRIAGE.format("true") * 2, WITHOUT_REASON])
def test_a_verdict_is_true_or_false_with_a_reason_and_given_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"no verdict, no reason, or a second one: tiny tiny/net\.py ARC605"):
        triage(text)


@pytest.mark.parametrize(("verdict", "rate"), [("true", "0.00"), ("false", "0.50")])
def test_the_table_counts_what_hands_found_wrong(verdict: str, rate: str) -> None:
    table = ecosystem.report({"tiny": run(UNUSED)}, triage(TRIAGE.format(verdict)))
    assert table.splitlines()[-1].split("|")[-3].strip() == rate


def test_what_nobody_judged_counts_as_false() -> None:
    assert ecosystem.report({"tiny": run(UNUSED)}, triage("")).splitlines()[-1].split("|")[-3].strip() == "0.50"


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARCHLINT_CORPORA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "tiny-1.0"
    (root / "tiny").mkdir(parents=True)
    (root / "tiny" / "net.py").write_text(NET)
    ecosystem._project.cache_clear()
    return root


def test_a_corpus_is_checked(corpus: Path) -> None:
    found = ecosystem.measure(Corpus("tiny", "1.0", "tiny", "MIT"), (), ("ARC102",), 0, 60)
    [(finding, times)] = found.found.items()
    assert (finding.path, finding.code, finding.severity, times) == ("tiny/net.py", "ARC102", "error", 1)
    assert found.numbers == {"files": 1, "lines": 4, "models": 1, "unfinished": 0}


def test_a_file_is_evaluated_once_for_all_rules(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = ("tiny", str(corpus), "tiny/net.py", ("ARC102",))
    first = ecosystem.check(task)
    assert len(first.found) == 1
    monkeypatch.setattr(evaluated, "check_file", lambda *_: pytest.fail("evaluated again"))
    assert ecosystem.check(task).found == first.found
    assert ecosystem.check((*task[:3], ("ARC605",))).found == set()


def test_what_other_states_of_the_engine_left_is_removed(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.of_paths([])
    evaluated.evaluated(project, corpus, "tiny-1.0/tiny/net.py")
    kept = evaluated.store()
    assert any(kept.glob("tiny-1.0/*.z"))
    monkeypatch.setattr(evaluated, "fingerprint", lambda: "another")
    evaluated.forget_others()
    assert not kept.exists()


def test_the_repository_s_own_triage_can_be_read() -> None:
    if recorded.TRIAGE.exists():
        assert triage(recorded.TRIAGE.read_text(encoding="utf-8")).verdicts
