"""Models run in child processes: what comes back, what happens when a process or an interpreter fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archlint.run import host, zygote
from archlint.run.host import Children
from archlint.run.records import Attempt, Executed, Given, Settings

if TYPE_CHECKING:
    from conftest import Plain

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="models can only be locked on Linux")
pytestmark = linux

NET = """\
class Net:
    def __init__(self, width=2):
        self.width = width * 2

    def forward(self, x):
        return x.reshape(x.shape[0], self.width)
"""
KILLS_PARENT = """\
import os, signal, time

class Net:
    def forward(self, x):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(20)
"""


def test_a_model_is_called_with_both_sizes(plain: Plain) -> None:
    outcome = plain(NET)
    assert outcome.status == "ran"
    assert [run.shapes for run in outcome.runs] == [((2, 4),), ((3, 4),)]
    assert plain.seen(outcome) == [
        ("width * 2", 4, ""),
        ("x.shape[0]", 2, ""),
        ("x.reshape(x.shape[0], self.width)", Executed((2, 4), "float32"), ""),
    ]
    assert plain.seen(outcome, 1)[1:] == [
        ("x.shape[0]", 3, ""),
        ("x.reshape(x.shape[0], self.width)", Executed((3, 4), "float32"), ""),
    ]


def test_the_constructor_gets_its_arguments(plain: Plain) -> None:
    text = "class Net:\n    def __init__(self, *args, **kw): raise ValueError(repr((args, kw)))\n"
    outcome = plain(text, args=(1, "a", (2,), [None], float("inf")), kwargs={"lr": 1e-3, "sizes": {"a": True}})
    assert outcome.failures[0].message == "((1, 'a', (2,), [None], inf), {'lr': 0.001, 'sizes': {'a': True}})"


def test_a_tensor_can_be_an_argument(plain: Plain) -> None:
    text = "class Net:\n    def __init__(self, x): raise ValueError(type(x).__name__, x.shape, x.dtype)\n"
    outcome = plain(text, kwargs={"x": Given("x", (2, 7), "int64")})
    assert outcome.failures[0].message == "('Plain', (2, 7), 'int64')"


def test_an_argument_that_cannot_be_sent_is_said(plain: Plain) -> None:
    outcome = plain(NET, args=(float("nan"),))
    assert (outcome.status, outcome.reason) == ("missing", "nan cannot be given as an argument")


def test_attempts_are_tried_until_one_works(plain: Plain) -> None:
    text = "class Net:\n    def forward(self, x):\n        assert x.shape[0] == 5\n"
    outcome = plain(text, attempts=(Attempt((Given("x", (1,)),)), Attempt((Given("x", (5,)),))))
    assert [(f.attempt, f.phase) for f in outcome.failures] == [(0, "run")]
    assert [run.attempt for run in outcome.runs] == [1]


def test_a_process_that_dies_costs_one_target(plain: Plain) -> None:
    plain.settings = replace(plain.settings, unsafe=True)
    with Children(plain.settings, ("landlock", "seccomp")) as children:
        outcomes = [plain.run(children, text, file=f"m{i}.py") for i, text in enumerate([NET, KILLS_PARENT, NET])]
        pids = {held.zygote.process.pid for held in children.held.values() if held.zygote}
    assert [o.status for o in outcomes] == ["ran", "died", "ran"]
    assert outcomes[1].reason == "the process that ran it ended: signal 9 (Killed)"
    assert all(not running(pid) for pid in pids)


def test_a_process_that_died_meanwhile_is_started_again(plain: Plain) -> None:
    with Children(plain.settings) as children:
        plain.run(children, NET)
        made = children.held["none"].zygote
        assert made is not None
        made.process.kill()
        made.process.wait()
        assert plain.run(children, NET).status == "ran"


def test_a_process_that_hangs_is_ended(plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "GRACE", 0.2)
    plain.settings = replace(plain.settings, timeout=0.3)
    with Children(plain.settings) as children:
        plain.run(children, NET)
        made = children.held["none"].zygote
        assert made is not None
        os.kill(made.process.pid, signal.SIGSTOP)
        outcome = plain.run(children, NET)
        assert (outcome.status, outcome.reason) == ("died", "the process that ran it ended: no answer in time")
        assert not running(made.process.pid)
        assert not os.path.exists(made.folder)
        assert plain.run(children, NET).status in ("ran", "died")


def test_an_interrupt_leaves_nothing(plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with Children(plain.settings) as children:
        plain.run(children, NET)
        made = children.held["none"].zygote
        assert made is not None
        monkeypatch.setattr(zygote, "ask", interrupted)
        with pytest.raises(KeyboardInterrupt):
            plain.run(children, NET)
        assert not running(made.process.pid)
        assert not os.path.exists(made.folder)


def test_a_killed_host_leaves_no_process_and_no_file(plain: Plain, tmp_path: Path) -> None:
    (plain.folder / "model.py").write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    code = f"""
import sys, tempfile
sys.path[:0] = {sys.path!r}
tempfile.tempdir = {str(tmp_path)!r}
from archlint.run.host import Children
from archlint.run.records import Settings, Target
with Children(Settings(sys.executable, ({str(plain.folder)!r},))) as children:
    children.run(Target("t", {str(plain.folder / "model.py")!r}, "", "script", "none"), {{}})
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        eventually(lambda: len([p for p in tmp_path.glob("archlint-*/target-*") if any(p.iterdir())]) == 1)
        (made,) = tmp_path.glob("archlint-*")
        (pid,) = [int(p) for p in os.listdir("/proc") if p.isdigit() and cwd_of(p) == str(made)]
    finally:
        process.kill()
        process.wait()
    eventually(lambda: not running(pid) and not made.exists())


def test_the_environment_is_not_handed_on(plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    outcome = plain("import os, sys\nraise ValueError(sorted(os.environ), [p for p in sys.path if 'else' in p])\n")
    names, paths = eval(outcome.failures[0].message)
    assert set(names) <= {*zygote.KEPT, *zygote.GIVEN, "TMPDIR", "LC_CTYPE"}
    assert paths == []


def test_files_of_the_user_are_found_by_their_relative_name(plain: Plain) -> None:
    """`open("config.txt")` works, and so does writing beside it; nothing of it stays."""
    (plain.folder / "config.txt").write_text("64", encoding="utf-8")
    text = (
        "import os\nwidth = int(open('config.txt').read())\nos.makedirs('runs/1')\nopen('runs/1/log', 'w').write('x')\n"
        "raise ValueError(width)\n"
    )
    outcome = plain({"model.py": text})
    assert outcome.failures[0].message == "64"
    assert sorted(os.listdir(plain.folder)) == ["config.txt", "model.py"]


def test_a_missing_framework_is_said(plain: Plain) -> None:
    """This interpreter is asked for what no interpreter has."""
    with Children(plain.settings) as children:
        target = replace(target_of(plain), framework="tf1")
        outcome = children.run(target, plain.write({"model.py": NET}))
    if outcome.status != "missing":
        pytest.skip("TensorFlow is installed here")
    assert "tensorflow" in outcome.reason.lower()
    assert children.frameworks == {"tf1": outcome.reason}


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        ("/nowhere/python", "cannot start the interpreter /nowhere/python: No such file or directory"),
        (shutil.which("true") or "/bin/true", r"/true ended: exited with code 0"),
        (shutil.which("false") or "/bin/false", r"/false ended: exited with code 1"),
    ],
)
def test_an_interpreter_that_is_none_is_said(plain: Plain, python: str, reason: str) -> None:
    plain.settings = replace(plain.settings, python=python)
    outcome = plain(NET)
    assert outcome.status == "missing"
    assert outcome.reason.endswith(reason)


def test_python_2_is_told_apart(plain: Plain) -> None:
    python = interpreter("2.7")
    plain.settings = replace(plain.settings, python=python)
    assert plain(NET).reason.endswith("ended: exited with code 1 (Python 2.7 is too old: models run on 3.6 and later)")


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.12", "3.13"])
def test_models_run_on_other_pythons(plain: Plain, version: str) -> None:
    plain.settings = replace(plain.settings, python=interpreter(version))
    with Children(plain.settings) as children:
        outcome = plain.run(children, NET)
        crashed = plain.run(children, "import ctypes\nctypes.string_at(0)\n", file="crash.py")
        assert children.python.startswith(version + ".")
        assert children.isolation.startswith("locked: no network, no new processes, writes ")
    assert len(plain.seen(outcome, 1)) == 3
    assert crashed.reason == "signal 11 (segmentation fault) in <module>, crash.py line 2"


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8"])
def test_all_that_runs_in_a_child_is_understood_by_old_pythons(version: str) -> None:
    files = [str(path) for path in sorted((Path(host.__file__).parent / "archlint_child").glob("*.py"))]
    code = "import sys\nfor file in sys.argv[1:]: compile(open(file, encoding='utf-8').read(), file, 'exec')"
    done = subprocess.run([interpreter(version), "-c", code, *files], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(files) > 15


def test_without_landlock_nothing_is_written(plain: Plain) -> None:
    (plain.folder / "keep.txt").write_text("mine", encoding="utf-8")
    text = f"import os\nos.{{}}\n{NET}"
    keep = str(plain.folder / "keep.txt")
    with Children(plain.settings, ("landlock",)) as children:
        assert plain.run(children, NET).status == "ran"
        assert children.isolation == "locked: no network, no new processes, writes nowhere"
        for i, call in enumerate([
            f"truncate({keep!r}, 0)", f"unlink({keep!r})", f"rename({keep!r}, 'x')", f"open({keep!r}, os.O_RDWR)",
            f"open({keep!r}, os.O_RDONLY | os.O_TRUNC)", "mkdir('x')", "open('x', os.O_CREAT)", f"chmod({keep!r}, 0)",
            f"link({keep!r}, 'x')", "symlink('a', 'b')", "mkfifo('x')", f"utime({keep!r})",
        ]):  # fmt: skip
            outcome = plain.run(children, text.format(call), file=f"writes{i}.py")
            assert outcome.failures[0].type == "PermissionError", call
    assert (plain.folder / "keep.txt").read_text(encoding="utf-8") == "mine"


def test_an_old_landlock_does_not_let_files_be_truncated(plain: Plain) -> None:
    """Versions 1 and 2 know no right to truncate: seccomp denies what they let through, and nothing else."""
    keep = plain.folder / "keep.txt"
    keep.write_text("mine", encoding="utf-8")
    code = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from archlint.run.archlint_child import seccomp
assert seccomp.lock(2) == ""
for call in (lambda: os.truncate({str(keep)!r}, 0), lambda: os.open({str(keep)!r}, os.O_RDONLY | os.O_TRUNC)):
    try:
        call()
    except PermissionError:
        print("denied")
open({str(plain.folder / "new.txt")!r}, "w").write("x")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("denied\ndenied\n", "")
    assert keep.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("without", [("seccomp",), ("landlock", "seccomp")])
def test_where_nothing_can_be_locked_nothing_runs(plain: Plain, without: tuple[str, ...]) -> None:
    plain.without = without
    outcome = plain(NET)
    assert outcome.status == "missing"
    assert outcome.reason.startswith("this system cannot lock a model: it could reach the network, start processes")
    assert outcome.reason.endswith("--unsafe-exec runs it all the same")
    assert ("write outside of its own directory" in outcome.reason) == ("landlock" in without)


def test_unsafe_runs_all_the_same_and_says_so(plain: Plain) -> None:
    plain.settings = replace(plain.settings, unsafe=True)
    with Children(plain.settings, ("landlock", "seccomp")) as children:
        assert plain.run(children, NET).status == "ran"
        assert children.isolation == (
            "this system cannot lock a model: it could reach the network, start processes, "
            "write outside of its own directory (no seccomp: switched off; no Landlock: switched off)"
        )


def test_without_fork_it_is_said(plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert plain(NET).reason == "models can only be run on systems that can fork a process (Linux, macOS)"


def target_of(plain: Plain) -> Any:
    from archlint.run.records import Target

    return Target("t", str(plain.folder / "model.py"), "Net", "class", "torch")


def interpreter(version: str) -> str:
    """A Python of a version that starts, or skip."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or "nowhere")
    found = [str(p) for p in sorted((pyenv / "versions").glob(f"{version}.*/bin/python"))]
    for python in filter(None, [shutil.which(f"python{version}"), *found]):
        if subprocess.run([python, "-c", ""], capture_output=True, timeout=60).returncode == 0:
            return python
    pytest.skip(f"there is no Python {version} here")


def running(pid: int) -> bool:
    """Is there a process, not only its exit code?"""
    try:
        return Path("/proc", str(pid), "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def cwd_of(pid: str) -> str:
    """The working directory of a process, "" where it cannot be seen."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def eventually(holds: Any) -> None:
    """Wait until it holds, 20 s at most."""
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_settings_reach_the_child(plain: Plain) -> None:
    text = "import resource as r\nraise ValueError(r.getrlimit(r.RLIMIT_CPU)[0], r.getrlimit(r.RLIMIT_AS)[0] >> 20)\n"
    plain.settings = Settings(sys.executable, (), cpu=7, memory=3000)
    assert plain(text).failures[0].message == "(7, 3000)"
