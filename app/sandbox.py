"""Gives up what a decoder does not need: files, network, other processes.

A seccomp filter, built by libseccomp. The kernel refuses every system call that is not listed, so
a decoder that runs an attacker's code can compute, and write to what is already open.
"""

import ctypes
import errno

ALLOWED = (
    *("brk", "mmap", "munmap", "mremap", "madvise", "mprotect"),
    *("clone", "futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity"),
    *("read", "write", "recvfrom", "sendto", "close", "dup", "dup2", "dup3", "fcntl", "fstat"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("clock_gettime", "gettimeofday", "getrusage", "getrandom", "getpid", "gettid", "lseek"),
    *("prlimit64", "exit", "exit_group"),
)


class Condition(ctypes.Structure):
    """libseccomp's `scmp_arg_cmp`: the argument of this number, masked, must have this value."""

    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    ]


MASKED_EQUAL = 7
PROT_EXEC, CLONE_THREAD = 0x4, 0x10000
NOT_EXECUTABLE = Condition(2, MASKED_EQUAL, PROT_EXEC, 0)
CONDITIONS = {
    "mmap": NOT_EXECUTABLE,
    "mprotect": NOT_EXECUTABLE,
    "clone": Condition(0, MASKED_EQUAL, CLONE_THREAD, CLONE_THREAD),  # libde265 starts a thread
}
ALLOW, ERROR = 0x7FFF0000, 0x00050000


def enter() -> None:
    """From now on every system call but those of ALLOWED fails with EPERM, in this thread and in
    those that it starts. Raises OSError when the host has no libseccomp, or its kernel no filters.
    """
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ERROR | errno.EPERM)))

    def add(action: int, name: str, *conditions: Condition) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())  # not every processor has all
        array = (Condition * len(conditions))(*conditions)
        library.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(array), array)

    for name in ALLOWED:
        add(ALLOW, name, *([CONDITIONS[name]] if name in CONDITIONS else []))
    add(ERROR | errno.ENOSYS, "clone3")  # a filter cannot read its flags; libc then tries clone
    if failed := library.seccomp_load(context):
        raise OSError(-failed, "this kernel loads no seccomp filter")
