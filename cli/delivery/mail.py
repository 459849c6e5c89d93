"""Delivery by e-mail: one message to all addresses of a recipient or to none, over TLS, always of one Message-ID."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from mimetypes import guess_type

from cli.delivery.parcel import MAYBE, NotDelivered, Parcel
from cli.delivery.settings import Email, read_secret
from journey.localtime import ZONE

_ACCEPTED = 250


def send(to: Email, parcel: Parcel) -> str:
    """Send the message; the receipt is what the server answered when it took it over."""
    content = message(to, parcel).as_bytes()
    try:
        password = None if to.password_file is None else read_secret(to.password_file)
        context = ssl.create_default_context(cafile=to.ca_file)
        server: smtplib.SMTP
        if to.tls == "implicit":
            server = smtplib.SMTP_SSL(to.host, to.port, timeout=to.timeout_s, context=context)
        else:
            server = smtplib.SMTP(to.host, to.port, timeout=to.timeout_s)
        try:
            if to.tls == "starttls":
                server.starttls(context=context)
            if to.user is not None and password is not None:
                server.login(to.user, password)
            return f"{_hand_over(server, to, content)}; Message-ID {message_id(to, parcel.key)}"
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()
    except smtplib.SMTPAuthenticationError as error:
        raise NotDelivered(f"{to.host}: refuses the login of {to.user} ({error.smtp_code})") from None
    except ssl.SSLCertVerificationError as error:
        raise NotDelivered(
            f"{to.host}: its certificate is not trusted: {error.verify_message}; nothing was sent"
        ) from error
    except (TimeoutError, smtplib.SMTPServerDisconnected) as error:
        raise NotDelivered(f"{to.host}: no answer ({error}); it {MAYBE} what was sent") from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{to.host}: {error or type(error).__name__}") from error
    except ValueError as error:
        raise NotDelivered(str(error)) from error


def _hand_over(server: smtplib.SMTP, to: Email, content: bytes) -> str:
    """All addresses are asked first: where one is refused the message goes to nobody."""
    server.ehlo_or_helo_if_needed()
    limit = server.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(content):
        said = f"{to.host}: takes messages up to {limit} bytes, this one has {len(content)}"
        raise NotDelivered(f"{said}: send fewer files (only), or by another channel", reached=True)
    code, answer = server.mail(to.sender, [f"size={len(content)}"] if limit else [])
    if code != _ACCEPTED:
        raise NotDelivered(f"{to.host}: refuses the sender {to.sender}: {code} {_text(answer)}", reached=True)
    for address in to.to:
        code, answer = server.rcpt(address)
        if code not in (_ACCEPTED, _ACCEPTED + 1):
            server.rset()
            raise NotDelivered(f"{to.host}: refuses {address}, so that nobody was sent it: {code} {_text(answer)}",
                               reached=True)  # fmt: skip
    code, answer = server.data(content)
    if code != _ACCEPTED:
        raise NotDelivered(f"{to.host}: did not take the message: {code} {_text(answer)}", reached=True)
    return f"taken over by {to.host} for {len(to.to)} addresses: {code} {_text(answer)}"


def message_id(to: Email, key: str) -> str:
    """The same in every attempt, so that mail systems and readers can tell a repeat."""
    return f"<{key}@{to.sender.rpartition('@')[2]}>"


def message(to: Email, parcel: Parcel) -> EmailMessage:
    """The same bytes in every attempt."""
    made = EmailMessage(policy=POLICY)
    made["Subject"] = parcel.subject
    made["From"], made["To"] = to.sender, ", ".join(to.to)
    made["Date"] = format_datetime(datetime.fromtimestamp(parcel.made_at, UTC).astimezone(ZONE))
    made["Message-ID"] = message_id(to, parcel.key)
    made["Idempotency-Key"] = parcel.key
    made.set_content(parcel.words)
    for name, content in parcel.files.items():
        kind, _, subtype = (guess_type(name)[0] or "application/octet-stream").partition("/")
        made.add_attachment(content, maintype=kind if kind != "text" else "application", subtype=subtype, filename=name)
    made.set_boundary(f"=={parcel.key}==")
    return made


def _text(answer: bytes) -> str:
    return answer.decode(errors="replace")
