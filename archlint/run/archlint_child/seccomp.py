"""The filter of system calls: no network, no new process, no reaching into other processes or the system."""

import ctypes
import errno
import os
import struct
from typing import List, Tuple

from . import syscalls

Instruction = Tuple[int, int, int, int]
"""Of the kernel's packet filter: code, jump if true, jump if false, operand."""

LOAD, EQUALS, AT_LEAST, HAS_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
NUMBER, ARCH = 0, 4  # offsets in what the kernel shows of a call
ARGUMENTS = (16, 24, 32)
CLONE_THREAD = 0x10000
X32 = 0x40000000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2

PERMITTED: List[Instruction] = [(RETURN, 0, 0, ALLOW)]
DENIED: List[Instruction] = [(RETURN, 0, 0, ERROR | errno.EPERM)]
UNKNOWN: List[Instruction] = [(RETURN, 0, 0, ERROR | errno.ENOSYS)]


class Program(ctypes.Structure):
    """A filter as the kernel takes it."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def lock(landlock_abi: int) -> str:
    """Install the filter for this process; "" or why not.  landlock_abi: 0 where no Landlock confines writing."""
    if syscalls.machine() is None:
        return "no seccomp filter for this machine"
    program = filter_of(os.getpid(), landlock_abi)
    text = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    held = ctypes.create_string_buffer(text)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    given = Program(len(program), ctypes.cast(held, ctypes.c_void_p))
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(given), 0, 0) != 0:
        return "no seccomp: %s" % os.strerror(ctypes.get_errno())
    return ""


def filter_of(pid: int, landlock_abi: int) -> List[Instruction]:
    """The program: calls of another architecture fail, so do the forbidden ones, all others pass."""
    arch = syscalls.AUDIT_ARCH[syscalls.machine() or ""]
    program = [(LOAD, 0, 0, ARCH), (EQUALS, 1, 0, arch), *DENIED, (LOAD, 0, 0, NUMBER)]
    program += [(AT_LEAST, 0, 1, X32), *DENIED]
    tables = [syscalls.PROCESSES, syscalls.NETWORK, syscalls.METADATA, syscalls.OTHER_PROCESSES, syscalls.SYSTEM]
    if landlock_abi == 0:
        tables.append(syscalls.CHANGES)
    for number in syscalls.numbers(tables):
        program += [(EQUALS, 0, 1, number), *DENIED]
    program += on("clone", [(LOAD, 0, 0, ARGUMENTS[0]), (HAS_BIT, 0, 1, CLONE_THREAD), *PERMITTED, *DENIED])
    program += on("clone3", UNKNOWN)  # its arguments cannot be seen; the C library goes on with clone
    program += on("kill", only(0, [pid, 0, 2**32 - pid]))
    program += on("tkill", only(0, [pid])) + on("tgkill", only(0, [pid])) + on("prlimit64", only(0, [pid, 0]))
    program += on("ioctl", never(1, [TIOCSTI, TIOCLINUX]))
    return program + opening(landlock_abi) + PERMITTED


def opening(landlock_abi: int) -> List[Instruction]:
    """Landlock before its third version lets files be truncated; without Landlock nothing may be opened to write."""
    if landlock_abi >= 3:
        return []
    program = on("openat2", UNKNOWN) + on("truncate", DENIED)
    for name, flags in (("open", 1), ("openat", 2)):
        load: List[Instruction] = [(LOAD, 0, 0, ARGUMENTS[flags])]
        if landlock_abi == 0:
            program += on(name, [*load, (HAS_BIT, 1, 0, WRITING), *PERMITTED, *DENIED])
        else:  # O_RDONLY | O_TRUNC, which asks for no right to write
            writes = [(HAS_BIT, 2, 0, os.O_WRONLY | os.O_RDWR), (HAS_BIT, 0, 1, os.O_TRUNC)]
            program += on(name, load + writes + DENIED + PERMITTED)
    return program


def on(name: str, block: List[Instruction]) -> List[Instruction]:
    """A block that returns in any case, for one call only."""
    number = syscalls.number(name)
    return [] if number is None else [(EQUALS, 0, len(block), number), *block]


def only(argument: int, values: List[int]) -> List[Instruction]:
    """Allowed for these values of an argument."""
    tests = [(EQUALS, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [(LOAD, 0, 0, ARGUMENTS[argument]), *tests, *DENIED, *PERMITTED]


def never(argument: int, values: List[int]) -> List[Instruction]:
    """Allowed for all but these values of an argument."""
    tests = [(EQUALS, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [(LOAD, 0, 0, ARGUMENTS[argument]), *tests, *PERMITTED, *DENIED]
