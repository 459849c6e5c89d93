"""Words for the codes of records: rules, grades, kinds of vehicle, states, steps. In Vietnamese, to be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api import review_words, weighing_words
from api.evidence.words_vi import VI
from api.exports import wording
from api.pages._language import Say
from journey.casework import Outcome, Standing, State, Step
from journey.model import Grade

GRADES = {"certain": wording.GRADES[Grade.CERTAIN], "possible": wording.GRADES[Grade.POSSIBLE]}
BUSINESS = {
    "fixed_route": "tuyến cố định", "bus": "xe buýt", "contract": "hợp đồng", "tourist": "du lịch", "taxi": "taxi",
    "goods": "vận tải hàng hóa", "container": "vận tải công-te-nơ",
}  # fmt: skip
ROLES = {
    "inspector": "thanh tra viên", "supervisor": "lãnh đạo", "operator": "đơn vị vận tải",
    "administrator": "quản trị", "reader": "chỉ xem",
}  # fmt: skip
STATES = {
    State.SUSPECTED: "Nghi vấn",
    State.SENT: "Đã gửi đơn vị vận tải",
    State.CONFIRMED: "Đã xác nhận",
    State.DISMISSED: "Đã bác bỏ",
    State.DISPUTED: "Đơn vị phản đối",
    State.DECIDED: "Đã quyết định",
}
OUTCOMES = {
    Outcome.ACCEPTED: "đơn vị chấp nhận",
    Outcome.UNANSWERED: "hết hạn, đơn vị không trả lời",
    Outcome.UPHELD: "giữ nguyên",
    Outcome.OVERTURNED: "hủy, đơn vị đúng",
    Outcome.DISMISSED: "bác bỏ",
    Outcome.LAPSED: "phát hiện đã được rút lại",
}
STANDINGS = {
    Standing.CHANGED: "Dữ liệu đến muộn đã làm phát hiện thay đổi: cần xem xét lại hồ sơ trước khi đi tiếp.",
    Standing.WITHDRAWN: "Phát hiện đã được rút lại: hồ sơ chỉ còn có thể đóng.",
}
# What was done, and what is to be done.
STEPS = {
    Step.OPEN: ("Mở hồ sơ", "Mở hồ sơ"),
    Step.SEND: ("Gửi đơn vị vận tải", "Gửi đơn vị vận tải"),
    Step.ACCEPT: ("Chấp nhận", "Chấp nhận phát hiện"),
    Step.CONFIRM: ("Xác nhận", "Xác nhận, đơn vị không trả lời"),
    Step.DISPUTE: ("Phản đối", "Phản đối, nêu lý do"),
    Step.DISMISS: ("Bác bỏ", "Bác bỏ nghi vấn"),
    Step.UPHOLD: ("Giữ nguyên", "Giữ nguyên phát hiện"),
    Step.OVERTURN: ("Hủy phát hiện", "Hủy phát hiện, đơn vị đúng"),
    Step.LAPSE: ("Đóng hồ sơ", "Đóng hồ sơ, phát hiện đã rút lại"),
    Step.RENEW: ("Xem xét lại", "Xem xét lại theo dữ liệu hiện nay"),
    Step.REOPEN: ("Mở lại", "Mở lại hồ sơ"),
    Step.NOTE: ("Ghi chú", "Ghi chú"),
    Step.ATTACH: ("Đính kèm tài liệu", "Đính kèm tài liệu"),
}
CARGOES = {
    **wording.KINDS, "container": "Công-te-nơ", "liquid": "Chất lỏng (xi téc)", "unknown": "không có trong sổ đăng ký",
}  # fmt: skip
INSTRUMENTS = {
    "learning": "đang học số liệu gốc", "watched": "bình thường", "warning": "cảnh báo: bắt đầu lệch",
    "alarm": "báo động: đã lệch",
}  # fmt: skip
CHANGES = {"listed": "nêu trong danh sách", "added": "thêm", "withdrawn": "rút lại", "changed": "thay đổi"}
REASONS = {
    "late or corrected data": "dữ liệu đến muộn hoặc được đính chính",
    "law": "pháp luật áp dụng thay đổi",
    "method": "phương pháp tính thay đổi",
    "code": "chương trình tính thay đổi",
    "case": "hồ sơ đã được quyết định",
    "grade": "nay chỉ còn là cần xem xét",
    "unrecorded": "không ghi lý do",
}

WORDS = (
    *wording.RULES.values(), *wording.SHORT_RULES.values(), *GRADES.values(), *wording.KINDS.values(),
    *BUSINESS.values(), *ROLES.values(), *STATES.values(), *OUTCOMES.values(), *STANDINGS.values(),
    *(word for words in STEPS.values() for word in words), *CHANGES.values(), *REASONS.values(),
    *VI.doubts.flags.values(), *CARGOES.values(), *INSTRUMENTS.values(),
    *review_words.KINDS.values(), *review_words.EXCUSES.values(), *review_words.REASONS.values(),
    *weighing_words.FAULTS.values(), *weighing_words.PLACES.values(),
    *(word for word in wording.UNITS.values() if word),
)  # fmt: skip


def in_language(say: Say) -> dict[str, Callable[..., str]]:
    """What templates call, by name. A code that has no words is said as it is."""

    def of(words: Mapping[str, str]) -> Callable[[str | None], str]:
        return lambda code: "" if code is None else say(words.get(code, code))

    def step(code: str) -> str:
        return say(STEPS[Step(code)][0]) if code in STEPS else code

    def to_take(code: str) -> str:
        return say(STEPS[Step(code)][1])

    named: dict[str, Mapping[str, str]] = {
        "rule_name": wording.RULES, "rule_short": wording.SHORT_RULES, "grade_name": GRADES, "kind_name": wording.KINDS,
        "business_name": BUSINESS, "role_name": ROLES, "state_name": _plain(STATES), "outcome_name": _plain(OUTCOMES),
        "standing_said": _plain(STANDINGS), "change_name": CHANGES, "reason_name": REASONS,
        "flag_name": VI.doubts.flags, "unit_name": wording.UNITS, "cargo_name": CARGOES,
        "instrument_state": INSTRUMENTS,
        "review_kind": review_words.KINDS, "review_excuse": review_words.EXCUSES,
        "review_reason": review_words.REASONS,
        "fault_said": weighing_words.FAULTS, "place_said": weighing_words.PLACES,
    }  # fmt: skip
    return {**{name: of(words) for name, words in named.items()}, "step_name": step, "step_to_take": to_take}


def _plain(words: Mapping[Any, str]) -> dict[str, str]:
    return {str(code): word for code, word in words.items()}
