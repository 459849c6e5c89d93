"""The API of a demonstration, asked from outside by the program schemathesis: `make outside`.

A demonstration of its own in a temporary folder, a published list, a supervisor's token, a server; then each operation
of the OpenAPI document with every check, by example, at its bounds, at random and in sequences. Arguments go on to
`schemathesis run`, such as --max-examples 500 or --include-operation-id get_case. Exits as it does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.api.test_serve import serving
from tests.api.walking import V1
from tests.cli.command import COMMAND

_EXAMPLES = 150
_WAIT_S = 20.0  # for one answer
_RATE = 1_000_000  # requests a minute: a limit would answer in place of the API


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-outside-") as made:
        folder, store = Path(made) / "demo", Path(made) / "demo" / "store"
        Path(made).chmod(0o711)  # the embedded server may run as a user of its own
        _run("demo", "--folder", str(folder))
        _run("--data", str(store), "list", "publish", "--week", "2026-W10", "--unsigned", "--folder", f"{made}/lists")
        _run("--data", str(store), "people", "add", "outside", "--name", "Outside", "--role", "supervisor")
        scopes = [word for scope in ("read", "export", "write") for word in ("--scope", scope)]
        issued = _run("--data", str(store), "people", "token", "outside", "--label", "schemathesis", *scopes)
        (secret,) = re.findall(r"ht_[\w-]{43}", issued)
        with serving(Path(made), "--rate", str(_RATE), DATA_FOLDER=str(store)) as (_, url):
            told = {"OUTSIDE_URL": url, "OUTSIDE_TOKEN": secret, "SCHEMATHESIS_HOOKS": "tests.api.outside_hooks"}
            return subprocess.run(
                [Path(sys.executable).with_name("schemathesis"), "run", f"{url}{V1}/openapi.json", "--checks", "all",
                 "--continue-on-failure", "--max-examples", str(_EXAMPLES), "--request-timeout", str(_WAIT_S),
                 "--header", f"Authorization: Bearer {secret}", *arguments],
                env={**os.environ, **told}, check=False,
            ).returncode  # fmt: skip


def _run(*arguments: str) -> str:
    done = subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
