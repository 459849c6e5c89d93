"""An amendment of a published list as data: what was added, withdrawn, changed, why, and what had been said before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from api.exports import wording
from api.exports.publication import Publication, moment_words, week_words
from api.exports.weekly_csv import Owner
from journey.model import Finding
from journey.registry import Operator


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


TITLE = f"SỬA ĐỔI, BỔ SUNG {wording.TITLE}"
CHANGES = {Change.ADDED: "Bổ sung", Change.CHANGED: "Sửa đổi", Change.WITHDRAWN: "Rút khỏi danh sách"}
# Reasons as the store keeps them.
REASONS = {
    "late or corrected data": "Dữ liệu đến muộn hoặc được đính chính",
    "law": "Bộ quy tắc pháp luật thay đổi",
    "method": "Phương pháp tính thay đổi",
    "code": "Phần mềm thay đổi",
    "unrecorded": "Không rõ: kho dữ liệu đã bị thay đổi ngoài quy trình tính toán",
    "case": "Theo hồ sơ giải trình, khiếu nại",
    "instrument": "Thiết bị cân bị cảnh báo lệch vào lúc cân: nay chỉ để xem xét",
    "grade": "Nay chỉ còn ở mức “cần xem xét”",
}
_ORDER = list(Change)


class _Nobody(NamedTuple):
    id: str | None
    name: str
    tax_code: str | None


@dataclass(frozen=True, slots=True)
class AmendedEntry:
    """One finding: `now` None where it was withdrawn, `before` None where it was added.

    `reasons`: as the store keeps them, in the order in which they came. `run`: the computation that changed it.
    """

    change: Change
    id: str
    now: Finding | None
    before: Finding | None
    reasons: tuple[str, ...]
    run: str

    @property
    def said(self) -> Finding:
        """What stands, or what stood."""
        finding = self.now or self.before
        if finding is None:
            raise ValueError(f"entry {self.id} has neither a state before nor one now")
        return finding


@dataclass(frozen=True, slots=True)
class Amendment:
    """The `ordinal`-th amendment of a week's list. Times are Unix seconds.

    `amends`: numbers of the list and of the amendments before this one, with the moments of their publication.
    `listed_before`, `listed_after`: entries of the list before and after it.
    """

    week: str
    start: int
    end: int
    ordinal: int
    made_at: int
    authority: str
    place: str
    law_version: str
    method: str
    code_version: str
    amends: tuple[tuple[str, int], ...]
    publication: Publication
    listed_before: int
    listed_after: int
    operators: Mapping[str, Operator]
    entries: tuple[AmendedEntry, ...]

    def owner(self, finding: Finding) -> Owner:
        """The operator of a finding's vehicle, as the registry names it now."""
        if not finding.operator:
            return _Nobody(None, wording.UNREGISTERED, None)
        return self.operators.get(finding.operator) or _Nobody(finding.operator, finding.operator, None)

    def count(self, change: Change) -> int:
        return sum(entry.change == change for entry in self.entries)


def ordered(entries: Iterable[AmendedEntry], operators: Mapping[str, Operator]) -> tuple[AmendedEntry, ...]:
    """Entries in the order of print: operator, kind of change, rule, vehicle, time."""

    def key(entry: AmendedEntry) -> tuple[object, ...]:
        finding = entry.said
        operator = operators.get(finding.operator or "")
        name = operator.name if operator else finding.operator or ""
        return (not finding.operator, wording.collation(name), finding.operator or "", _ORDER.index(entry.change),
                finding.rule, finding.vehicle, finding.driver or "", finding.at, entry.id)  # fmt: skip

    return tuple(sorted(entries, key=key))


def period(amendment: Amendment) -> str:
    return week_words(amendment.week, amendment.start, amendment.end)


def amends(amendment: Amendment) -> str:
    """Sửa đổi danh sách số 07/2026 (công bố 08:00:00 ngày 28/03/2026)."""
    (number, made_at), *later = amendment.amends
    text = f"Sửa đổi danh sách số {number} (công bố lúc {moment_words(made_at)})"
    if later:
        before = ", ".join(f"số {number} (lúc {moment_words(made)})" for number, made in later)
        text += f", đã được sửa đổi bởi {before}"
    return text + "."


def counted(amendment: Amendment) -> str:
    parts = ", ".join(f"{CHANGES[change].lower()}: {amendment.count(change)}" for change in Change)
    return (f"Số phát hiện {parts}. Trước sửa đổi danh sách có {amendment.listed_before} phát hiện, "
            f"sau sửa đổi có {amendment.listed_after}. Lập lúc {moment_words(amendment.made_at)}.")  # fmt: skip


def reason(entry: AmendedEntry) -> str:
    """Why, in words; a reason without words stands as it is."""
    return "; ".join(REASONS.get(code, code) for code in entry.reasons)


def difference(entry: AmendedEntry, owner_before: str, owner_now: str) -> str:
    """What was said before and is no longer so, field by field, in words."""
    before, now = entry.before, entry.now
    if before is None or now is None:
        return ""
    pairs = [
        ("đơn vị", owner_before, owner_now),
        ("mức", wording.band(before), wording.band(now)),
        ("kết thúc", moment_words(before.end), moment_words(now.end)),
        ("trị số đo", _figure(before.measured), _figure(now.measured)),
        ("giới hạn", _figure(before.limit), _figure(now.limit)),
        ("vượt", _figure(before.excess), _figure(now.excess)),
        ("đơn vị tính", wording.unit(before.unit), wording.unit(now.unit)),
        ("ghi chú", wording.remark(before), wording.remark(now)),
        ("căn cứ", wording.basis(before.law), wording.basis(now.law)),
    ]
    said = [f"{name}: {old or '–'} → {new or '–'}" for name, old, new in pairs if old != new]
    if not said and before.law != now.law:
        said.append("trị số của căn cứ pháp lý hoặc phương pháp")
    return "; ".join(said) or "chi tiết tính toán; các trị số công bố không đổi"


def _figure(value: float) -> str:
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
