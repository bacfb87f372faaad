"""Tries the API of a server of its own with schemathesis; `script/fuzz` runs it.

A query may be well formed and yet be refused by name, such as a window that ends before it begins: 400 is an answer to
any query. Ids of real records are given for single records, and for filters by `config.fuzz_values`.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import django

from config.environment import BASE_DIR, data_directory

SEED = 20230221
#: Before Python 3.12, source is not read in two threads at once without fault, and the fuzzer does.
WORKERS = 2 if sys.version_info >= (3, 12) else 1
LIMITS = ("API_REQUESTS_PER_MINUTE", "API_TOKEN_REQUESTS_PER_MINUTE", "API_WRITES_PER_MINUTE")
#: The groups of those who send a token, and whether it may write.
ROLES = {"researcher": ("Researchers", False), "editor": ("Editors", True), "reviewer": ("Reviewers", True)}
LISTS = ("meetings", "statements", "actors", "topics", "places", "series", "sources", "offices", "tenures", "formulas")
FACETED = ("meetings", "statements", "actors", "sources")


@contextmanager
def server() -> Iterator[str]:
    """The address of the API of a served site with the starter set, for as long as the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PORT": str(port), **dict.fromkeys(LIMITS, "0")}
    program = [sys.executable, str(BASE_DIR / "manage.py"), "serve"]
    with subprocess.Popen(program, env=environment, cwd=BASE_DIR, stdout=subprocess.DEVNULL) as served:  # noqa: S603
        try:
            address = f"http://127.0.0.1:{port}/api/v1"
            wait_for(f"{address}/schema/")
            yield address
        finally:
            served.terminate()
            served.wait(30)


def wait_for(address: str) -> None:
    """Return when the address answers. Raises ``TimeoutError`` after some minutes."""
    for _ in range(600):
        try:
            with urlopen(address, timeout=30) as response:  # noqa: S310 (an address of our own)
                response.read()
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(address)


def values(address: str) -> dict[str, list[str]]:
    """What filters can be asked for, by the name of the parameter: ids and codes of the records that are there."""
    found: dict[str, list[str]] = {}
    for plural in LISTS:
        ids = [one["uid"] for one in read(f"{address}/{plural}/?page_size=50&fields=uid")["results"]]
        found[plural if plural == "series" else plural.removesuffix("s")] = ids
    for plural in FACETED:
        for name, facet in read(f"{address}/{plural}/facets/")["facets"].items():
            known = found.setdefault(name, [])
            known += [one["value"] for one in facet["values"] if one["value"] not in known]
    return found


def read(address: str) -> dict[str, Any]:
    """The JSON at an address of the API."""
    with urlopen(address, timeout=60) as response:  # noqa: S310 (an address of our own)
        said: dict[str, Any] = json.load(response)
    return said


def configuration(address: str) -> str:
    """What schemathesis must know of this API, in its own format."""
    # Who writes may ask for what the role, the state of a record or its version does not allow; 405: only drafts are
    # deleted.
    refused = "400, 403, 404, 405, 409, 410, 412, 422, 428"
    expected = {
        "positive_data_acceptance": f'"2xx", "3xx", {refused}',
        # The version that a change names is looked at before what the change says (RFC 9110, 13.2.2).
        "negative_data_rejection": f"401, 406, 415, {refused}",
        "missing_required_header": f"401, 406, {refused}",
    }
    lines = [f"[checks.{check}]\nexpected-statuses = [{statuses}]" for check, statuses in expected.items()]
    for plural in LISTS:
        (record,) = read(f"{address}/{plural}/?page_size=1&fields=uid")["results"]
        lines += [
            "[[operations]]",
            f'include-path = "/api/v1/{plural}/{{uid}}/"',
            f'parameters = {{ "path.uid" = "{record["uid"]}" }}',
        ]
    return "\n".join(lines)


def token_of(role: str) -> str:
    """The secret of a new token of an account in this role, in the collection that the server serves."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.contrib.auth import get_user_model  # apps must be ready
    from django.contrib.auth.models import Group  # apps must be ready

    from readers import tokens  # apps must be ready

    group, may_write = ROLES[role]
    user, _is_new = get_user_model().objects.get_or_create(username=f"fuzz-{role}", defaults={"is_staff": True})
    user.groups.set([Group.objects.get(name=group)])
    for earlier in user.api_tokens.all():
        tokens.revoke(earlier)
    _token, secret = tokens.make(user=user, name="fuzz", scopes=["read", "write"] if may_write else ["read"], days=1)
    return secret


def main(program: str, seconds: str, role: str) -> int:
    """Run it in a role for so many seconds; gives its exit status, which is not 0 when it found something."""
    with server() as address:
        settings = data_directory() / "schemathesis.toml"
        settings.write_text(configuration(address))
        real = data_directory() / "values.json"
        real.write_text(json.dumps(values(address)))
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": str(BASE_DIR / "config" / "fuzz_values.py"),
            "READOUT_FUZZ_VALUES": str(real),
            "READOUT_FUZZ_ADDRESS": address,
        }
        command = [
            program, f"--config-file={settings}", "run", f"{address}/schema/",
            "--checks=all", f"--max-time={seconds}", f"--seed={SEED}", f"--workers={WORKERS}", "--continue-on-failure",
            "--suppress-health-check=all", "--request-timeout=60", "--max-response-time=30",
        ]  # fmt: skip
        if role in ROLES:
            environment["READOUT_FUZZ_TOKEN"] = token_of(role)
            command += ["--header", f"Authorization: Bearer {environment['READOUT_FUZZ_TOKEN']}"]
        return subprocess.run(command, check=False, cwd=data_directory(), env=environment).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
