"""Errors of the desk as pages. Whoever asks for the API, or by a program, gets what api.problems says."""

from __future__ import annotations

from fastapi import Request, Response

from api.pages._page import is_partial, page
from api.problems import Problem

TITLES = {
    400: "Yêu cầu không đọc được",
    403: "Không được phép",
    404: "Không tìm thấy",
    405: "Không được phép",
    410: "Đã được rút lại",
    413: "Tệp quá lớn",
    422: "Nội dung gửi không hợp lệ",
    429: "Quá nhiều yêu cầu",
    503: "Kho dữ liệu đang bận",
}


def as_page(request: Request, error: Problem) -> Response | None:
    """The page of an error; None: this is not for a browser."""
    if request.url.path.startswith("/api/"):
        return None
    if error.status == 303:
        if is_partial(request):  # a script would put the page it is sent to into the place of a part
            return Response(status_code=204, headers={"HX-Redirect": error.headers["Location"]})
        return Response(status_code=303, headers={**error.headers, "Cache-Control": "no-store"})
    if "text/html" not in request.headers.get("Accept", "") and not is_partial(request):
        return None
    frame = request.scope["frame"]
    answer = page(request, frame.caller, "error.html", error.status,
                  title=TITLES.get(error.status, "Có lỗi"), detail=error.detail, request_id=frame.request)  # fmt: skip
    answer.headers.update(error.headers)
    return answer
