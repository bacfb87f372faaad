"""What Readout takes from its surroundings before Django exists: where it keeps its data, and its secret key.

Only the standard library is used, so that `script/` can ask here before anything is installed.
"""

import os
import secrets
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


class Refusal(Exception):
    """The surroundings do not let Readout run; the message is one line that says what to do.

    Entry points print it to standard error and end with ``exit_code``; they never show a traceback.
    """

    exit_code = 2


def data_directory() -> Path:
    """Return the directory that holds everything a site owns (``READOUT_DATA_DIR``, else ``var/``), made if missing.

    Raises ``Refusal`` when it cannot be made or written.
    """
    path = Path(os.environ.get("READOUT_DATA_DIR") or BASE_DIR / "var").expanduser().absolute()
    advice = "make it writable, or set READOUT_DATA_DIR to a directory that is."
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"The data directory {path} cannot be made ({error.strerror}): {advice}") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise Refusal(f"The data directory {path} is not writable: {advice}")
    return path.resolve()


def secret_key() -> str:
    """Return ``SECRET_KEY``, else the key kept in the data directory, made once however many processes ask first."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = data_directory() / "secret-key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text()
    except OSError as error:
        raise Refusal(
            f"The secret key {path} cannot be kept ({error.strerror}): make it readable and writable."
        ) from error


def _write_once(path: Path, text: str) -> None:
    # A link is made whole or not at all, and only by the first: no process ever reads half a key or its own lost one.
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


if __name__ == "__main__":
    # `python -m config.environment` answers a script before it installs anything.
    try:
        print(data_directory())
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(refusal.exit_code)
