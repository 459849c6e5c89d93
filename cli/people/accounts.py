"""What commands on accounts share: which account, what is put on record, what is said."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from cli.reference import InputError
from cli.visible import visible
from storage.audit.log import By, What, record
from storage.database import Connection
from storage.people import accounts as store
from storage.people.accounts import Account, Person

Login = Annotated[str, typer.Argument(help="as `people list` prints it")]


def known_account(connection: Connection, login: str) -> Account:
    account = store.account_of(connection, login)
    if account is None:
        raise InputError(f"there is no account {login!r}; `hanhtrinh people list` prints them")
    return account


def put_on_record(connection: Connection, person: Person, detail: str) -> None:
    by = By(None, f"command line, user {getpass.getuser()}", via="command")
    record(connection, by, What.ACCOUNT, person.login, detail=detail)


def say(text: str) -> None:
    print(visible(text), file=sys.stderr)
