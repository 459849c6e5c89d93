"""What a recipient gets of one published list or amendment: its files and its seal, as they went out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from api import verify
from api.exports.publication import file_stem
from cli.sealing import seal_files
from storage.database import Connection
from storage.lists import Published, files_of

MAYBE = "may have taken"  # of a failure that left the receiver with or without the list


class NotDelivered(Exception):  # noqa: N818
    """The recipient did not get it, or it is not known. `reached`: the other side answered, so that others may pass."""

    def __init__(self, text: str, reached: bool = False) -> None:
        super().__init__(" ".join(text.split())[:500])
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Parcel:
    """files: by name in the order of sending; the manifest comes last, so that where it lies all lies.

    key: the same whenever this list goes to this recipient.
    """

    title: str
    week: str
    amendment: int
    made_at: int
    manifest_hash: str
    key: str
    files: dict[str, bytes]

    @property
    def stem(self) -> str:
        return file_stem(self.week, self.amendment)

    @property
    def size(self) -> int:
        return sum(len(content) for content in self.files.values())


def parcel_key(one: Published, recipient: str) -> str:
    """Idempotency key: of the manifest's hash and the recipient's name."""
    return hashlib.sha256(f"{one.manifest_hash} {recipient}".encode()).hexdigest()[:40]


def parcel_of(connection: Connection, one: Published, recipient: str, only: tuple[str, ...]) -> Parcel:
    """Args: only: endings of the files that are wanted, such as .xlsx; empty: all. Manifest and seal always go."""
    name = file_stem(one.week, one.amendment)
    files = {file: content for file, content in files_of(connection, one).items() if not only or file.endswith(only)}
    seal = seal_files(one, name)
    manifest = f"{name}{verify.MANIFEST}"
    files |= {file: content for file, content in seal.items() if file != manifest}
    files[manifest] = seal[manifest]
    return Parcel(one.title, one.week, one.amendment, one.made_at, one.manifest_hash, parcel_key(one, recipient), files)
