"""Landlock: the file system is read-only but for a few places."""

import ctypes
import os
import struct
from typing import Sequence, Tuple

from . import syscalls

PR_SET_NO_NEW_PRIVS = 38
WRITE_FILE, REMOVE_DIR, MAKE_SYM, REFER, TRUNCATE, IOCTL_DEV = 1, 4, 12, 13, 14, 15
BIND_AND_CONNECT_TCP, ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3
PATH_BENEATH = 1


def lock(writable: Sequence[str]) -> Tuple[int, str]:
    """Only these directories and files can be written from now on: (version of Landlock, "") or (0, why not)."""
    if syscalls.machine() is None:
        return 0, "no Landlock on this machine"
    libc = ctypes.CDLL(None, use_errno=True)
    create, add, restrict = (
        syscalls.number("landlock_" + name) for name in ("create_ruleset", "add_rule", "restrict_self")
    )
    abi = libc.syscall(create, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return 0, "no Landlock: %s" % os.strerror(ctypes.get_errno())
    rights, handled = asked(abi)
    ruleset = libc.syscall(create, handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset < 0:
        return 0, "no Landlock: %s" % os.strerror(ctypes.get_errno())
    try:
        for path in writable:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            of_file = rights & (1 << WRITE_FILE | 1 << TRUNCATE | 1 << IOCTL_DEV)
            rule = struct.pack("=Qi", rights if os.path.isdir(path) else of_file, place)
            failed = libc.syscall(add, ruleset, PATH_BENEATH, rule, 0) < 0
            os.close(place)
            if failed:
                return 0, "no Landlock: %s" % os.strerror(ctypes.get_errno())
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.syscall(restrict, ruleset, 0) < 0:
            return 0, "no Landlock: %s" % os.strerror(ctypes.get_errno())
    finally:
        os.close(ruleset)
    return int(abi), ""


def asked(abi: int) -> Tuple[int, bytes]:
    """Rights to files that are taken away, and the whole request, by version."""
    rights = 1 << WRITE_FILE | sum(1 << bit for bit in range(REMOVE_DIR, MAKE_SYM + 1))
    for version, bit in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)):
        rights |= 1 << bit if abi >= version else 0
    request = struct.pack("QQQ", rights, BIND_AND_CONNECT_TCP, ABSTRACT_SOCKETS_AND_SIGNALS)
    return rights, request[: 8 if abi < 4 else 16 if abi < 6 else 24]
