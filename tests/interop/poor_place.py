"""Runs a program as a container with Docker's defaults would: poor_place.py PROGRAM [ARGUMENT...]

`--only CALL` before PROGRAM: forbids that system call, or has it missing as in an old kernel, and
changes nothing else.

Root without CAP_NET_ADMIN and CAP_SYS_ADMIN, no /dev/net/tun, and a seccomp filter that forbids
namespaces, mounts and pidfd_getfd. (Docker's own filter is longer; these are the calls in it that
airloom could want.)
"""

import ctypes
import errno
import os
import struct
import sys

# x86-64's numbers.
FORBIDDEN = {'unshare': 272, 'setns': 308, 'mount': 165, 'umount2': 166, 'pidfd_getfd': 438,
             'open_tree': 428, 'move_mount': 429, 'fsopen': 430, 'fspick': 433}
MISSING = {'seccomp': 317}
KEPT_CAPABILITIES = ('chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid',
                     'setpcap', 'net_bind_service', 'net_raw', 'sys_chroot', 'mknod',
                     'audit_write', 'setfcap')

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7fff0000
SECCOMP_RET_ERRNO = 0x00050000
BPF_LD_W_ABS = 0x20
BPF_JEQ = 0x15
BPF_RET = 0x06


def filter_program(calls):
    """The filter as struct sock_filter: the number in, then one comparison for each call."""
    code = [(BPF_LD_W_ABS, 0, 0, 0)]
    for call in calls:
        error = errno.ENOSYS if call in MISSING else errno.EPERM
        code += [(BPF_JEQ, 0, 1, {**FORBIDDEN, **MISSING}[call]),
                 (BPF_RET, 0, 0, SECCOMP_RET_ERRNO | error)]
    code.append((BPF_RET, 0, 0, SECCOMP_RET_ALLOW))
    return b''.join(struct.pack('HBBI', *row) for row in code)


def install_filter(calls):
    class Program(ctypes.Structure):
        _fields_ = [('len', ctypes.c_ushort), ('filter', ctypes.c_char_p)]

    code = filter_program(calls)
    program = Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'seccomp')


def main(words):
    if words[0] == '--only':
        install_filter([words[1]])
        os.execvp(words[2], words[2:])
    if words[0] == '--in-place':
        install_filter(FORBIDDEN)
        kept = ','.join(f'+{name}' for name in KEPT_CAPABILITIES)
        words = ['setpriv', f'--bounding-set=-all,{kept}', f'--inh-caps=-all,{kept}', '--',
                 *words[1:]]
        os.execvp(words[0], words)
    # /dev/net is empty in a mount namespace of our own.
    command = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c',
               'mount -t tmpfs none /dev/net && exec "$@"', 'sh', sys.executable, '-B', __file__,
               '--in-place', *words]
    os.execvp(command[0], command)


if __name__ == '__main__':
    main(sys.argv[1:])
