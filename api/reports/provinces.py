"""Provinces by the code of a plate, before the mergers of 2025 (Circular 79/2024/TT-BCA, annex 02).

A code is where a vehicle was registered, never who issued its badge or whose matter it is.
"""

from __future__ import annotations

_NAMES = {
    "11": "Cao Bằng", "12": "Lạng Sơn", "14": "Quảng Ninh", "15": "Hải Phòng", "16": "Hải Phòng", "17": "Thái Bình",
    "18": "Nam Định", "19": "Phú Thọ", "20": "Thái Nguyên", "21": "Yên Bái", "22": "Tuyên Quang", "23": "Hà Giang",
    "24": "Lào Cai", "25": "Lai Châu", "26": "Sơn La", "27": "Điện Biên", "28": "Hòa Bình", "34": "Hải Dương",
    "35": "Ninh Bình", "36": "Thanh Hóa", "37": "Nghệ An", "38": "Hà Tĩnh", "39": "Đồng Nai", "60": "Đồng Nai",
    "41": "Thành phố Hồ Chí Minh", "43": "Đà Nẵng", "47": "Đắk Lắk", "48": "Đắk Nông", "49": "Lâm Đồng",
    "61": "Bình Dương", "62": "Long An", "63": "Tiền Giang", "64": "Vĩnh Long", "65": "Cần Thơ", "66": "Đồng Tháp",
    "67": "An Giang", "68": "Kiên Giang", "69": "Cà Mau", "70": "Tây Ninh", "71": "Bến Tre",
    "72": "Bà Rịa - Vũng Tàu", "73": "Quảng Bình", "74": "Quảng Trị", "75": "Huế", "76": "Quảng Ngãi",
    "77": "Bình Định", "78": "Phú Yên", "79": "Khánh Hòa", "80": "Cục Cảnh sát giao thông", "81": "Gia Lai",
    "82": "Kon Tum", "83": "Sóc Trăng", "84": "Trà Vinh", "85": "Ninh Thuận", "86": "Bình Thuận", "88": "Vĩnh Phúc",
    "89": "Hưng Yên", "90": "Hà Nam", "92": "Quảng Nam", "93": "Bình Phước", "94": "Bạc Liêu", "95": "Hậu Giang",
    "97": "Bắc Kạn", "98": "Bắc Giang", "99": "Bắc Ninh",
    **dict.fromkeys(("29", "30", "31", "32", "33", "40"), "Hà Nội"),
    **dict.fromkeys(("50", "51", "52", "53", "54", "55", "56", "57", "58", "59"), "Thành phố Hồ Chí Minh"),
}  # fmt: skip
UNKNOWN = "Không xác định được từ biển số"


def province(code: str) -> str:
    """The name with the code; a code that is not on file alone.

    >>> province("12"), province("13"), province("")
    ('Lạng Sơn (12)', 'Mã 13', 'Không xác định được từ biển số')
    """
    if not code:
        return UNKNOWN
    return f"{_NAMES[code]} ({code})" if code in _NAMES else f"Mã {code}"
