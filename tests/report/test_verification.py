"""How an executed run looks to people: on the terminal, as lines, in its totals."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from verdicts import (
    ISOLATION,
    agreeing,
    difference,
    differing,
    failing,
    found,
    idle,
    report_of_run,
    run_of,
    span,
)  # fmt: skip

from archlint.report.listing import render_concise
from archlint.report.terminal import render
from archlint.report.verification import render_verification
from archlint.report.verification_listing import failed, model_line
from archlint.rule import Label
from archlint.verdict import ModelVerdict, Standing, Verification

DISAGREES = "`self.pool(x)`: inferred (N, 64, 16, 16), executed (2, 64, 15, 15)"
FOOT = f"torch 2.13.0, run by python3\n{ISOLATION}\n"


def shown(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_a_model_that_agrees_takes_two_lines() -> None:
    assert (
        render_verification(run_of(agreeing()), report_of_run())
        == shown("""
        Net  model.py:1  torch  ran on (2, 3, 64, 96) and (3, 3, 128, 80) [first layer]
          24 of 24 tensor values equal, 31 of 31 numbers equal, 1,234,567 parameters equal

        1 model run, 55 of 55 values equal
        no findings
        """)
        + FOOT
    )


def test_a_difference_is_shown_where_it_happens_once() -> None:
    report = report_of_run(found("ARC007", "self.pool(x)", DISAGREES, "confirmed", label="executed: (2, 64, 15, 15)"))
    assert (
        render_verification(run_of(differing()), report)
        == shown("""
        Net  model.py:1  torch  ran on (2, 3, 64, 96) and (3, 3, 128, 80) [first layer]
          22 of 25 tensor values equal (2 unknown, 1 differs, 3 not reached), 31 of 31 numbers equal

        ARC007 error: `self.pool(x)`: inferred (N, 64, 16, 16), executed (2, 64, 15, 15) [executed-shape-disagrees]
         --> model.py:3:13
          |
        3 |         x = self.pool(x)
          |             ^^^^^^^^^^^^ executed: (2, 64, 15, 15)
          |

        1 model run (1 differs), 53 of 56 values equal (2 unknown, 1 differs, 3 not reached)
        1 finding (1 error)
        """)
        + FOOT
    )


def test_a_difference_that_a_comment_silences_is_a_line() -> None:
    verdict = differing(differences=[difference(declaration="layers/torch/pool.py:41", note="at N = 2")])
    out = render_verification(run_of(verdict), report_of_run())
    assert f"\n  model.py:3:13: {DISAGREES} (at N = 2; declared in archlint/layers/torch/pool.py:41)\n" in out


def test_many_differences_are_listed_on_request() -> None:
    verdict = differing(differences=[difference() for _ in range(14)])
    out = render_verification(run_of(verdict), report_of_run())
    assert out.count("inferred (N, 64, 16, 16)") == 10
    assert "  and 4 more differences (-v lists them)\n" in out
    assert render_verification(run_of(verdict), report_of_run(), verbose=True).count("inferred") == 14


def test_many_findings_of_one_model_are_shown_on_request() -> None:
    verdict = differing()
    findings = [found("ARC007", "self.pool(x)", f"`{number}`: inferred 1, executed 2") for number in range(12)]
    out = render_verification(run_of(verdict), report_of_run(*findings))
    assert out.count("ARC007 error") == 10
    assert "\n\nand 2 more differences (-v lists them)\n\n" in out
    assert render_verification(run_of(verdict), report_of_run(*findings), verbose=True).count("ARC007 error") == 12


def test_a_failure_names_the_finding_that_foresaw_it() -> None:
    head = "`head` has in_features=768 but receives 3072"
    report = report_of_run(found("ARC104", "self.head", head, "confirmed"))
    out = render_verification(run_of(failing(foreseen="ARC104")), report)
    assert out.startswith(
        shown("""
        Net  model.py:1  torch  failed on (2, 3, 64, 96) and (3, 3, 128, 80) [first layer]
          model.py:4:16: RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3072 and 768x10)
          foreseen by ARC104 at line 4: confirmed by execution

        ARC104 error: `head` has in_features=768 but receives 3072 [linear-in-features-mismatch]
        """)
    )
    assert "\nnote: confirmed by execution\n" in out
    assert "\n1 model run (1 failed), no values compared\n1 finding (1 error): 1 confirmed by execution\n" in out


def test_a_failure_with_its_finding_is_told_once() -> None:
    raised = "RuntimeError in running the model: mat1 and mat2 shapes cannot be multiplied (2x3072 and 768x10)"
    cause = Label(span("self.pool(x)"), "(N, 3072) produced here")
    report = report_of_run(found("ARC008", "self.head(x)", raised, "confirmed", related=(cause,)))
    out = render_verification(run_of(failing()), report)
    assert out.count("mat1 and mat2") == 1
    assert "ARC008 error: RuntimeError in running the model" in out
    assert "(N, 3072) produced here" in out
    assert "confirmed by execution" not in out


def test_a_failure_that_nothing_foresaw() -> None:
    verdict = failing(error="ValueError: no\nsecond line", error_span=None)
    out = render_verification(run_of(verdict), report_of_run())
    assert "\n  ValueError: no\n  second line\n  not foreseen by any finding\n" in out


def test_models_that_were_not_run_are_a_line_each_below_the_others() -> None:
    other = idle(name="Tail", line=12, reason="no torch in python3")
    out = render_verification(run_of(idle(), agreeing(), other), report_of_run())
    assert out.split("\n\n")[1] == (
        "Head  model.py:9  torch  not run: needs num_classes: give --args 'num_classes=10'\n"
        "Tail  model.py:12  torch  not run: no torch in python3"
    )
    assert "\n1 model run, 2 not run, 55 of 55 values equal\n" in out


def test_what_is_unknown_is_told_by_reason_on_request() -> None:
    verdict = agreeing(
        calls={"equal": 1, "unknown": 4},
        unknown={"rank not known": 1, "not followed: load": 3},
        guards=("H >= 32",),
        notes=("numpy was stood in for",),
    )
    quiet = render_verification(run_of(verdict), report_of_run())
    assert "1 of 5 tensor values equal (4 unknown)" in quiet
    assert "not followed" not in quiet
    assert "note: numpy was stood in for\n" in quiet
    out = render_verification(run_of(verdict), report_of_run(), verbose=True)
    assert "  built: default arguments; fake run; 0.2 s\n" in out
    assert "    unknown 3 times: not followed: load\n    unknown 1 time: rank not known\n" in out
    assert "    runs only where H >= 32\n" in out


def test_how_a_model_was_built_is_told_if_it_is_not_by_its_defaults() -> None:
    out = render_verification(run_of(agreeing(how="Net(10) at line 40")), report_of_run())
    assert "\n  built: Net(10) at line 40\n" in out


def test_what_was_measured_is_told() -> None:
    probes = [
        ("batch independence", "violated", "sample 1 moves by 0.3 when sample 0 changes"),
        ("gradient flow", "holds", ""),
        ("input alias", "not run", "no input"),
    ]
    out = render_verification(run_of(agreeing(probes=probes)), report_of_run())
    assert "  batch independence: does not hold (sample 1 moves by 0.3 when sample 0 changes)\n" in out
    assert "  properties: 1 hold, 1 not measured\n" in out
    out = render_verification(run_of(agreeing(probes=probes)), report_of_run(), verbose=True)
    assert "  gradient flow: holds\n  input alias: not measured (no input)\n" in out


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (("1000", "1024"), "1,000 parameters inferred, 1,024 executed"),
        (("?", "1024"), "1,024 parameters, not inferred"),
        (("0", "0"), "0 parameters equal"),
    ],
)
def test_parameters(parameters: tuple[str, str], said: str) -> None:
    assert said in render_verification(run_of(agreeing(parameters=parameters)), report_of_run())


def test_layers_are_compared_by_their_parameters() -> None:
    out = render_verification(run_of(agreeing(layers={"equal": 3, "unknown": 1})), report_of_run())
    assert "3 of 4 layers equal (1 unknown) in parameters" in out


def test_colours_are_added_on_request_and_change_nothing_else() -> None:
    verification = run_of(agreeing(), differing(line=2), failing(line=3), idle())
    plain = render_verification(verification, report_of_run())
    assert "\x1b" not in plain
    colored = render_verification(verification, report_of_run(), color=True)
    for name, start in (("Net", "\x1b[1;32m"), ("Head", "\x1b[2m")):
        assert f"{start}{name}  \x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


def test_an_executed_programs_words_cannot_steer_the_terminal() -> None:
    verdict = failing(error="E: \x1b[2J\u202e\r", inputs="\x1b]0;", notes=("\x07",))
    out = render_verification(run_of(verdict, idle(reason="a\nb\x1b[1m")), report_of_run())
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(out)
    assert "not run: a b" in out


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ("confirmed", "note: confirmed by execution\n"),
        ("refuted", "note: refuted by execution\n"),
        ("not reached", "note: not reached by execution\n"),
        ("not tested", ""),
        (None, ""),
    ],
)
def test_a_finding_carries_what_execution_says_of_it(standing: Standing | None, said: str) -> None:
    report = report_of_run(found("ARC104", "self.head(x)", "wrong", standing, help="fix it", notes=("more",)))
    assert render(report).endswith(f"help: fix it\n{said}note: more\n\n")
    suffix = f" [{standing}]" if said else ""
    assert render_concise(report) == f"model.py:4:16: ARC104 error: wrong{suffix}\n"


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (agreeing(numbers={}, parameters=None), "model.py:1: Net (torch) agrees: 24 of 24 tensor values equal"),
        (failing(error="E: first\nsecond"), "model.py:1: Net (torch) failed: E: first"),
        (idle(reason="gone"), "model.py:9: Head (torch) not run: gone"),
        (idle(reason=""), "model.py:9: Head (torch) not run"),
    ],
)
def test_a_model_as_a_line(verdict: ModelVerdict, line: str) -> None:
    assert model_line(verdict) == line


def test_a_run_fails_by_what_execution_finds_or_confirms() -> None:
    for code in ("ARC007", "ARC008"):
        assert failed(report_of_run(found(code, "x", "m")), "error")
    assert failed(report_of_run(found("ARC104", "x", "m", "confirmed")), "error")
    for standing in ("refuted", "not reached", "not tested", None):
        assert not failed(report_of_run(found("ARC104", "x", "m", standing)), "info")


def test_a_framework_that_is_missing_is_a_line_of_its_own() -> None:
    run = run_of(agreeing())
    run.frameworks = {"torch": "torch 2.13.0", "keras": "No module named 'keras'", "tf1": "tensorflow 2.21.0 (as TF 1)"}
    out = render_verification(run, report_of_run())
    assert (
        "\ntorch 2.13.0, tensorflow 2.21.0 (as TF 1), run by python3\nkeras not run: No module named 'keras'\n" in out
    )


def test_a_run_of_nothing() -> None:
    out = render_verification(Verification(), report_of_run())
    assert out == "0 models run, no values compared\nno findings\n"
