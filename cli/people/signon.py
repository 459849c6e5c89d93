"""`hanhtrinh people bind`, `unbind`: who of an OpenID provider has which account. Docs: docs/administrator.md."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.people.accounts import Login, known_account, put_on_record, say
from cli.reference import InputError
from cli.root import opened, settings_of
from storage.database import transaction
from storage.people import signon as store
from storage.people.accounts import PersonRefused


def bind(
    context: typer.Context,
    login: Login,
    subject: Annotated[str | None, typer.Option(help="who it is at the provider, as its ID tokens say (`sub`)")] = None,
    email: Annotated[str | None, typer.Option(help="or the address that the provider has verified: the account is "
                                                   "bound for good to whoever first logs in with it")] = None,
    issuer: Annotated[str | None, typer.Option(help="the provider; by default that of HANHTRINH_OIDC_ISSUER")] = None,
) -> None:  # fmt: skip
    """Let somebody log in to an account by the OpenID provider. What he may do stays what the account may.

    An account has one such person; binding it again takes the place of what was bound. Its password holds beside it.

    Example: hanhtrinh people bind lan --email lan@langson.example

    Example: hanhtrinh people bind lan --subject 7f3c1d20-55aa
    """
    settings = settings_of(context)
    provider = issuer or settings.oidc_issuer
    if provider is None:
        raise InputError("no provider is set: give --issuer, or set HANHTRINH_OIDC_ISSUER (docs/administrator.md)")
    with opened(settings) as connection, transaction(connection):
        person = known_account(connection, login).person
        try:
            who = store.bind(connection, person, provider, subject, email)
        except PersonRefused as error:
            raise InputError(str(error)) from None
        put_on_record(connection, person, f"bound to {who} of {provider}")
    say(f"{person.login}: may log in as {who} of {provider}")


def unbind(context: typer.Context, login: Login) -> None:
    """Let nobody log in to an account by the OpenID provider any longer; sessions by it end at once.

    Example: hanhtrinh people unbind lan
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        person = known_account(connection, login).person
        if not store.unbind(connection, person):
            raise InputError(f"{person.login} is bound to nobody")
        put_on_record(connection, person, "bound to nobody")
    say(f"{person.login}: is bound to nobody")
