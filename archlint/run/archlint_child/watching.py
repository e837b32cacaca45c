"""Both ends of a forked child: how it answers, and how the zygote waits for it."""

import contextlib
import faulthandler
import os
import re
import select
import signal
import time
from typing import Any, Dict, List, Optional

LARGEST_ANSWER = 64 << 20
LAST_OUTPUT = 20000
SIGNALS: Dict[int, str] = {
    signal.SIGSEGV: "segmentation fault", signal.SIGABRT: "aborted", signal.SIGFPE: "arithmetic error",
    signal.SIGILL: "illegal instruction", signal.SIGBUS: "bus error", signal.SIGKILL: "killed",
    signal.SIGXFSZ: "file too large", signal.SIGTERM: "terminated",
}  # fmt: skip
CODES = {70: "an error of archlint itself", 71: "its child could not be locked", 72: "it closed the pipe of its answer"}


class Child(object):
    """Pipes, limits and the secret word that tells an answer from what a program writes into every descriptor."""

    def __init__(self, limits: Dict[str, Any]) -> None:
        self.limits = limits
        self.pid = 0
        self.nonce = os.urandom(16).hex().encode("ascii")
        self.answer_end, self.answer = os.pipe()
        self.errors_end, self.errors = os.pipe()


class Ended(object):
    """What became of a child.  reason: why there is no answer, in a few words, "" when there is one."""

    def __init__(self, body: bytes, reason: str, stderr: bytes, cpu: float) -> None:
        self.body, self.reason, self.cpu = body, reason, cpu
        self.stderr = stderr.decode("utf-8", "replace")

    def where(self, files: Dict[str, str]) -> Optional[List[Any]]:
        """[file, line, function] of the user's program that faulthandler saw last, if it saw it."""
        last = re.split(r"^(?:Current thread|Thread) 0x.*$", self.stderr, flags=re.MULTILINE)[-1]
        for file, line, function in re.findall(r'^  File "(.+)", line (\d+) in (.+)$', last, re.MULTILINE):
            if file in files:
                return [file, int(line), function]
        return None


def enter(child: Child) -> None:
    """In the child: own process group, nothing to read, no output but the errors, which the zygote collects."""
    os.setpgid(0, 0)
    os.close(child.answer_end)
    os.close(child.errors_end)
    os.dup2(child.errors, 2)
    os.close(child.errors)


def explain(child: Child) -> None:
    """In the child, once it is locked: say where it was when it crashed or ran out of time."""
    faulthandler.enable(2, all_threads=False)
    timeout = float(child.limits["timeout"])
    faulthandler.dump_traceback_later(max(timeout - 0.5, timeout * 0.8), file=2)
    faulthandler.register(signal.SIGXCPU, file=2, all_threads=False, chain=True)


def write(child: Child, body: bytes) -> None:
    """In the child: the answer, on a line of its own whatever was written before."""
    left = memoryview(b"\n" + child.nonce + body + b"\n")
    while left:
        left = left[os.write(child.answer, left) :]


def wait(child: Child, requests: int, begun: float) -> Optional[Ended]:
    """In the zygote: the end of the child, killed when its time is over.  None: the host closed the requests."""
    os.close(child.answer)
    os.close(child.errors)
    answer, errors = bytearray(), bytearray()
    until = begun + float(child.limits["timeout"])
    pipes = [child.answer_end, child.errors_end]
    patience = 0.05
    reason, gone, status, drained = "", False, None, 0.0
    while True:
        ready = select.select([*pipes, requests], [], [], patience if status is None else 0)[0]
        if requests in ready:
            gone = True
            break
        for pipe in ready:
            data = os.read(pipe, 1 << 16)
            if not data:
                pipes.remove(pipe)
                patience = 0.002  # it is about to end
            elif pipe == child.answer_end:
                answer += data
            else:
                errors = (errors + data)[-LAST_OUTPUT:]
        if len(answer) > LARGEST_ANSWER:
            reason = "its answer is longer than %d MB" % (LARGEST_ANSWER >> 20)
            break
        if status is not None and (not ready or time.time() > drained):
            break  # at most 0.5 s for what a stray process goes on writing
        if status is None:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            drained = time.time() + 0.5
            if not ended:
                status = None
                if time.time() > until:
                    reason = "no answer within %g s" % float(child.limits["timeout"])
                    break
    with contextlib.suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)  # and what it left in its group
    if status is None:
        with contextlib.suppress(OSError):
            os.kill(child.pid, signal.SIGKILL)  # it has no group yet
        _, status, usage = os.wait4(child.pid, 0)
    os.close(child.answer_end)
    os.close(child.errors_end)
    if gone:
        return None
    body, cpu = answer_in(answer, child.nonce), usage.ru_utime + usage.ru_stime
    if not reason and body is None:
        reason = why(status, cpu, child.limits)
    return Ended(body or b"", reason, bytes(errors), cpu)


def answer_in(data: bytearray, nonce: bytes) -> Optional[bytes]:
    """The line that starts with the secret word."""
    at = data.rfind(b"\n" + nonce)
    if at < 0:
        return None
    end = data.find(b"\n", at + 1)
    return bytes(data[at + 1 + len(nonce) : end]) if end >= 0 else None


def why(status: int, cpu: float, limits: Dict[str, Any]) -> str:
    """Why a child ended without an answer."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu >= limits["cpu"]):
            return "used more than %d s of processor time" % limits["cpu"]
        return "signal %d (%s)" % (number, SIGNALS.get(number, "no answer"))
    code = os.WEXITSTATUS(status)
    return CODES.get(code, "exited early with code %d" % code)
