"""Make var/venv hold exactly what the given requirements files pin; at once when nothing has changed.

Usage: python3 script/bootstrap.py requirements.txt [requirements-dev.txt]
Standard library only: it runs before anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "var" / "venv"
PYTHON = VENV / "bin" / "python"


def refuse(message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(2)


def fingerprint(names: list[str]) -> str:
    pins = [(ROOT / name).read_bytes() for name in names]
    return hashlib.sha256(b"\n".join([sys.version.encode(), str(VENV).encode(), *pins])).hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted


def create() -> None:
    """Make the environment anew when there is none, or one of another Python."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if PYTHON.exists() and (VENV / "lib" / version / "site-packages" / "pip").exists():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401 (Debian ships the venv module without it until python3-venv is installed)
    except ImportError:
        refuse(f"This Python cannot make virtual environments: install its venv module ({version}-venv on Debian).")
    venv.create(VENV, with_pip=True, symlinks=True)


def install(names: list[str]) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--require-hashes", *(f"--requirement={ROOT / name}" for name in names)])  # noqa: S603
    if done.returncode:
        refuse("The pinned packages could not be installed: see pip's message above; is there a network connection?")


def main(names: list[str]) -> None:
    wanted = fingerprint(names)
    stamp = VENV / f".{names[-1]}.stamp"
    if is_current(stamp, wanted):
        return
    try:
        VENV.parent.mkdir(exist_ok=True)
        lock = open(VENV.parent / ".venv.lock", "w")  # noqa: SIM115 (held until the process ends)
    except OSError as error:
        refuse(f"{VENV.parent} is not writable ({error.strerror}): make it so, or use a checkout of your own.")
    fcntl.flock(lock, fcntl.LOCK_EX)
    if is_current(stamp, wanted):
        return
    first = not PYTHON.exists()
    print(
        f"Installing the pinned packages ({'first time, about a minute' if first else 'they have changed'}) …",
        flush=True,
    )
    os.umask(0o022)  # when root starts the site, another account runs PostgreSQL from here
    create()
    install(names)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
