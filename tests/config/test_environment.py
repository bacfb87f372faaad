import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.environment import BASE_DIR, Refusal, data_directory, secret_key


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A data directory of the test's own; nothing is kept in it yet."""
    monkeypatch.setenv("READOUT_DATA_DIR", str(tmp_path / "site"))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return tmp_path / "site"


def test_data_directory_is_made_where_the_environment_says(site):
    assert data_directory() == site
    assert site.is_dir()


def test_data_directory_is_var_of_the_checkout_by_default(monkeypatch):
    monkeypatch.setenv("READOUT_DATA_DIR", "")
    assert data_directory() == (BASE_DIR / "var").resolve()


def test_data_directory_below_a_file_is_refused_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("READOUT_DATA_DIR", str(tmp_path / "file" / "site"))
    with pytest.raises(Refusal) as refusal:
        data_directory()
    assert str(refusal.value) == (
        f"The data directory {tmp_path}/file/site cannot be made (Not a directory): "
        "make it writable, or set READOUT_DATA_DIR to a directory that is."
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_data_directory_that_may_not_be_written_is_refused(site):
    site.mkdir(mode=0o500)
    with pytest.raises(Refusal, match="is not writable: make it writable, or set READOUT_DATA_DIR"):
        data_directory()


def test_secret_key_of_the_environment_is_taken_and_not_kept(site, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a key given by the operator")
    assert secret_key() == "a key given by the operator"
    assert not (site / "secret-key").exists()


def test_secret_key_is_made_once_and_readable_by_its_owner_alone(site):
    first = secret_key()
    assert secret_key() == first
    assert len(first) >= 50
    assert stat.S_IMODE((site / "secret-key").stat().st_mode) == 0o600


def test_secret_keys_of_two_sites_differ(site, tmp_path, monkeypatch):
    first = secret_key()
    monkeypatch.setenv("READOUT_DATA_DIR", str(tmp_path / "another"))
    assert secret_key() != first


def test_processes_that_ask_at_once_get_the_same_secret_key(site):
    code = "from config.environment import secret_key; print(secret_key())"

    def ask(_):
        return subprocess.run(
            [sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    assert [path.name for path in site.iterdir()] == ["secret-key"]
