import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from config import checks, serving
from config.environment import BASE_DIR, Refusal


@pytest.fixture
def checkout(tmp_path):
    """A fresh clone in small: the scripts, and a list of packages that is empty, so that no network is needed."""
    shutil.copytree(BASE_DIR / "script", tmp_path / "script", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "config").mkdir()
    for name in ("__init__.py", "environment.py"):
        shutil.copy(BASE_DIR / "config" / name, tmp_path / "config" / name)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "manage.py").write_text("import sys; print('manage', *sys.argv[1:])\n")
    return tmp_path


def run(checkout, script, **environment):
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("READOUT", "PYTHON"))}
    return subprocess.run(
        [checkout / "script" / script], env={**surroundings, **environment}, capture_output=True, text=True, check=False
    )


def program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_server_makes_the_environment_once_and_again_when_the_pins_change(checkout):
    first = run(checkout, "server", PYTHON=sys.executable)
    assert first.stdout == "Installing the pinned packages (first time, about a minute) …\nmanage serve\n", first.stderr
    begin = time.monotonic()
    second = run(checkout, "server", PYTHON=sys.executable)
    assert second.stdout == "manage serve\n"
    assert time.monotonic() - begin < 5  # a fraction of a second on a machine at rest
    (checkout / "requirements.txt").write_text("# still nothing\n")
    third = run(checkout, "server", PYTHON=sys.executable)
    assert third.stdout == "Installing the pinned packages (they have changed) …\nmanage serve\n"


def test_package_without_a_hash_is_refused(checkout):
    (checkout / "requirements.txt").write_text(f"{checkout}/script\n")  # a directory: no network is asked
    refused = run(checkout, "server", PYTHON=sys.executable)
    assert refused.returncode == 2
    assert "manage" not in refused.stdout
    assert refused.stderr.splitlines()[-1].startswith("The pinned packages could not be installed:")


def test_old_python_is_refused_in_one_line(checkout, tmp_path):
    # Stands for an interpreter that is too old: it fails our question and knows its version.
    old = '#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.9;; esac\n'
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        program(tmp_path / "bin" / name, old)
    refused = run(checkout, "server", PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "Readout needs Python 3.11 or newer, and python3 here is 3.9: "
        "install it, or name it with PYTHON=/path/to/python3.11.\n"
    )


def test_python_without_its_venv_module_is_refused_in_one_line(checkout, tmp_path):
    program(tmp_path / "bare" / "ensurepip.py", "raise ImportError\n")
    refused = run(checkout, "server", PYTHON=sys.executable, PYTHONPATH=str(tmp_path / "bare"))
    assert refused.returncode == 2
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert refused.stderr == (
        f"This Python cannot make virtual environments: install its venv module ({version}-venv on Debian).\n"
    )


def test_unusable_data_directory_is_refused_in_one_line(checkout):
    refused = run(checkout, "server", PYTHON=sys.executable, READOUT_DATA_DIR=str(checkout / "manage.py" / "site"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert re.fullmatch(
        r"The data directory \S+ cannot be made \(Not a directory\): .* READOUT_DATA_DIR .*\n", refused.stderr
    )


def test_taken_port_is_refused_with_another_proposed(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(Refusal) as refusal:
            serving.free_port()
    assert str(refusal.value) == (
        f"Port {port} is taken or not allowed (Address already in use): "
        f"stop the program that uses it, or choose another: PORT={port + 1} script/server"
    )


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Refusal, match="PORT must be a number from 1 to 65535"):
        serving.free_port()


def test_unreachable_database_is_refused_in_one_line():
    environment = {**os.environ, "DATABASE_URL": "postgresql://editor:s3cret@127.0.0.1:1/readout"}
    environment["PORT"] = str(_free_port())
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        'The database does not answer (connection to server at "127.0.0.1", port 1 failed: Connection refused): '
        "check DATABASE_URL, and that PostgreSQL runs there.\n"
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.django_db
def test_database_of_the_tests_is_fit():
    assert checks.database_problems(connection) == []


@pytest.mark.django_db
def test_old_postgresql_is_named_with_its_version(monkeypatch):
    monkeypatch.setattr(checks, "OLDEST", 99)
    (problem,) = checks.database_problems(connection)
    assert re.fullmatch(
        r"PostgreSQL 99 or newer is needed, and this is \d\d: upgrade it, or unset DATABASE_URL\.", problem
    )


@pytest.mark.django_db
def test_missing_extensions_are_named(monkeypatch):
    monkeypatch.setattr(checks, "EXTENSIONS", ("pg_trgm", "no_such_one", "nor_this"))
    assert checks.database_problems(connection) == [
        "PostgreSQL lacks the extension no_such_one, nor_this: install its contrib package (postgresql-contrib)."
    ]


@pytest.mark.django_db
def test_first_account_is_made_once_and_its_password_is_printed_once(capsys):
    call_command("ensureadmin")
    (password,) = re.findall(r"user admin, password (\S+)", capsys.readouterr().out)
    assert get_user_model().objects.get(is_superuser=True).check_password(password)
    call_command("ensureadmin")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_first_account_takes_another_name_when_an_editor_is_called_admin(capsys):
    get_user_model().objects.create_user(username="admin")
    call_command("ensureadmin")
    assert re.search(r"user admin-\w{4}, password", capsys.readouterr().out)
    assert get_user_model().objects.filter(is_superuser=True).count() == 1


def test_static_files_are_collected_again_only_when_one_has_changed(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("body { margin: 0 }")
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert [serving.refresh_static(), serving.refresh_static()] == [True, False]
    (source / "site.css").write_text("body { margin: 1rem }")
    assert [serving.refresh_static(), serving.refresh_static()] == [True, False]


def test_scripts_are_valid_bash():
    scripts = [path for path in (BASE_DIR / "script").iterdir() if path.is_file() and path.suffix != ".py"]
    scripts += [BASE_DIR / ".ci" / "run"]
    for path in scripts:
        subprocess.run(["bash", "-n", path], check=True)
        assert path.name == "_lib.sh" or os.access(path, os.X_OK), path
