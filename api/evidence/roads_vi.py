"""Vietnamese words for the roads that a limit rests on: which, at what limit, by whom, since when; how sure, what else.

Words only: every figure comes from the dossier.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from api.evidence.dossier import Dossier, RoadGround
from api.evidence.wording import number, when
from api.exports import wording
from journey.model import Finding

_SOURCES = {"osm": "OpenStreetMap", "authority": "cơ quan quản lý đường bộ", "assumed": "giả định"}
_ASSUMED = {"kind": "loại đường", "urban": "khu đông dân cư", "lanes": "số làn xe", "maxspeed": "biển báo tốc độ"}
_SHOWN = 4  # roads of each kind in a table; a package has them all in finding.json
_MORE = "và {} đường khác", "xem finding.json"
NO_ROAD = "Không có đường nào được biết ở gần"
ALTERNATIVE = "không áp dụng: đường khác còn có thể đã đi"
_HIGHEST, _MATCHED = "highest", "matched"
_DOUBTS = {
    "acceleration": "Tốc độ do thiết bị ghi thay đổi nhanh hơn mức một phương tiện có thể tăng, giảm tốc: số đo tốc độ "
    "bị nghi ngờ, vì vậy phát hiện chỉ để xem xét.",
    "distance": "Quãng đường theo vị trí không phù hợp với tốc độ do thiết bị ghi: số đo tốc độ bị nghi ngờ, vì vậy "
    "phát hiện chỉ để xem xét.",
}


class RoadRow(NamedTuple):
    """One road of the table as text. applied: its limit is one that the finding rests on."""

    road: str
    limit: str
    basis: str
    holds: str
    fixes: str
    applied: bool


def rows(dossier: Dossier) -> list[RoadRow]:
    """Roads whose limits were applied, then those that may have been driven on as well; of each kind the first few."""
    applied = [_applied(one) for one in dossier.grounds]
    stated = {(one.id, one.limit_kmh) for one in dossier.grounds}
    alternatives = dossier.finding.detail.get("alternatives", ())
    others = [_alternative(one) for one in alternatives if (one["id"], one["limit"]) not in stated]
    return [*few(applied, *_MORE), *few(others, *_MORE)]


def few(some: list[RoadRow], more: str, see: str) -> list[RoadRow]:
    """The first few, and a row that says how many more there are (`more`, with a place for the number) and where."""
    if len(some) <= _SHOWN:
        return some
    left = len(some) - (_SHOWN - 1)
    return [*some[: _SHOWN - 1], RoadRow(more.format(left), "", see, "", "", some[0].applied)]


def _applied(one: RoadGround) -> RoadRow:
    limit, fixes = f"{number(one.limit_kmh, 0)} km/h", number(one.fixes, 0)
    if one.id is None:
        return RoadRow(NO_ROAD, limit, one.basis, "", fixes, True)
    source = _SOURCES.get(one.source, one.source) + (f" ({one.dataset})" if one.dataset else "")
    assumed = ", ".join(_ASSUMED.get(name, name) for name in one.assumed)
    said = [one.basis, f"dữ liệu đường: {source}"]
    if assumed:
        said.append(f"chưa rõ {assumed} nên lấy giới hạn cao nhất có thể")
    if one.conditional:
        said.append(f"không dùng được: {one.conditional}")
    return RoadRow(
        road_name(one.id, one.ref, one.name), limit, "; ".join(said), _holds(one.since, one.until), fixes, True
    )


def _alternative(one: dict[str, Any]) -> RoadRow:
    limit = f"{number(one['limit'], 0)} km/h"
    return RoadRow(
        road_name(one["id"], None, one["name"]), limit, ALTERNATIVE, _holds(one["valid_from"], None),
        number(one["fixes"], 0), False,
    )  # fmt: skip


def road_name(id_: str, ref: str | None, name: str | None) -> str:
    """As it is signed and called, with the id of its row; the id alone where it has neither."""
    named = " ".join(part for part in (ref, name) if part)
    return f"{named} ({id_})" if named else id_


def _holds(since: str | None, until: str | None) -> str:
    begins = "không ghi ngày bắt đầu" if since is None else f"từ {_day(since)}"
    return begins if until is None else f"{begins} đến {_day(until)}"


def _day(text: str) -> str:
    return "/".join(reversed(text.split("-")))


def certainty(finding: Finding) -> Iterator[str]:
    """How surely the limits held: by which reading of the roads, and why speeds are doubted."""
    detail = finding.detail
    reading = detail.get("reading")
    if reading is None:
        yield ("Đường đã đi được suy ra từ vị trí, không đối chiếu hành trình với bản đồ: mọi đường ở gần từng bản ghi "
               "đều được coi là có thể, và giới hạn cao nhất trong các đường đó được áp dụng (có lợi nhất cho người "
               "lái xe).")  # fmt: skip
    else:
        yield _matched(detail, reading)
    if detail.get("assumed"):
        assumed = ", ".join(_ASSUMED.get(name, name) for name in detail["assumed"])
        yield f"Dữ liệu đường không ghi {assumed}: giới hạn cao nhất có thể có của đường đó được áp dụng."
    if doubt := detail.get("doubt"):
        yield _DOUBTS.get(doubt, f"Số đo tốc độ bị nghi ngờ ({doubt}), vì vậy phát hiện chỉ để xem xét.")


def _matched(detail: dict[str, Any], reading: str) -> str:
    fixes, matched, sure = detail["fixes"], detail["matched"], detail["certain_limits"]
    said = f"Hành trình được đối chiếu với bản đồ: {matched}/{fixes} bản ghi khớp với một con đường. "
    if sure == fixes:
        said += "Ở mọi bản ghi, tất cả các đường còn có thể đã đi đều có cùng một giới hạn."
    else:
        said += f"Ở {sure}/{fixes} bản ghi, tất cả các đường còn có thể đã đi đều có cùng một giới hạn."
    if reading == _MATCHED:
        return said + (" Giới hạn áp dụng là của đường khớp nhất; CHƯA LOẠI TRỪ được đường có giới hạn cao hơn nêu "
                       "trong bảng: nếu xe đã đi đường đó thì phát hiện không còn đúng.")  # fmt: skip
    if sure == fixes:
        return said
    return said + (" Ở các bản ghi còn lại, giới hạn cao nhất trong các đường còn có thể được áp dụng (có lợi nhất cho "
                   "người lái xe): kết luận không phụ thuộc việc xe đã đi đường nào trong số đó.")  # fmt: skip


def averages(dossier: Dossier) -> Iterator[str]:
    """Speeds without what the device reports as speed: by positions and times alone, and between two weighings."""
    if measure := dossier.finding.detail.get("average"):
        yield (f"Đo độc lập với tốc độ do thiết bị ghi: theo vị trí và thời gian, xe đi "
               f"{number(measure['distance_m'], 0)} m trong {wording.duration(measure['seconds'])}, trung bình "
               f"{number(measure['speed_kmh'])} km/h; trừ sai số vị trí ở hai đầu, ít nhất "
               f"{number(measure['least_kmh'])} km/h.")  # fmt: skip
    if pair := dossier.between:
        apart = f"hai trạm cách nhau {number(pair.straight_m / 1000, 2)} km theo đường thẳng"
        yield (f"Đo độc lập với thiết bị giám sát hành trình: xe được cân tại {pair.first} lúc {when(pair.first_time)} "
               f"và tại {pair.second} lúc {when(pair.second_time)}, {apart}; tốc độ trung bình giữa hai lần cân không "
               f"thấp hơn {number(pair.least_kmh)} km/h. Số này để đối chiếu, phát hiện không dựa vào nó.")  # fmt: skip
