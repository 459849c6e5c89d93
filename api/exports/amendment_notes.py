"""What every printed form of an amendment says beside its rows: number, period, versions, how to read it."""

from __future__ import annotations

from api.exports.amendment import CHANGES, Amendment, Change, amends, period
from api.exports.publication import moment_words, publication_notes


def noted(amendment: Amendment) -> list[tuple[str, str]]:
    """Label and text of every note, in order."""
    return [
        *publication_notes(amendment.publication),
        ("Danh sách được sửa đổi", amends(amendment)),
        ("Kỳ lập danh sách", period(amendment)),
        ("Thời điểm lập", moment_words(amendment.made_at)),
        ("Phiên bản bộ quy tắc pháp luật", amendment.law_version),
        ("Tệp phương pháp", amendment.method),
        ("Phiên bản phần mềm", amendment.code_version),
        (
            "Cách đọc",
            "Bản sửa đổi chỉ nêu những phát hiện khác với danh sách sau lần sửa đổi trước; những phát hiện không nêu ở "
            "đây giữ nguyên như đã công bố. Danh sách và các bản sửa đổi trước không bị thay thế hoặc sửa chữa.",
        ),
        (
            CHANGES[Change.WITHDRAWN],
            "Phát hiện đã công bố không còn đúng theo dữ liệu và bộ quy tắc hiện có; cơ quan, đơn vị đã nhận danh sách "
            "không tiếp tục sử dụng phát hiện đó. Thời gian và mức vi phạm ghi như đã công bố.",
        ),
        (CHANGES[Change.CHANGED], "Vẫn là hành vi đó (cùng mã phát hiện), nhưng trị số hoặc nội dung khác trước."),
        (
            "Giá trị sử dụng",
            "Bản sửa đổi nêu dấu hiệu vi phạm rút ra từ dữ liệu, dùng để kiểm tra, xác minh; "
            "không thay thế biên bản hoặc quyết định xử phạt vi phạm hành chính.",
        ),
        ("Thời gian", "Giờ Việt Nam (UTC+7)."),
    ]
