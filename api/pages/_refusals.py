"""Why something was refused, in Vietnamese: what steps of cases, documents and the door say is worded in English.

A sentence that has no words here is shown as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from api.pages import _terms
from journey.casework import Step

_STEP = r"the step (?P<step>\w+) "
_THINGS = {
    "operator": "đơn vị vận tải", "vehicle": "phương tiện", "driver": "lái xe", "finding": "phát hiện", "case": "hồ sơ",
    "document": "tài liệu", "list": "danh sách", "weighing": "lần cân", "station": "trạm cân",
}  # fmt: skip
_SAID: tuple[tuple[str, str], ...] = (
    (r"there is no such case", "không có hồ sơ này"),
    (_STEP + r"is not one of the role (?P<role>\w+)", "bước “{step}” không thuộc quyền của vai trò {role}"),
    (_STEP + r"cannot be taken: no case is open", "chưa có hồ sơ nào được mở"),
    (_STEP + r"cannot be taken: the case is (?P<state>\w+)",
     "hồ sơ đang ở tình trạng “{state}”, nên không thực hiện được bước “{step}”"),
    (_STEP + r"has to say why: write a note", "bước “{step}” phải nêu lý do: hãy viết lý do"),
    (_STEP + r"cannot be taken: the finding was withdrawn; let the case lapse",
     "phát hiện đã được rút lại: hãy đóng hồ sơ"),
    (_STEP + r"cannot be taken: the finding was withdrawn", "phát hiện đã được rút lại"),
    (_STEP + r"cannot be taken: the finding states something else now; renew the case",
     "phát hiện nay đã khác trước: hãy xem xét lại hồ sơ trước khi đi tiếp"),
    (_STEP + r"cannot be taken: the finding stands as it was", "phát hiện vẫn như cũ: không có gì để xem xét lại"),
    (_STEP + r"cannot be taken: the operator's time to answer has not passed",
     "chưa hết hạn trả lời của đơn vị vận tải"),
    (_STEP + r"cannot be taken: no operator is known of the vehicle at that time",
     "không biết đơn vị vận tải của xe vào thời điểm đó, nên không có ai để gửi"),
    (_STEP + r"is for somebody other than who sent the case to the operator",
     "người đã gửi hồ sơ cho đơn vị không thực hiện được bước “{step}”: cần một người khác"),
    (r"a step is taken by a person", "một bước phải do một người thực hiện"),
    (r"a document is attached as a file", "tài liệu phải được đính kèm dưới dạng tệp"),
    (r"no case can be opened: there is no such finding, it was withdrawn, or it has a case already",
     "không mở được hồ sơ: không có phát hiện này, phát hiện đã được rút lại, hoặc đã có hồ sơ"),
    (r"the finding was withdrawn in this moment", "phát hiện vừa được rút lại"),
    (r"a note has at most (?P<most>\d+) characters: attach what is longer as a document",
     "ghi chú dài tối đa {most} ký tự: nội dung dài hơn hãy đính kèm thành tài liệu"),
    (r"choose a file", "hãy chọn một tệp"),
    (r"the file is empty", "tệp rỗng"),
    (r"the file has (?P<bytes>\d+) bytes: (?P<most>\d+) can be taken; scan it with fewer points",
     "tệp có {bytes} byte, tối đa được {most} byte: hãy quét lại với độ phân giải thấp hơn"),
    (r"the file is no whole PDF, JPEG or PNG, whatever its name says: save it as one of these",
     "tệp không phải là PDF, JPEG hoặc PNG trọn vẹn, dù tên tệp là gì: hãy lưu lại theo một trong các dạng đó"),
    (r"the case has (?P<most>\d+) documents already: more are not taken",
     "hồ sơ đã có {most} tài liệu: không nhận thêm"),
    (r"the case has this very document already", "hồ sơ đã có đúng tài liệu này"),
    (r"there is no such (?P<thing>\w+), or it is not yours to see",
     "không có {thing} này, hoặc tài khoản này không được xem"),
    (r"this is not for the role (?P<role>\w+)", "việc này không thuộc quyền của vai trò {role}"),
    (r"wait (?P<most>\d+) s", "hãy đợi {most} giây"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), said) for pattern, said in _SAID)


def in_vietnamese(text: str) -> str | None:
    """A refusal in Vietnamese; None: it has no words here.

    >>> in_vietnamese("the step note has to say why: write a note")
    'bước “Ghi chú” phải nêu lý do: hãy viết lý do'
    >>> in_vietnamese("the moon is full") is None
    True
    """
    for pattern, said in _PATTERNS:
        if found := pattern.fullmatch(text):
            return said.format(**{name: _NAMED.get(name, str)(value) for name, value in found.groupdict().items()})
    return None


_NAMED: dict[str, Callable[[str], str]] = {
    "step": lambda code: _terms.STEPS[Step(code)][0],
    "state": lambda code: {str(one): said for one, said in _terms.STATES.items()}.get(code, code),
    "role": lambda code: _terms.ROLES.get(code, code),
    "thing": lambda code: _THINGS.get(code, code),
}
