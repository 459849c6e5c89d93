"""`hanhtrinh access`: secrets of senders, and the brokers' files that are made of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.access import mosquitto_files, rabbitmq_files
from cli.access.names import not_for_mosquitto, not_for_rabbitmq, topic
from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import opened, settings_of
from cli.secretfile import opened_secret, write_secret
from cli.tables import print_table
from cli.visible import visible
from journey.localtime import show
from storage import access as secrets
from storage.access import CONSUMER, AccessKey
from storage.database import Connection

app = typer.Typer(name="access", help="Who may send live data: secrets, and the brokers' own files.",
                  no_args_is_help=True)  # fmt: skip
_OURS = "our own account"


@app.command()
def issue(
    context: typer.Context,
    sender: Annotated[str | None, typer.Argument(help="id of an operator or provider of the registry")] = None,
    consumer: Annotated[bool, typer.Option("--consumer", help="for our own account at the brokers instead")] = False,
    out: Annotated[
        Path | None, typer.Option(help="write the secret to this file (mode 600) instead of printing it")
    ] = None,
) -> None:
    """Make a new secret for a sender and print it, once: it is kept as hashes only. The one before is void.

    The same secret serves as MQTT password, AMQP password (user name: the sender's id) and HTTP bearer token. HTTP
    knows it at once, the brokers when their files are written again (`access mosquitto`, `access rabbitmq`) and loaded.

    Example: hanhtrinh access issue NCC1 --out ncc1.secret
    """
    if (sender is None) != consumer:
        raise InputError("name a sender, or --consumer for our own account")
    if sender == CONSUMER:
        raise InputError(f"{CONSUMER!r} is our own account: write --consumer")
    name = CONSUMER if sender is None else sender
    with opened(settings_of(context)) as connection:
        if out is None:
            print(_issued(connection, name))
        else:
            with opened_secret(out) as file:  # before the old secret is void
                file.write(f"{_issued(connection, name)}\n".encode())
    _say(f"{name}: holds a new secret, the one before is void; the brokers learn it from `hanhtrinh access mosquitto` "
         "or `rabbitmq`")  # fmt: skip


def _issued(connection: Connection, name: str) -> str:
    try:
        return secrets.issue(connection, name)
    except LookupError as error:
        raise InputError(f"{error}; `hanhtrinh import` takes a registry in") from None


@app.command()
def revoke(
    context: typer.Context,
    sender: Annotated[str, typer.Argument(help=f"id of the sender; {CONSUMER} is our own account")],
) -> None:
    """Make a sender's secret void. HTTP refuses it at once, the brokers when their files are written again and loaded.

    Example: hanhtrinh access revoke NCC1
    """
    with opened(settings_of(context)) as connection:
        if not secrets.revoke(connection, sender):
            raise InputError(f"{sender!r} holds no secret; `hanhtrinh access list` names who does")
    _say(f"{sender}: its secret is void; the brokers learn it from `hanhtrinh access mosquitto` or `rabbitmq`")


@app.command("list")
def list_holders(context: typer.Context) -> None:
    """Print who holds a secret and since when. The secrets are not known here.

    Example: hanhtrinh access list
    """
    with opened(settings_of(context)) as connection:
        keys = secrets.access_keys(connection)
    table = Table("sender", "is", "name", "holds a secret since")
    for key in keys:
        what = _OURS if key.sender == CONSUMER else key.kind or "not in the registry: revoke it"
        table.add_row(visible(key.sender), what, visible(key.name), show(key.issued_at))
    print_table(table)


@app.command()
def mosquitto(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="where passwd, acl and mosquitto.conf go")],
    form: Annotated[str, typer.Option("--topic", help="where each sender may write")] = "tracking/{sender}/#",
) -> None:
    """Write Mosquitto's files: who may log in (passwd), who may write where (acl), and a part of mosquitto.conf.

    Every sender that holds a secret may write to its own topics only; our own account may read those of all. Load them
    by `systemctl reload mosquitto`. The same registry and secrets give the same bytes.

    Example: hanhtrinh access mosquitto /etc/mosquitto/hanhtrinh
    """
    levels = topic(form)
    with opened(settings_of(context)) as connection:
        keys = _usable(secrets.access_keys(connection), lambda sender: not_for_mosquitto(sender, levels))
    _make(folder)
    write_secret(folder / "passwd", mosquitto_files.passwd(keys))
    # It holds no hash, but Mosquitto warns of one that others can read.
    write_secret(folder / "acl", mosquitto_files.acl(keys, levels))
    write_whole(folder / "mosquitto.conf", mosquitto_files.conf(folder))
    for name in ("passwd", "acl", "mosquitto.conf"):
        print(folder / name)


@app.command()
def rabbitmq(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="where definitions.json goes")],
    vhost: Annotated[str, typer.Option(help="virtual host of all of it")] = "/",
    exchange: Annotated[str, typer.Option(help="the exchange of each sender")] = "tracking.{sender}",
    queue: Annotated[str, typer.Option(help="our queue")] = CONSUMER,
    routing_key: Annotated[str, typer.Option(help="routing key of senders' messages")] = "track1",
) -> None:
    """Write RabbitMQ's definitions: users and their rights, exchanges, our durable queue and its bindings.

    Every sender that holds a secret may publish to its own exchange only; our own account may read our queue. Load them
    by `rabbitmqctl import_definitions FOLDER/definitions.json`. A connection that is open lives on: end those of a
    revoked sender by `rabbitmqctl close_all_user_connections SENDER revoked`. The same registry and secrets give the
    same bytes. In the settings of the connection then write `declare = false` and the same `queue`.

    Example: hanhtrinh access rabbitmq /etc/rabbitmq/hanhtrinh
    """
    named = rabbitmq_files.layout(vhost, exchange, queue, routing_key)
    taken = frozenset((named.unrouted,))
    with opened(settings_of(context)) as connection:
        every, past = secrets.access_keys(connection), secrets.past_senders(connection)
    keys = _usable(every, lambda sender: not_for_rabbitmq(sender, named.exchange_of(sender), taken))
    # Names that were never written there stay out: with what the broker makes of them they could hit another account.
    locked = [name for name in sorted({*past, *(key.sender for key in every)} - {key.sender for key in keys})
              if not_for_rabbitmq(name, named.exchange_of(name), taken) is None]  # fmt: skip
    _make(folder)
    write_secret(folder / "definitions.json", rabbitmq_files.definitions(keys, locked, named))
    print(folder / "definitions.json")
    for name in locked:
        _say(f"{name}: locked out; end what it has open: rabbitmqctl close_all_user_connections '{name}' revoked")


def _usable(keys: Sequence[AccessKey], why_not: Callable[[str], str | None]) -> list[AccessKey]:
    """Those that get an account at the broker; says who does not, and why. Raises InputError where two would be one."""
    usable = []
    for key in keys:
        if key.sender == CONSUMER:
            if key.kind:
                raise InputError(f"the registry has the {key.kind} {CONSUMER!r}, the name of our own account: "
                                 "give it another id")  # fmt: skip
            usable.append(key)
        elif not key.kind:
            _say(f"{key.sender}: left out: the registry no longer names it; `hanhtrinh access revoke` makes it void")
        elif (why := why_not(key.sender)) is not None:
            _say(f"{key.sender}: left out: {why}; give it another id in the registry, and a new secret")
        else:
            usable.append(key)
    if not any(key.sender == CONSUMER for key in usable):
        _say("our own account holds no secret and is left out: `hanhtrinh access issue --consumer`")
    return usable


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}; name another folder") from None


def _say(text: str) -> None:
    print(visible(text), file=sys.stderr)
