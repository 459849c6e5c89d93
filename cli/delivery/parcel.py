"""What a recipient gets of one published list or amendment, or of a month's papers: the files as they went out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from api import verify
from api.exports.publication import file_stem
from cli.lists.sealing import seal_files
from storage.database import Connection
from storage.lists.papers import MonthPapers, papers_kept, papers_of, sums_name
from storage.lists.published import Published, every_published, files_of

MAYBE = "may have taken"  # of a failure that left the receiver with or without the list
LISTS, PAPERS = "lists", "papers"


class NotDelivered(Exception):  # noqa: N818
    """The recipient did not get it, or it is not known. `reached`: the other side answered, so that others may pass."""

    def __init__(self, text: str, reached: bool = False) -> None:
        super().__init__(" ".join(text.split())[:500])
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing that goes to recipients. of: position of a list, or month of papers. title, stem: as people know it.

    series: what it follows on: an amendment never arrives before its list. digest: SHA-256 of what names every file.
    """

    of: int | str
    title: str
    stem: str
    series: str
    made_at: int
    digest: str
    content: Published | MonthPapers


@dataclass(frozen=True, slots=True)
class Parcel:
    """files: by name in the order of sending; the manifest or the sums come last, so that where they lie all lies.

    key: the same whenever this goes to this recipient. subject, words: of the letter that goes with it.
    """

    stem: str
    subject: str
    words: str
    made_at: int
    key: str
    files: dict[str, bytes]

    @property
    def size(self) -> int:
        return sum(len(content) for content in self.files.values())


def outgoing(connection: Connection) -> list[Outgoing]:
    """All that was published, then all papers that are kept, in order. Inside the open transaction."""
    lists = [
        Outgoing(one.position, one.title, file_stem(one.week, one.amendment), one.week, one.made_at, one.manifest_hash,
                 one)
        for one in every_published(connection)
    ]  # fmt: skip
    papers = [
        Outgoing(one.month, one.month, sums_name(one.month).removesuffix(".sha256"), one.month, one.made_at,
                 hashlib.sha256(one.sums).hexdigest(), one)
        for one in papers_kept(connection)
    ]  # fmt: skip
    return lists + papers


def kind_of(one: Outgoing) -> str:
    """As a recipient's `what` names it."""
    return LISTS if isinstance(one.content, Published) else PAPERS


def parcel_key(one: Outgoing, recipient: str) -> str:
    """Idempotency key: of the digest and the recipient's name."""
    return hashlib.sha256(f"{one.digest} {recipient}".encode()).hexdigest()[:40]


def parcel_of(connection: Connection, one: Outgoing, recipient: str, only: tuple[str, ...]) -> Parcel:
    """Args: only: endings of wanted files, such as .xlsx; empty: all. Manifest and seal, or sums, go in any case."""
    key = parcel_key(one, recipient)
    if isinstance(one.content, Published):
        subject, words = _letter_of_list(one, one.content)
        return Parcel(one.stem, subject, words, one.made_at, key, _list_files(connection, one.content, one.stem, only))
    month, sums = one.content.month, sums_name(one.content.month)
    files = papers_of(connection, month)
    files = {name: content for name, content in files.items() if not only or name == sums or name.endswith(only)}
    words = (
        f"Kính gửi,\n\nGửi kèm các báo cáo tháng {month}.\n\nMã SHA-256 của tệp {sums}:\n{one.digest}\n\n"
        f"Kiểm tra các tệp: lưu vào một thư mục và chạy  sha256sum -c --ignore-missing {sums}\n"
    )
    return Parcel(one.stem, f"Báo cáo tháng {month}", words, one.made_at, key, files)


def _list_files(connection: Connection, one: Published, stem: str, only: tuple[str, ...]) -> dict[str, bytes]:
    files = {file: content for file, content in files_of(connection, one).items() if not only or file.endswith(only)}
    seal = seal_files(one, stem)
    manifest = f"{stem}{verify.MANIFEST}"
    files |= {file: content for file, content in seal.items() if file != manifest}
    files[manifest] = seal[manifest]
    return files


def _letter_of_list(outgoing_: Outgoing, one: Published) -> tuple[str, str]:
    kind = f"sửa đổi, bổ sung lần {one.amendment} của danh sách" if one.amendment else "danh sách"
    return f"Số {one.title}: {kind} tuần {one.week}", (
        f"Kính gửi,\n\nGửi kèm {kind} tuần {one.week}, số {one.title}.\n\n"
        f"Mã SHA-256 của tệp {outgoing_.stem}.manifest.json:\n{one.manifest_hash}\n\n"
        "Kiểm tra các tệp: lưu vào một thư mục và chạy  python3 verify.py --key KHÓA_CÔNG_KHAI\n"
    )
