"""A real sshd on the loopback interface: keys, a port and a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest

UNPACKED = Path(__file__).parents[3] / "build" / "sshd"
PACKAGES = ("openssh-server", "openssh-client", "libnss-wrapper")
IS_ROOT = os.getuid() == 0
PRIVILEGE_SEPARATION = Path("/run/sshd")  # a root's sshd wants it, and a user of that name
TMPFS_BYTES = 300_000


@pytest.fixture(scope="session")
def openssh() -> Path:
    """OpenSSH as Debian packages it, unpacked without root; downloaded once, about 2 MB."""
    if not shutil.which("apt-get"):
        pytest.skip("no apt-get here to get openssh-server with")
    if UNPACKED.is_dir():
        return UNPACKED
    UNPACKED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as scratch:
        # With what is not installed of what they need; installed versions are taken as they are.
        plan = apt_get("-s", "install", "--no-install-recommends", *PACKAGES)
        absent = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        apt_get("download", *sorted({*absent, "openssh-server", "libnss-wrapper"}), cwd=scratch)
        for package in Path(scratch).glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, f"{scratch}/root"], check=True)
        os.rename(f"{scratch}/root", UNPACKED)
    return UNPACKED


def apt_get(*words: str, cwd: str = ".") -> str:
    """What it prints; it needs no root for what is asked of it here."""
    options = ("-qq", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=")
    done = subprocess.run(
        ["apt-get", *options, *words], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"apt-get {words[0]}: {done.stderr} Run: sudo apt-get update", pytrace=False)
    return done.stdout


@dataclass
class Cable:
    """Between ssh and sshd, byte by byte, until somebody cuts it.

    cut_after_bytes: of what goes to sshd in one connection. is_gone: nobody answers any more.
    """

    target: int
    cut_after_bytes: int | None = None
    is_gone: bool = False
    port: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """End every connection of this moment as a network does that goes away."""
        # Not the one that comes meanwhile; and none is closed yet, since the next would get its
        # number while a thread may still read from it.
        for one in tuple(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.cut()
        for one in self._open:
            one.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                self.is_gone = True
            if self.is_gone:
                near.close()
                continue
            self._open += [near, far]
            Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, drain: socket.socket, is_upwards: bool) -> None:
        carried = 0
        try:
            while data := source.recv(16_384):
                carried += len(data)
                if is_upwards and self.cut_after_bytes and carried > self.cut_after_bytes:
                    self.cut_after_bytes = None  # the next connection holds
                    self.cut()
                    return
                drain.sendall(data)
            drain.shutdown(socket.SHUT_WR)
        except OSError:
            return


@dataclass(frozen=True)
class FarSide:
    """A host named `board` in ssh's own settings, which is this machine behind an sshd.

    settings: ssh's, to be changed by a test. temporary: its TMPDIR. cable: the way there.
    """

    folder: Path
    temporary: Path
    cable: Cable

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def left(self) -> list[str]:
        """What lies in its folder of temporary files, asked over ssh."""
        command = ["ssh", "-o", "BatchMode=yes", "board", f"ls {self.temporary}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def new_key(self, name: str) -> Path:
        path = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        return path

    def use_key(self, path: Path) -> None:
        settings = self.folder / "ssh_config"
        lines = [line for line in settings.read_text().splitlines() if "IdentityFile" not in line]
        settings.write_text("\n".join([*lines, f"IdentityFile {path}", ""]))


@pytest.fixture
def far_side(openssh, tmp_path, monkeypatch) -> Iterator[FarSide]:
    with started(openssh, tmp_path, monkeypatch, []) as side:
        yield side


@pytest.fixture
def full_far_side(openssh, tmp_path, monkeypatch) -> Iterator[FarSide]:
    """Its temporary files lie in a tmpfs of 300 kB, which this sshd alone sees (unshare(1))."""
    mount = f'mount -t tmpfs -o size={TMPFS_BYTES},mode=777 tmpfs {tmp_path}/temporary && exec "$@"'
    around = ["unshare", "-m", "sh", "-c", mount, "sh"]
    if not IS_ROOT:
        # Root of a namespace for the mount, and in it the user that sshd is to run as.
        back = [f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
        around = ["unshare", "-r", *around[1:], "unshare", "-U", *back]
    (tmp_path / "temporary").mkdir()
    if subprocess.run([*around, "true"], capture_output=True).returncode:
        pytest.skip("a small file system needs root or user namespaces")
    with started(openssh, tmp_path, monkeypatch, around) as side:
        yield side


@contextmanager
def started(
    openssh: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, around: list[str]
) -> Iterator[FarSide]:
    """An sshd for as long as a test takes. around: a command that starts it."""
    port = free_port()
    side = FarSide(folder, folder / "temporary", Cable(port))
    side.temporary.mkdir(exist_ok=True)
    host_key, user_key = side.new_key("host_key"), side.new_key("user_key")
    shutil.copy(f"{user_key}.pub", folder / "authorized_keys")
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {host_key}\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"PermitRootLogin prohibit-password\nSetEnv TMPDIR={side.temporary}\n"
    )
    (folder / "ssh_config").write_text(
        f"Host board\nHostName 127.0.0.1\nPort {side.cable.port}\nIdentitiesOnly yes\n"
        f"StrictHostKeyChecking yes\nUserKnownHostsFile {side.known_hosts}\n"
        f"GlobalKnownHostsFile none\nIdentityFile {user_key}\n"
    )
    public = (folder / "host_key.pub").read_text()
    side.known_hosts.write_text(f"[127.0.0.1]:{side.cable.port} {public}")
    put_ssh_in_path(openssh, folder, monkeypatch)
    command = [*around, openssh / "usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"]
    log = folder / "sshd.log"
    with log.open("w") as stderr:
        server = subprocess.Popen(command, env=surroundings(openssh, folder), stderr=stderr)
        try:
            wait_for(lambda: answers(port) or server.poll() is not None)
            assert server.poll() is None, log.read_text()
            yield side
        finally:
            side.cable.close()
            server.terminate()
            server.wait()


def put_ssh_in_path(openssh: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ssh itself, told to read the test's settings: it looks for no others than a user's own."""
    real = shutil.which("ssh")
    libraries = "" if real else f"LD_LIBRARY_PATH={libraries_of(openssh)} "
    (folder / "bin").mkdir()
    script = folder / "bin" / "ssh"
    command = real or openssh / "usr/bin/ssh"
    script.write_text(f'#!/bin/sh\n{libraries}exec {command} -F {folder}/ssh_config "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}/bin:{openssh}/usr/bin", prepend=os.pathsep)


def surroundings(openssh: Path, folder: Path) -> dict[str, str]:
    """What a root's sshd wants of a machine: a folder in /run, and a user, who is made up."""
    found = {**os.environ, "LD_LIBRARY_PATH": str(libraries_of(openssh))}
    if IS_ROOT:
        # It stays: another run of the tests may need it.
        PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
        users = (
            "root:*:0:0:root:/root:/bin/sh\nsshd:*:65534:65534::/nonexistent:/usr/sbin/nologin\n"
        )
        (folder / "passwd").write_text(users)
        (folder / "group").write_text("root:*:0:\nnogroup:*:65534:\n")
        found["LD_PRELOAD"] = f"{libraries_of(openssh)}/libnss_wrapper.so"
        found["NSS_WRAPPER_PASSWD"] = f"{folder}/passwd"
        found["NSS_WRAPPER_GROUP"] = f"{folder}/group"
    return found


def libraries_of(openssh: Path) -> Path:
    return next((openssh / "usr/lib").glob("*-linux-gnu"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(name="wait_for")
def waiting() -> Callable[[Callable[[], bool]], None]:
    return wait_for


def wait_for(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {seconds} s")
        time.sleep(0.05)
