"""Limits that the kernel keeps for us on any Unix, and the packages of the user's own site directory."""

import contextlib
import os
import resource
import site
import sys
from typing import Any, Dict

LARGEST_FILE = 64 << 20
OPEN_FILES = 1024


def of_zygote() -> None:
    """No core files."""
    lower(resource.RLIMIT_CORE, 0)


def of_target(limits: Dict[str, Any]) -> None:
    """cpu: seconds of processor time; memory: MiB of address space.  First victim when memory runs out."""
    lower(resource.RLIMIT_CPU, int(limits["cpu"]), 1)
    lower(resource.RLIMIT_AS, int(limits["memory"]) << 20)
    lower(resource.RLIMIT_FSIZE, LARGEST_FILE)
    lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # not Linux


def lower(what: int, soft: int, more: int = 0) -> None:
    """Set a limit, never above the one there is; a system that does not know it (macOS: RLIMIT_AS) keeps its own."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (soft, soft + more if hard == resource.RLIM_INFINITY else min(soft + more, hard)))


def known() -> str:
    """Limits that this system has."""
    names = {"RLIMIT_CPU": "processor time", "RLIMIT_AS": "memory", "RLIMIT_FSIZE": "size of files"}
    return ", ".join(words for name, words in names.items() if hasattr(resource, name))


def own_packages() -> None:
    """Let `pip install --user` count, although HOME leads nowhere; not in a virtual environment."""
    if sys.prefix != getattr(sys, "base_prefix", sys.prefix):
        return
    import pwd

    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return
    folder = os.path.join(home, ".local", "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    if os.path.isdir(folder):
        site.addsitedir(folder)
