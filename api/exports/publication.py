"""What makes a list a published one, and the words for it: number, cut-off, what its data reached, what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journey.localtime import ZONE, show


@dataclass(frozen=True, slots=True)
class Publication:
    """`number` in the year, such as 07/2026. `closed_at`: s UTC from which the week could be published.

    `touched`: the number of the last change of records that is in it; `waiting`: vehicle-days not judged yet;
    `other_rulebooks`: law versions and methods of findings that were not judged by the rulebook named.
    """

    number: str
    closed_at: int
    grace_days: int
    touched: int
    waiting: int = 0
    other_rulebooks: tuple[tuple[str, str], ...] = ()


def file_stem(week: str, amendment: int = 0) -> str:
    """How the files of a list begin, or of an amendment."""
    return f"danh-sach-{week}-sua-doi-{amendment}" if amendment else f"danh-sach-{week}"


def moment(time: int) -> datetime:
    """Local time of Unix seconds."""
    return datetime.fromtimestamp(time, ZONE)


def day_words(time: int) -> str:
    """16/03/2026."""
    year, month, day = show(time)[:10].split("-")
    return f"{day}/{month}/{year}"


def moment_words(time: int) -> str:
    """08:00:00 ngày 16/03/2026."""
    return f"{show(time)[11:19]} ngày {day_words(time)}"


def week_words(week: str, start: int, end: int) -> str:
    """Tuần 12 năm 2026 (từ 00:00 ngày 16/03/2026 đến 24:00 ngày 22/03/2026)."""
    year, number = week.split("-W")
    return f"Tuần {number} năm {year} (từ 00:00 ngày {day_words(start)} đến 24:00 ngày {day_words(end - 1)})"


def warnings(publication: Publication | None) -> list[str]:
    """What stands on the cover, since it may change what is listed; nothing where all is as it should be."""
    said = []
    if publication and publication.waiting:
        said.append(f"CHƯA ĐẦY ĐỦ: khi lập còn {publication.waiting} ngày-xe của kỳ này chưa được xét; "
                    "kết quả sẽ được bổ sung bằng bản sửa đổi.")  # fmt: skip
    for law, method in publication.other_rulebooks if publication else ():
        said.append(f"LƯU Ý: có phát hiện được xét theo bộ quy tắc {law}, {method}, khác bộ quy tắc hiện hành.")
    return said


def publication_notes(publication: Publication | None) -> list[tuple[str, str]]:
    """Label and text of the notes that a published list has and a draft has not."""
    if publication is None:
        return []
    closed = moment_words(publication.closed_at)
    return [
        ("Số", publication.number),
        (
            "Thời hạn khóa sổ",
            f"Tuần được khóa sổ lúc {closed}: {publication.grace_days} ngày sau khi tuần kết thúc, để nhận dữ liệu gửi "
            "muộn. Danh sách đã công bố không bị sửa; dữ liệu đến sau hoặc được đính chính làm thay đổi kết quả thì "
            "được công bố bằng bản sửa đổi có số và ngày riêng, nêu rõ lý do.",
        ),
        (
            "Mốc dữ liệu",
            f"Thay đổi số {publication.touched} trong sổ theo dõi dữ liệu là thay đổi cuối cùng được tính.",
        ),
        *(("Cảnh báo", text) for text in warnings(publication)),
    ]
