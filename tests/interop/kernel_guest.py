"""A virtual machine with Debian's stock kernel, an init of ours and some of this machine's
programs, in QEMU, whose processor is emulated: it needs no rights, and its time is not ours."""

import lzma
import pathlib
import shutil
import subprocess

# What a scenario whose machine is such a guest needs here.
TOOLS = ('qemu-system-x86_64', 'busybox', 'cpio', 'modprobe', 'strip')


def kernel_release():
    """The newest installed kernel that has the module."""
    drivers = pathlib.Path('/lib/modules').glob('*/kernel/drivers/net/wireless/*.ko')
    found = sorted((path for path in drivers if path.stem == 'mac80211_hwsim'),
                   key=lambda path: path.stat().st_mtime)
    if not found:
        raise AssertionError('no kernel with mac80211_hwsim: run script/bootstrap --long')
    return found[-1].parts[3]


def uncompressed_kernel(release):
    """The ELF image inside /boot/vmlinuz, which an emulated processor unpacks slowly."""
    image = pathlib.Path(f'/boot/vmlinuz-{release}').read_bytes()
    at = image.find(b'\xfd7zXZ\0')
    while at >= 0:
        try:
            kernel = lzma.LZMADecompressor().decompress(image[at:])
        except lzma.LZMAError:
            kernel = b''
        if kernel.startswith(b'\x7fELF'):
            return kernel
        at = image.find(b'\xfd7zXZ\0', at + 1)
    raise AssertionError(f'no kernel packed by xz in /boot/vmlinuz-{release}')


class Guest:
    """What the machine is made of, in a folder: the kernel, modules of it by name, and what is
    added before it starts."""

    def __init__(self, folder, modules):
        self.folder = folder
        self.root = folder / 'root'
        for name in ('bin', 'dev', 'etc', 'modules', 'proc', 'run', 'sys', 'tmp'):
            (self.root / name).mkdir(parents=True)
        release = kernel_release()
        (folder / 'kernel').write_bytes(uncompressed_kernel(release))
        self._add_modules(release, modules)
        self.add_file(shutil.which('busybox'), '/bin/busybox')
        for name in ('regulatory.db', 'regulatory.db.p7s'):
            self.add_file(f'/lib/firmware/{name}', f'/lib/firmware/{name}')

    def add_file(self, source, path):
        target = self.root / path.lstrip('/')
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        return target

    def add_program(self, path, name=None):
        """A program of this machine with its libraries, without what debuggers need."""
        path = shutil.which(path)
        copy = self.add_file(path, f'/bin/{name}' if name else path)
        subprocess.run(['strip', '--strip-debug', copy], check=True)
        listing = subprocess.run(['ldd', path], check=True, capture_output=True, text=True).stdout
        for word in listing.split():
            if word.startswith('/') and not (self.root / word.lstrip('/')).exists():
                self.add_file(word, word)

    def add_text(self, path, text):
        (self.root / path.lstrip('/')).write_text(text)

    def _add_modules(self, release, modules):
        order = []
        for module in modules:
            listing = subprocess.run(
                ['modprobe', '--set-version', release, '--show-depends', module],
                check=True, capture_output=True, text=True).stdout
            for line in listing.splitlines():
                word, *rest = line.split()
                if word == 'insmod' and rest[0] not in order:
                    order.append(rest[0])
        for path in order:
            self.add_file(path, f'/modules/{pathlib.Path(path).name}')
        self.add_text('/modules/order', ''.join(f'{pathlib.Path(path).name}\n' for path in order))

    def command(self, ports=()):
        """The words that start it, once its files are there; each UDP port of its is one of the
        same number on our loopback."""
        names = subprocess.run(['find', '.', '-print0'], cwd=self.root, check=True,
                               capture_output=True).stdout
        with open(self.folder / 'initramfs', 'wb') as initramfs:
            subprocess.run(['cpio', '--null', '--create', '--format=newc', '--quiet'],
                           cwd=self.root, input=names, stdout=initramfs, check=True)
        forward = ''.join(f',hostfwd=udp:127.0.0.1:{port}-:{port}' for port in ports)
        return ['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2',
                '-m', '1024', '-nodefaults', '-no-user-config', '-display', 'none',
                '-serial', 'stdio', '-no-reboot', '-kernel', str(self.folder / 'kernel'),
                '-initrd', str(self.folder / 'initramfs'),
                '-append', 'console=ttyS0 quiet panic=-1 mitigations=off nokaslr',
                '-netdev', f'user,id=net{forward}',
                '-device', 'virtio-net-pci,netdev=net,romfile=']
