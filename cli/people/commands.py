"""`hanhtrinh people`: accounts of the desk and the API, their passwords and tokens. Docs: docs/people.md."""

from __future__ import annotations

import getpass
import sys
import time
import warnings
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.people.accounts import Login, known_account, put_on_record, say
from cli.people.signon import bind, unbind
from cli.reference import InputError
from cli.root import opened, settings_of
from cli.secretfile import write_secret
from cli.tables import print_table
from cli.visible import visible
from journey.localtime import show
from storage.database import transaction
from storage.people import accounts as store
from storage.people.accounts import PersonRefused
from storage.people.passwords import WeakPassword, random_password
from storage.people.signon import bindings
from storage.people.tokens import DAYS_MAX, issue_token, revoke_token, tokens_of

app = typer.Typer(name="people", help="Who may use the desk and the API: accounts, passwords, tokens.",
                  no_args_is_help=True)  # fmt: skip


app.command()(bind)
app.command()(unbind)


class Role(StrEnum):
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    READER = "reader"


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    EXPORT = "export"


Ask = Annotated[bool, typer.Option("--ask", help="ask for the password here instead of making one")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="take the password from the first line of this file; - is standard input")
]
Out = Annotated[Path | None, typer.Option(help="write the secret to this file (mode 600) instead of printing it")]


@app.command()
def add(
    context: typer.Context,
    login: Annotated[str, typer.Argument(help="2 to 64 of a-z, 0-9 and . _ @ -")],
    name: Annotated[str, typer.Option(help="the person's name, as others shall read it")],
    role: Annotated[Role, typer.Option(help="what the person may do; docs/people.md has the table")],
    operator: Annotated[str | None, typer.Option(help="id of the operator, for the role operator")] = None,
    ask: Ask = False,
    password_file: PasswordFile = None,
    out: Out = None,
) -> None:
    """Make an account. Its first password is made and printed once, and has to be changed at the first login.

    Example: hanhtrinh people add lan --name "Nguyễn Thị Lan" --role inspector

    Example: hanhtrinh people add binhanh --name "Bình Anh" --role operator --operator OP1 --out binhanh.password
    """
    secret, made = _password(ask, password_file, out)
    with opened(settings_of(context)) as connection, transaction(connection):
        try:
            person = store.add_person(connection, login, name, str(role), operator, secret)
        except (PersonRefused, WeakPassword) as error:
            raise InputError(str(error)) from None
        put_on_record(connection, person, f"added as {role}" + (f" of {operator}" if operator else ""))
        if made:
            _hand_over(secret, out)
    say(f"{person.login}: added as {role}; the password is to be changed at the first login")


@app.command("list")
def list_accounts(context: typer.Context) -> None:
    """Print every account. Passwords are not known here.

    Example: hanhtrinh people list
    """
    with opened(settings_of(context)) as connection:
        accounts, bound = store.accounts(connection), bindings(connection)
    table = Table("login", "name", "role", "operator", "added", "password", "bound to", "disabled")
    for one in accounts:
        who, to = one.person, bound.get(one.person.id)
        table.add_row(visible(who.login), visible(who.name), who.role, visible(who.operator or ""), show(one.added_at),
                      "to be changed" if one.must_change else "his own",
                      "" if to is None else visible(to.subject or f"{to.email}, not seen yet"),
                      "" if one.disabled_at is None else show(one.disabled_at))  # fmt: skip
    print_table(table) if accounts else print("no accounts yet: `hanhtrinh people add`")


@app.command()
def disable(context: typer.Context, login: Login) -> None:
    """Shut somebody out at once: sessions end, tokens are void. The account stays, as what was done stays his.

    Example: hanhtrinh people disable lan
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        person = known_account(connection, login).person
        done = store.disable(connection, person, int(time.time()))
        put_on_record(connection, person, "disabled")
    say(f"{person.login}: " + ("is shut out" if done else "was shut out before"))


@app.command()
def enable(context: typer.Context, login: Login) -> None:
    """Let somebody in again, under the password he had. Tokens stay void.

    Example: hanhtrinh people enable lan
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        person = known_account(connection, login).person
        if not store.enable(connection, person):
            raise InputError(f"{person.login} is not disabled")
        put_on_record(connection, person, "enabled")
    say(f"{person.login}: may log in again")


@app.command()
def password(
    context: typer.Context, login: Login, ask: Ask = False, password_file: PasswordFile = None, out: Out = None
) -> None:
    """Give somebody a new password, made here and printed once; to be changed at the next login. Sessions end.

    It also lets in again at once who was throttled after failed logins.

    Example: hanhtrinh people password lan

    Example: hanhtrinh people password lan --password-file - < password.txt
    """
    secret, made = _password(ask, password_file, out)
    with opened(settings_of(context)) as connection, transaction(connection):
        person = known_account(connection, login).person
        try:
            store.set_password(connection, person, secret)
        except WeakPassword as error:
            raise InputError(str(error)) from None
        put_on_record(connection, person, "another password")
        if made:
            _hand_over(secret, out)
    say(f"{person.login}: has a new password, to be changed at the next login")


@app.command()
def token(
    context: typer.Context,
    login: Login,
    scope: Annotated[list[Scope], typer.Option(help="what it may be used for; several: one --scope each")],
    label: Annotated[str, typer.Option(help="what program it is for")],
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="how long it holds")] = 90,
    out: Out = None,
) -> None:
    """Make an API token that acts for somebody, and print its secret, once: it is kept as a hash only.

    It can do what its scopes say and the person may, and no more; it ends with its days or the account.

    Example: hanhtrinh people token lan --scope read --scope export --label "weekly report" --days 30
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        account = known_account(connection, login)
        if account.disabled_at is not None:
            raise InputError(f"{account.person.login} is disabled: `hanhtrinh people enable` first")
        try:
            number, secret = issue_token(connection, account.person, scope, label, int(time.time()), days)
        except PersonRefused as error:
            raise InputError(str(error)) from None
        scopes = ", ".join(scope)
        put_on_record(connection, account.person, f"token {number} ({scopes}) for {days} days: {label}")
        _hand_over(secret, out)
    say(f"{account.person.login}: token {number} holds for {days} days; `hanhtrinh people revoke {number}` ends it")


@app.command()
def tokens(context: typer.Context, login: Login) -> None:
    """Print somebody's tokens: what they are for, how long they hold, when they were last used.

    Example: hanhtrinh people tokens lan
    """
    with opened(settings_of(context)) as connection:
        kept = tokens_of(connection, known_account(connection, login).person)
    table = Table("token", "label", "scopes", "issued", "expires", "last used", "revoked")
    for one in kept:
        table.add_row(str(one.id), visible(one.label), ", ".join(one.scopes), show(one.issued_at), show(one.expires_at),
                      "never" if one.used_at is None else show(one.used_at),
                      "" if one.revoked_at is None else show(one.revoked_at))  # fmt: skip
    print_table(table) if kept else print("no tokens")


@app.command()
def revoke(
    context: typer.Context, number: Annotated[int, typer.Argument(metavar="TOKEN", help="as `people tokens` prints it")]
) -> None:
    """Make a token void at once.

    Example: hanhtrinh people revoke 3
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        person = revoke_token(connection, number, int(time.time()))
        if person is None:
            raise InputError(f"no token {number} holds; `hanhtrinh people tokens LOGIN` prints those of a person")
        put_on_record(connection, person, f"token {number} revoked")
    say(f"token {number} of {person.login}: void")


def _password(ask: bool, file: Path | None, out: Path | None) -> tuple[str, bool]:
    """A password, and whether it was made here; else it was given."""
    if (ask, file is not None, out is not None).count(True) > 1:
        raise InputError("take one of --ask, --password-file and --out: what is given is not printed or written again")
    if ask:
        return _asked(), False
    if file is None:
        return random_password(), True
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: the password cannot be read from it: {error}") from None
    return text.partition("\n")[0].removesuffix("\r"), False


def _asked() -> str:
    """A password typed twice, unseen. Raises InputError where there is no terminal that would hide it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            first, second = getpass.getpass("password: "), getpass.getpass("once more: ")
    except (getpass.GetPassWarning, EOFError):
        raise InputError("there is no terminal to ask at: take --password-file") from None
    if first != second:
        raise InputError("the two are not the same; nothing was changed")
    return first


def _hand_over(secret: str, out: Path | None) -> None:
    """Print a secret or write it to its file: before the commit, so that none is kept that nobody has."""
    if out is None:
        print(secret, flush=True)
    else:
        write_secret(out, f"{secret}\n".encode())
