"""The collections that are measured: one of each size, made once and kept under the data directory."""

import os
import subprocess
import sys
import time
from pathlib import Path

from config.environment import BASE_DIR, data_directory


def environment(size: int) -> dict[str, str]:
    """The environment in which a command sees the collection of this many meetings, and nothing else."""
    place = data_directory() / "bench" / str(size)
    place.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {
        "READOUT_DATA_DIR": str(place),
        "READOUT_THROWAWAY_DATA": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "API_REQUESTS_PER_MINUTE": "0",
    }


def prepare(size: int) -> None:
    """Make the collection, unless it is there; bring an older one up to date."""
    done = Path(environment(size)["READOUT_DATA_DIR"]) / "filled"
    manage = str(BASE_DIR / "manage.py")
    for command in (["migrate", "-v0"], ["refreshstatic"]):
        run([manage, *command], size)
    if not done.exists():
        start = time.perf_counter()
        run([manage, "makescale", "--meetings", str(size)], size)
        done.write_text(f"{time.perf_counter() - start:.0f} s\n")


def run(command: list[str], size: int) -> None:
    """Run Python with the collection; raises ``CalledProcessError`` when it fails."""
    subprocess.run([sys.executable, *command], check=True, env=environment(size), cwd=BASE_DIR)  # noqa: S603


def machine() -> str:
    """What the figures were measured on."""
    with open("/proc/cpuinfo") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores{f', {models[0]}' if models else ''}; load {load:.1f}; Python {sys.version.split()[0]}"
    )
