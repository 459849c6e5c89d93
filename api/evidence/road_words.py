"""What is said of the roads that a limit rests on, in Vietnamese, which prevails, and in English: words alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.evidence import forms
from api.exports.wording import citation


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases with places for figures, and how the language writes a number, a length of time and an instant."""

    number: Callable[..., str]
    duration: Callable[[float], str]
    when: Callable[[int], str]
    cite: Callable[[str], str]  # a citation of the law files
    sources: Mapping[str, str]
    assumed: Mapping[str, str]  # what of a road nobody stated, by its name in the data
    doubts: Mapping[str, str]  # why a measured speed is in doubt, by its name in a finding's detail
    doubt: str
    more: str
    see: str
    no_road: str
    alternative: str
    data: str
    not_known: str
    unusable: str
    since: str
    no_since: str
    until: str
    by_places: str
    highest_assumed: str
    matched: str
    all_same: str
    some_same: str
    not_ruled_out: str
    whichever: str
    average: str
    between: str


VI = Words(
    number=forms.number_vi,
    duration=forms.duration_vi,
    when=forms.when_vi,
    cite=citation,
    sources={"osm": "OpenStreetMap", "authority": "cơ quan quản lý đường bộ", "assumed": "giả định"},
    assumed={"kind": "loại đường", "urban": "khu đông dân cư", "lanes": "số làn xe", "maxspeed": "biển báo tốc độ"},
    doubts={
        "acceleration": "Tốc độ do thiết bị ghi thay đổi nhanh hơn mức một phương tiện có thể tăng, giảm tốc: số đo "
        "tốc độ bị nghi ngờ, vì vậy phát hiện chỉ để xem xét.",
        "distance": "Quãng đường theo vị trí không phù hợp với tốc độ do thiết bị ghi: số đo tốc độ bị nghi ngờ, vì "
        "vậy phát hiện chỉ để xem xét.",
    },
    doubt="Số đo tốc độ bị nghi ngờ ({doubt}), vì vậy phát hiện chỉ để xem xét.",
    more="và {left} đường khác",
    see="xem finding.json",
    no_road="Không có đường nào được biết ở gần",
    alternative="không áp dụng: đường khác còn có thể đã đi",
    data="dữ liệu đường: {source}",
    not_known="chưa rõ {assumed} nên lấy giới hạn cao nhất có thể",
    unusable="không dùng được: {conditional}",
    since="từ {day}",
    no_since="không ghi ngày bắt đầu",
    until="{begins} đến {day}",
    by_places="Đường đã đi được suy ra từ vị trí, không đối chiếu hành trình với bản đồ: mọi đường ở gần từng bản ghi "
    "đều được coi là có thể, và giới hạn cao nhất trong các đường đó được áp dụng (có lợi nhất cho người lái xe).",
    highest_assumed="Dữ liệu đường không ghi {assumed}: giới hạn cao nhất có thể có của đường đó được áp dụng.",
    matched="Hành trình được đối chiếu với bản đồ: {matched}/{fixes} bản ghi khớp với một con đường. ",
    all_same="Ở mọi bản ghi, tất cả các đường còn có thể đã đi đều có cùng một giới hạn.",
    some_same="Ở {sure}/{fixes} bản ghi, tất cả các đường còn có thể đã đi đều có cùng một giới hạn.",
    not_ruled_out=" Giới hạn áp dụng là của đường khớp nhất; CHƯA LOẠI TRỪ được đường có giới hạn cao hơn nêu trong "
    "bảng: nếu xe đã đi đường đó thì phát hiện không còn đúng.",
    whichever=" Ở các bản ghi còn lại, giới hạn cao nhất trong các đường còn có thể được áp dụng (có lợi nhất cho "
    "người lái xe): kết luận không phụ thuộc việc xe đã đi đường nào trong số đó.",
    average="Đo độc lập với tốc độ do thiết bị ghi: theo vị trí và thời gian, xe đi {way} m trong {time}, trung bình "
    "{speed} km/h; trừ sai số vị trí ở hai đầu, ít nhất {least} km/h.",
    between="Đo độc lập với thiết bị giám sát hành trình: xe được cân tại {first} lúc {first_time} và tại {second} lúc "
    "{second_time}, hai trạm cách nhau {way} km theo đường thẳng; tốc độ trung bình giữa hai lần cân không thấp hơn "
    "{least} km/h. Số này để đối chiếu, phát hiện không dựa vào nó.",
)
# The law that a limit stands in keeps its Vietnamese name.
EN = Words(
    number=forms.number_en,
    duration=forms.duration_en,
    when=forms.when_en,
    cite=str,
    sources={"osm": "OpenStreetMap", "authority": "road authority", "assumed": "assumed"},
    assumed={"kind": "kind of road", "urban": "built-up area", "lanes": "number of lanes", "maxspeed": "speed signs"},
    doubts={
        "acceleration": "The recorded speed changes faster than a vehicle can speed up or brake: the measure is in "
        "doubt, so the finding is for review only.",
        "distance": "The distance by places does not fit the recorded speed: the measure is in doubt, so the finding "
        "is for review only.",
    },
    doubt="The measure of speed is in doubt ({doubt}), so the finding is for review only.",
    more="{left} other roads",
    see="see finding.json",
    no_road="No road is known nearby",
    alternative="not applied: another road that may have been taken",
    data="road data: {source}",
    not_known="not known: {assumed}; the highest limit that may apply is taken",
    unusable="of no use: {conditional}",
    since="from {day}",
    no_since="no first day recorded",
    until="{begins} to {day}",
    by_places="The road is inferred from the places, without matching the journey to the map: every road near a record "
    "counts as possible, and the highest of their limits is applied (in the driver's favour).",
    highest_assumed="The road data do not state {assumed}: the highest limit that the road may have is applied.",
    matched="The journey is matched to the map: {matched}/{fixes} records lie on a road. ",
    all_same="At every record all roads that may have been taken have the same limit.",
    some_same="At {sure}/{fixes} records all roads that may have been taken have the same limit.",
    not_ruled_out=" Applied is the limit of the road that matches best; a road with a higher limit, named in the "
    "table, is NOT RULED OUT: if the vehicle was there, the finding does not hold.",
    whichever=" At the others the highest limit of the roads that may have been taken is applied (in the driver's "
    "favour): the result does not depend on which of them it was.",
    average="Measured apart from the recorded speed: by places and times the vehicle went {way} m in {time}, {speed} "
    "km/h on average; the error of place at both ends taken off, at least {least} km/h.",
    between="Measured apart from the recorder: the vehicle was weighed at {first} at {first_time} and at {second} at "
    "{second_time}, {way} km away in a straight line; its average speed between the two was no less than {least} km/h. "
    "The finding does not rest on this figure.",
)
