"""Each channel, to a real server: what arrives is what was published, to the byte, and the receipt is on record."""

from __future__ import annotations

import email
import io
import ssl
import zipfile
from email.policy import default
from pathlib import Path

import asyncssh
import pytest

from api import verify
from tests.brokers.certificates import Certificates
from tests.cli.command import Done
from tests.delivery.sample import NAMES, deliver, details, log, write
from tests.delivery.servers import USER, Mailbox, Receiver, Sftp
from tests.lists.sample import Office

BOTH = [(1, 1, "begun"), (1, 1, "delivered"), (2, 1, "begun"), (2, 1, "delivered")]


def steps(office: Office) -> list[tuple[int, int, str]]:
    return [(position, attempt, step) for position, _, attempt, step in log(office)]


def same(folder: Path, office: Office) -> None:
    """A folder holds all that was published, and verifies."""
    there = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(there) == sorted([*NAMES, "verify.py"])
    assert there == office.bytes_of_lists()
    assert not verify.verify(folder, []).faults


def test_a_folder(sender: Office, tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    settings = write(tmp_path / "d.toml", {"channel": "drop", "folder": tmp_path / "drop"})
    done = deliver(sender, settings)
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    same(tmp_path / "drop", sender)
    assert steps(sender) == BOTH
    assert "manifest read back, SHA-256" in details(sender, "delivered")[0]
    again = deliver(sender, settings)
    assert (again.code, again.out) == (0, "")
    assert steps(sender) == BOTH


def test_sftp_with_a_password(sender: Office, tmp_path: Path, secret: Path) -> None:
    rig = Sftp(tmp_path / "server")
    (tmp_path / "server" / "in").mkdir(parents=True)
    with rig.up():
        settings = write(tmp_path / "d.toml", {
            "channel": "sftp", "host": "127.0.0.1", "port": rig.port, "user": USER, "folder": "in",
            "host_key": rig.host_key, "password_file": secret,
        })  # fmt: skip
        done = deliver(sender, settings)
    assert done.code == 0, done
    same(tmp_path / "server" / "in", sender)
    assert steps(sender) == BOTH
    assert "9 files, 9 sent" in details(sender, "delivered")[0]
    assert "7 files, 6 sent" in details(sender, "delivered")[1]  # verify.py lay there already


def test_sftp_with_a_key(sender: Office, tmp_path: Path) -> None:
    """The key of the settings lets in, another does not; a server of another host key gets nothing."""
    mine, other = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    for name, made in (("mine", mine), ("other", other)):
        path = tmp_path / name
        path.write_bytes(made.export_private_key())
        path.chmod(0o600)
    rig = Sftp(tmp_path / "server", client=mine)
    inside = tmp_path / "server" / "in"
    inside.mkdir(parents=True)

    def delivered(key: str, host_key: str) -> Done:
        settings = write(tmp_path / "d.toml", {
            "channel": "sftp", "host": "127.0.0.1", "port": rig.port, "user": USER, "folder": "in",
            "host_key": host_key, "key_file": tmp_path / key,
        })  # fmt: skip
        return deliver(sender, settings, "--now")

    with rig.up():
        assert delivered("other", rig.host_key).code == 1
        assert "refuses the login of department" in details(sender, "failed")[-1]
        stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        assert delivered("mine", stranger).code == 1
        assert "its host key is not the one in the settings: nothing was sent" in details(sender, "failed")[-1]
        assert list(inside.iterdir()) == []
        assert delivered("mine", rig.host_key).code == 0
    same(inside, sender)


def test_mail_over_tls_that_is_asked_for(
    sender: Office, tmp_path: Path, secret: Path, certificates: Certificates
) -> None:
    for starttls in (True, False):
        _mail(sender, tmp_path, secret, certificates, starttls)


def _mail(sender: Office, folder: Path, secret: Path, certificates: Certificates, starttls: bool) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificates.server)
    rig = Mailbox(tls, starttls=starttls)
    with rig.up():
        settings = write(folder / "d.toml", {
            "channel": "email", "name": f"mail-{starttls}", "host": "localhost", "port": rig.port,
            "ca_file": certificates.authority.certificate, "sender": "lists@example.vn",
            "to": ["a@example.vn", "b@example.vn"], "tls": "starttls" if starttls else "implicit",
        } | ({"user": USER, "password_file": secret} if starttls else {}))  # fmt: skip
        done = deliver(sender, settings)
    assert done.code == 0, done
    assert [one.rcpt_tos for one in rig.messages] == [["a@example.vn", "b@example.vn"]] * 2
    read = [email.message_from_bytes(one.content or b"", policy=default) for one in rig.messages]  # type: ignore[arg-type]
    assert read[0]["Subject"] == "Số 01/2025: danh sách tuần 2025-W10"
    assert read[1]["Subject"] == "Số 02/2025: sửa đổi, bổ sung lần 1 của danh sách tuần 2025-W10"
    assert len({one["Message-ID"] for one in read}) == 2
    got = {part.get_filename(): part.get_payload(decode=True) for one in read for part in one.iter_attachments()}
    assert got == sender.bytes_of_lists()
    assert "queued as 4711; Message-ID <" in details(sender, "delivered")[-1]


def test_only_some_files_and_the_seal(sender: Office, tmp_path: Path) -> None:
    rig = Mailbox()
    with rig.up():
        settings = write(tmp_path / "d.toml", {
            "channel": "email", "host": "127.0.0.1", "port": rig.port, "tls": "none", "sender": "l@example.vn",
            "to": ["a@example.vn"], "only": [".xlsx"], "since": "2025-03-16",
        })  # fmt: skip
        assert deliver(sender, settings).code == 0
    (one,) = rig.messages
    names = [
        part.get_filename() for part in email.message_from_bytes(one.content or b"", policy=default).iter_attachments()
    ]  # type: ignore[arg-type, attr-defined]
    stem = "danh-sach-2025-W10-sua-doi-1"
    assert sorted(names) == sorted([f"{stem}.xlsx", f"{stem}.manifest.sig", f"{stem}.manifest.json", "verify.py"])
    assert [(position, step) for position, _, _, step in log(sender)] == [(2, "begun"), (2, "delivered")]


def test_http(sender: Office, tmp_path: Path, secret: Path, certificates: Certificates) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificates.server)
    rig = Receiver(tls)
    with rig.up():
        settings = write(tmp_path / "d.toml", {
            "channel": "http", "url": f"https://localhost:{rig.port}/lists", "token_file": secret,
            "ca_file": certificates.authority.certificate,
        })  # fmt: skip
        done = deliver(sender, settings)
    assert done.code == 0, done
    got = {}
    for headers, body in rig.posts:
        assert headers["authorization"] == "Bearer geheim"
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            got |= {name: archive.read(name) for name in archive.namelist()}
    assert got == sender.bytes_of_lists()
    assert len({headers["idempotency-key"] for headers, _ in rig.posts}) == 2
    assert details(sender, "delivered") == ['answered 201: {"receipt": "A-17"}'] * 2


def test_a_certificate_that_is_not_trusted_gets_nothing(
    sender: Office, tmp_path: Path, secret: Path, certificates: Certificates
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificates.strange.server())
    http, mail = Receiver(tls), Mailbox(tls)
    with http.up(), mail.up():
        ca = certificates.authority.certificate
        settings = write(
            tmp_path / "d.toml",
            {"channel": "http", "url": f"https://localhost:{http.port}/", "token_file": secret, "ca_file": ca},
            {"channel": "email", "host": "localhost", "port": mail.port, "ca_file": ca, "sender": "l@example.vn",
             "to": ["a@example.vn"], "user": USER, "password_file": secret},
        )  # fmt: skip
        done = deliver(sender, settings)
    assert done.code == 1
    assert (http.posts, mail.messages) == ([], [])
    assert all("certificate" in said.lower() for said in details(sender, "failed"))
    assert [step for *_, step in log(sender)] == ["begun", "failed"] * 2


@pytest.mark.parametrize("text", ["Traceback", "geheim"])
def test_no_secret_is_printed(sender: Office, tmp_path: Path, secret: Path, text: str) -> None:
    rig = Sftp(tmp_path)
    with rig.up():
        settings = write(tmp_path / "d.toml", {
            "channel": "sftp", "host": "127.0.0.1", "port": rig.port, "user": "nobody", "host_key": rig.host_key,
            "password_file": secret,
        })  # fmt: skip
        done = deliver(sender, settings)
    assert done.code == 1
    assert "refuses the login of nobody" in done.err
    assert text not in done.out + done.err + "".join(details(sender, "failed"))
