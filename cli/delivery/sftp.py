"""Delivery over SFTP: under another name first, then renamed, the manifest last; to a server of the known key only."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath

import asyncssh

from cli.delivery.parcel import NotDelivered, Parcel
from cli.delivery.settings import Sftp, read_secret


def send(to: Sftp, parcel: Parcel) -> str:
    """Send what does not lie there yet as it should; the receipt says what the server states."""
    try:
        return asyncio.run(asyncio.wait_for(_send(to, parcel), to.timeout_s))
    except TimeoutError:
        raise NotDelivered(f"{to.host}: not done within {to.timeout_s:g} s") from None
    except asyncssh.HostKeyNotVerifiable:
        said = f"{to.host}: its host key is not the one in the settings: nothing was sent"
        raise NotDelivered(f"{said}; ask its owner by another way before you change host_key") from None
    except asyncssh.PermissionDenied:
        raise NotDelivered(f"{to.host}: refuses the login of {to.user}") from None
    except asyncssh.SFTPError as error:
        raise NotDelivered(f"{to.host}: {to.folder}: {error.reason}", reached=True) from error
    except (OSError, asyncssh.Error) as error:
        raise NotDelivered(f"{to.host}: {error or type(error).__name__}") from error
    except ValueError as error:  # a key or secret that cannot be used
        raise NotDelivered(str(error)) from error


async def _send(to: Sftp, parcel: Parcel) -> str:
    trusted = asyncssh.import_public_key(to.host_key)
    password = None if to.password_file is None else read_secret(to.password_file)
    keys = [] if to.key_file is None else [asyncssh.import_private_key(read_secret(to.key_file) + "\n")]
    connection = await asyncssh.connect(
        to.host, to.port, username=to.user, password=password, client_keys=keys, agent_path=None, config=None,
        known_hosts=([trusted], [], []),
    )  # fmt: skip
    try:
        return await _hand_over(connection, to, parcel)
    finally:
        connection.abort()  # all is confirmed by now, or given up: to part politely could take for ever


async def _hand_over(connection: asyncssh.SSHClientConnection, to: Sftp, parcel: Parcel) -> str:
    server, sent = await connection.start_sftp_client(), 0
    for name, content in parcel.files.items():
        path = posixpath.join(to.folder, name)
        if await _read(server, path, len(content)) != content:
            await _put(server, path, content, parcel.key)
            sent += 1
    manifest, content = next(reversed(parcel.files.items()))
    if await _read(server, posixpath.join(to.folder, manifest), len(content)) != content:
        raise NotDelivered(f"{to.host}: {manifest} was read back otherwise than sent", reached=True)
    version, digest = connection.get_extra_info("server_version", ""), hashlib.sha256(content).hexdigest()
    return f"{len(parcel.files)} files, {sent} sent, to {version}; manifest read back, SHA-256 {digest}"


async def _put(server: asyncssh.SFTPClient, path: str, content: bytes, key: str) -> None:
    partial = f"{path}.{key[:8]}.part"
    file = await server.open(partial, "wb")
    await file.write(content)
    await file.close()
    size = (await server.stat(partial)).size
    if size != len(content):
        raise NotDelivered(f"{partial}: the server states {size} bytes of {len(content)}", reached=True)
    try:
        await server.posix_rename(partial, path)
    except asyncssh.SFTPOpUnsupported:  # an old server renames only to what is not there
        if await server.exists(path):
            await server.remove(path)
        await server.rename(partial, path)


async def _read(server: asyncssh.SFTPClient, path: str, size: int) -> bytes | None:
    """What lies there; None where nothing does, or something of another size."""
    try:
        if (await server.stat(path)).size != size:
            return None
        file = await server.open(path, "rb")
        content: bytes | str = await file.read()
        await file.close()
        return content if isinstance(content, bytes) else None
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied):  # a box that one only puts into
        return None
