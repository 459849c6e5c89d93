"""The weekly list as an official paper: cover with heading and signature, then annexes with the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from api.exports import wording
from api.exports.counters_paper import counter_blocks
from api.exports.finding_rows import HEADS, WIDTHS, finding_row, law_blocks
from api.exports.history import WEEKS
from api.exports.publication import moment_words, warnings
from api.exports.weekly import OperatorPart, WeeklyList
from api.exports.weekly_notes import counted, law_key, monitored, notes, period, status, used_law
from api.printing import figures
from api.printing.blocks import (
    Block,
    Cell,
    Width,
    bullets,
    end,
    heading,
    page_break,
    part,
    signature,
    table,
    text,
    title,
    warning,
)
from api.printing.typeset import Paper, Part
from journey.model import Finding

_RECIPIENTS = ("Các đơn vị vận tải có tên trong danh sách;", "Đơn vị được giao kiểm tra, xử lý;", "Lưu: VT.")
OFFICE = ("GIÁM ĐỐC",)
_USE = (
    "Danh sách nêu dấu hiệu vi phạm rút ra từ dữ liệu thiết bị giám sát hành trình và cân tải trọng xe, dùng để kiểm "
    "tra, xác minh; không thay thế biên bản hoặc quyết định xử phạt vi phạm hành chính. Không có dữ liệu không có "
    "nghĩa là không vi phạm."
)
_REPEATED_MAX = 500  # rows, most findings first; the workbook has all
_ANNEXES = (
    "Phụ lục I. Tổng hợp theo đơn vị vận tải;",
    "Phụ lục II. Danh sách phát hiện theo đơn vị vận tải;",
    f"Phụ lục III. Phương tiện, lái xe có nhiều phát hiện trong tuần và {WEEKS} tuần trước;",
    "Phụ lục IV. Số đếm trong tháng so với mức xem xét thu hồi phù hiệu, giấy phép kinh doanh;",
    "Phụ lục V. Phương tiện đăng ký không có dữ liệu trong tuần;",
    "Phụ lục VI. Căn cứ pháp lý và tham số đã sử dụng;",
    "Phụ lục VII. Ghi chú.",
)


def weekly_paper(weekly: WeeklyList) -> Paper:
    """The list as pages; what is longer than a piece is set piece by piece."""
    number = f"Danh sách số {weekly.publication.number}" if weekly.publication else "Bản dự thảo, chưa có số"
    return Paper(
        title=f"{number} – tuần {weekly.week}",
        author=weekly.authority.splitlines()[-1] if weekly.authority else "",
        running=f"{number} · {weekly.week} · bộ quy tắc {weekly.law_version} · {weekly.code_version}",
        made_at=weekly.made_at,
        parts=(Part(list(_cover(weekly, number))), Part(_annexes(weekly), flipped=True)),
    )


def _cover(weekly: WeeklyList, number: str) -> Iterator[Block]:
    yield heading(weekly.authority, weekly.place, weekly.made_at)
    yield title(wording.TITLE, (f"{number}. {period(weekly)}",))
    yield from (warning(one) for one in warnings(weekly.publication))
    yield text(counted(weekly), indent=True)
    yield text(_USE, indent=True)
    total = Counter(finding.rule for _, finding in weekly.listed())
    vehicles = [row for one in weekly.parts for row in one.vehicles]
    seconds = (weekly.end - weekly.start) * len(vehicles)
    known = sum(row.known_s for row in vehicles)
    silent = sum(not one.vehicles_with_data and one.id is not None for one in weekly.parts)
    doubtful = sum(wording.leans_on_unverified(finding) for _, finding in weekly.listed())
    rows = [
        ("Số phát hiện được liệt kê", figures.whole(total.total())),
        *((f"– {wording.rule(rule)}", figures.whole(total[rule])) for rule in _rules(weekly) if total[rule]),
        ("Số phát hiện dựa trên căn cứ chưa kiểm chứng (dấu *)", figures.whole(doubtful)),
        ("Số phương tiện đăng ký", figures.whole(sum(one.vehicles_registered for one in weekly.parts))),
        ("Số phương tiện có dữ liệu", figures.whole(sum(one.vehicles_with_data for one in weekly.parts))),
        ("Số đơn vị không có dữ liệu", figures.whole(silent)),
        ("Độ phủ dữ liệu", f"{figures.percent(known / seconds)}; {monitored(known, seconds)}" if seconds else "–"),
        ("Quãng đường có dữ liệu (km)", figures.decimal(sum(one.driving_m for one in weekly.parts) / 1000)
         if any(one.vehicles_with_data for one in weekly.parts) else figures.DASH),
    ]  # fmt: skip
    yield table((Width(3, fr=True), Width(2, "right", fr=True)), (), rows, size=10)
    if weekly.self_proof is not None:
        yield text(f"Tự kiểm chứng của hệ thống: {weekly.self_proof}", size=10)
    yield text("Danh sách gồm các phụ lục:", size=10)
    yield bullets(_ANNEXES, size=10)
    yield signature(_RECIPIENTS, OFFICE)


def _rules(weekly: WeeklyList) -> list[str]:
    found = {finding.rule for _, finding in weekly.listed()}
    return [*wording.RULES, *sorted(found - wording.RULES.keys())]


def _annexes(weekly: WeeklyList) -> Iterator[Block]:
    names = {one.id: one.name for one in weekly.parts}
    numbers = {law_key(use): number for number, (use, _) in enumerate(used_law(weekly), 1)}
    yield from _summary(weekly)
    yield page_break()
    yield title("Phụ lục II", ("Danh sách phát hiện theo đơn vị vận tải",))
    yield from _findings(weekly, numbers)
    yield title("Phụ lục III", (f"Phương tiện, lái xe có nhiều phát hiện trong tuần và {WEEKS} tuần trước",))
    yield from _repeated(weekly, names)
    yield title("Phụ lục IV", ("Số đếm trong tháng so với mức xem xét thu hồi phù hiệu, giấy phép kinh doanh",))
    yield from counter_blocks(weekly.counters, {key: name for key, name in names.items() if key is not None})
    yield title("Phụ lục V", ("Phương tiện đăng ký không có dữ liệu trong tuần",))
    yield from _silent(weekly)
    yield title("Phụ lục VI", ("Căn cứ pháp lý và tham số đã sử dụng; số trong ngoặc ở Phụ lục II là số ở đây",))
    yield from law_blocks(list(used_law(weekly)))
    yield title("Phụ lục VII", ("Ghi chú",))
    yield table((Width(55), Width(1, fr=True)), (), notes(weekly))
    yield end()


def _summary(weekly: WeeklyList) -> Iterator[Block]:
    rules = _rules(weekly)
    widths = (
        Width(9, "center"), Width(2.4, fr=True), Width(12, "right"), Width(12, "right"),
        *(Width(13, "right") for _ in rules), Width(13, "right"), Width(13, "right"), Width(14, "right"),
        Width(20, "right"), Width(2, fr=True),
    )  # fmt: skip
    heads = [
        [
            Cell("STT", 1, 2), Cell("Đơn vị vận tải", 1, 2), Cell("Số xe", 2), Cell("Số phát hiện", len(rules) + 2),
            Cell("Độ phủ", 1, 2), Cell("Quãng đường (km)", 1, 2), Cell("Tình trạng", 1, 2),
        ],
        [
            Cell("đăng ký"), Cell("có dữ liệu"), *(Cell(wording.SHORT_RULES.get(rule, rule)) for rule in rules),
            Cell("Tổng số"), Cell("Tuần trước"),
        ],
    ]  # fmt: skip
    total = Counter(finding.rule for _, finding in weekly.listed())
    before = [one.last_week for one in weekly.parts if one.last_week is not None]
    sums = [
        "", "TỔNG CỘNG", figures.whole(sum(one.vehicles_registered for one in weekly.parts)),
        figures.whole(sum(one.vehicles_with_data for one in weekly.parts)),
        *(figures.whole(total[rule]) for rule in rules), figures.whole(total.total()),
        figures.whole(sum(before) if before else None), "",
        figures.decimal(sum(one.driving_m for one in weekly.parts) / 1000), "",
    ]  # fmt: skip
    yield title("Phụ lục I", ("Tổng hợp theo đơn vị vận tải",))
    week_s = weekly.end - weekly.start
    rows = (_summary_row(number, one, rules, week_s) for number, one in enumerate(weekly.parts, 1))
    yield table(widths, heads, rows, [sums], size=8)


def _summary_row(number: int, one: OperatorPart, rules: list[str], week_s: int) -> list[str]:
    silent = not one.vehicles_with_data
    count = Counter(finding.rule for finding in one.findings)
    said = status(one)
    if not silent:
        said += f"; {monitored(one.driving_s + one.standing_s, week_s * len(one.vehicles))}"
    return [
        str(number),
        one.name + (f"\nMST: {one.tax_code}" if one.tax_code else ""),
        figures.whole(one.vehicles_registered),
        figures.whole(one.vehicles_with_data),
        # A zero says that data was looked at; where there was none, a dash stands.
        *(figures.whole(count[rule] if count[rule] or not silent else None) for rule in rules),
        figures.whole(None if silent and not one.findings else len(one.findings)),
        figures.whole(one.last_week),
        figures.percent(one.coverage if one.vehicles else None),
        figures.decimal(None if silent else one.driving_m / 1000),
        said,
    ]


def _findings(weekly: WeeklyList, numbers: dict[tuple[str, str, str, str, bool], int]) -> Iterator[Block]:
    number = 0
    for one in weekly.parts:
        if not one.findings:
            continue
        mst = f"MST: {one.tax_code}. " if one.tax_code else ""
        seconds = (weekly.end - weekly.start) * len(one.vehicles)
        covered = f"; {monitored(one.driving_s + one.standing_s, seconds)}" if one.vehicles_with_data else ""
        yield part(one.name, f"{mst}Số phát hiện: {len(one.findings)}. {status(one)}{covered}.")
        rows: list[list[str]] = []
        for finding in one.findings:
            number += 1
            rows.append(finding_row(number, finding, _bases(finding, numbers)))
        yield table(WIDTHS, HEADS, rows, size=8)
    if not number:
        yield text("Không có phát hiện nào được liệt kê trong tuần. Xem độ phủ dữ liệu trước khi kết luận.", size=10)


def _bases(finding: Finding, numbers: dict[tuple[str, str, str, str, bool], int]) -> str:
    """Numbers of the figures of law in the annex; those of the method are named there too."""
    return ", ".join(f"[{number}]" for number in sorted({numbers[law_key(use)] for use in finding.law})) or "–"


def _repeated(weekly: WeeklyList, names: dict[str | None, str]) -> Iterator[Block]:
    if not weekly.repeated:
        yield text("Không có.", size=10)
        return
    widths = (Width(9, "center"), Width(22), Width(32), Width(2, fr=True), Width(16, "right"), Width(18, "right"),
              Width(20, "right"), Width(2.4, fr=True))  # fmt: skip
    heads = [[Cell("STT"), Cell("Đối tượng"), Cell("Biển số xe hoặc số giấy phép"), Cell("Đơn vị vận tải"),
              Cell("Trong tuần"), Cell(f"{WEEKS} tuần trước"), Cell("Số tuần có phát hiện"),
              Cell("Hành vi")]]  # fmt: skip
    rows = (
        [
            str(number),
            "Lái xe" if one.is_driver else "Phương tiện",
            one.subject,
            "; ".join(names.get(id_, id_ or wording.UNREGISTERED) for id_ in one.operators),
            figures.whole(one.in_week),
            figures.whole(one.before),
            figures.whole(one.weeks),
            "; ".join(f"{wording.SHORT_RULES.get(rule, rule)}: {count}" for rule, count in one.rules),
        ]
        for number, one in enumerate(weekly.repeated[:_REPEATED_MAX], 1)
    )
    yield table(widths, heads, rows, size=8)
    if (left := len(weekly.repeated) - _REPEATED_MAX) > 0:
        yield text(f"Và {figures.whole(left)} dòng có ít phát hiện hơn: xem trang tính “Nhiều phát hiện” của bảng tính "
                   "cùng danh sách.", size=9)  # fmt: skip


def _silent(weekly: WeeklyList) -> Iterator[Block]:
    """Vehicles that sent nothing, a row an operator: silence is no innocence."""
    rows: list[list[str]] = []
    for one in weekly.operators:
        plates = [row.plate for row in one.vehicles if not row.fixes]
        if plates:
            rows.append([str(len(rows) + 1), one.name, figures.whole(len(plates)),
                         figures.whole(len(one.vehicles)), ", ".join(plates)])  # fmt: skip
    if not rows:
        yield text("Không có: mọi phương tiện đăng ký đều có dữ liệu trong tuần.", size=10)
        return
    widths = (Width(9, "center"), Width(1, fr=True), Width(20, "right"), Width(20, "right"), Width(2, fr=True))
    heads = [[Cell("STT"), Cell("Đơn vị vận tải"), Cell("Số xe không có dữ liệu"), Cell("Số xe đăng ký"),
              Cell("Biển số xe")]]  # fmt: skip
    yield table(widths, heads, rows, size=8)
    yield text(f"Lập lúc {moment_words(weekly.made_at)}.", size=9)
