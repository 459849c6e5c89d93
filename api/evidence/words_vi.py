"""The Vietnamese phrases of a package, which prevail."""

from __future__ import annotations

from api.evidence import road_words
from api.evidence.forms import duration_vi, number_vi, when_vi
from api.evidence.words import Doubts, Penalties, Statements, Words
from api.exports import wording

_STATEMENTS = Statements(
    withdrawn="PHÁT HIỆN NÀY ĐÃ ĐƯỢC RÚT LẠI lúc {at} (lý do: {reason}; lần tính {run}). Không dùng làm căn cứ xử lý.",
    reasons={
        "law": "pháp luật áp dụng thay đổi",
        "method": "phương pháp tính thay đổi",
        "code": "chương trình tính thay đổi",
        "late or corrected data": "dữ liệu đến muộn hoặc được đính chính",
    },
    no_reason="không ghi",
    gone="DỮ LIỆU LƯU TRỮ HIỆN KHÔNG CÒN CHO PHÁT HIỆN NÀY: bản ghi đã thay đổi hoặc không còn, hoặc luật áp dụng đã "
    "khác. Nội dung dưới đây là phát hiện đã lưu, không được suy ra lại.",
    changed="DỮ LIỆU LƯU TRỮ HIỆN CHO KẾT QUẢ KHÁC VỚI PHÁT HIỆN ĐÃ LƯU: {fields}. Nội dung dưới đây là phát hiện đã "
    "lưu; các bản ghi kèm theo là dữ liệu hiện có.",
    fields={
        "start": "bắt đầu", "end": "kết thúc", "at": "thời điểm hoàn thành", "measured": "trị số đo",
        "limit": "giới hạn", "excess": "mức vượt", "band": "khung vi phạm", "driver": "giấy phép lái xe",
        "vehicle": "biển số", "operator": "đơn vị vận tải", "law": "căn cứ pháp lý", "detail": "chi tiết",
        "grade": "mức độ",
    },
    field="{name} (đã lưu {stored}, nay {derived})",
    backups="Các bản ghi đã hết thời hạn lưu trữ và nằm trong bản sao lưu {backups}: khôi phục bản sao lưu đó vào một "
    "kho mới và lập lại gói từ đó.",
    groundless="Kho lưu trữ không còn bản ghi nào mà phát hiện này dựa vào.",
    for_review="CHỈ ĐỂ XEM XÉT: phát hiện chỉ đúng nếu hiểu dữ liệu thiếu theo hướng bất lợi cho người lái xe; không "
    "đưa vào danh sách xử lý.",
    scale_in_doubt="CHỈ ĐỂ XEM XÉT: thiết bị cân của lần cân này bị cảnh báo cho số cao hơn lúc mới kiểm định; chỉ "
    "đưa vào danh sách xử lý khi người có thẩm quyền đã xác nhận trong hồ sơ.",
    rule=wording.rule,
    kind=lambda code: wording.KINDS.get(code, code),
    businesses={
        "fixed_route": "tuyến cố định", "bus": "xe buýt", "contract": "hợp đồng", "tourist": "du lịch", "taxi": "taxi",
        "goods": "vận tải hàng hóa", "container": "vận tải công-te-nơ",
    },
    band=wording.band,
    grades=wording.GRADES,
    conduct="Hành vi",
    vehicle="Phương tiện",
    unregistered="không có trong sổ đăng ký",
    trailer="Rơ moóc, sơ mi rơ moóc",
    operator="Đơn vị vận tải",
    operator_named="{name} (mã {id})",
    no_operator="Không xác định: phương tiện không có trong sổ đăng ký",
    licence="Số giấy phép lái xe đăng nhập",
    no_licence="Không xác định: thiết bị không gửi",
    time="Thời gian",
    from_to="từ {start} đến {end}",
    complete="Thời điểm hoàn thành",
    result="Kết quả",
    grade="Mức độ",
    measured_speed="{measured} km/h, giới hạn {limit} km/h, vượt {excess} km/h",
    measured_mass="{measured} kg, cho phép {limit} kg, vượt {over} kg ({percent} %)",
    measured_at_once="trùng {time}",
    measured_time="{measured}, cho phép {limit}, vượt {excess}",
    speeding="{fixes} bản ghi liên tiếp từ {start} đến {end} đều vượt giới hạn. Trong mỗi cặp bản ghi liền kề chỉ tính "
    "mức vượt nhỏ hơn; mức lớn nhất trong các cặp là mức vượt duy trì: {measured} − {limit} = {excess} km/h.",
    speeds="Tốc độ cao nhất {peak} km/h, trung bình {mean} km/h, quãng đường {way} m.",
    silence="Sau bản ghi lúc {start} thiết bị không gửi bản ghi nào cho đến {end}; hai vị trí cách nhau {way} km theo "
    "đường thẳng, nên phương tiện đã di chuyển.",
    at_once="Trong thời gian nêu trên, các xe {plates} cùng ở trạng thái lái xe dưới một số giấy phép lái xe.",
    use_of_licence="Phát hiện nói về việc sử dụng giấy phép để đăng nhập, không nói ai đã cầm lái xe nào.",
    driving="Tổng thời gian lái xe từ {stretches} đoạn trên {vehicles} xe là {time} ({measured} giây); {measured} − "
    "{limit} = {excess} giây. Giới hạn bị vượt từ {at}.",
    counted="Số bản ghi được tính: {fixes}; toàn bộ bản ghi nằm trong tệp fixes.csv.",
    weighed="Cân tại {station} (mã {id}{lane}), phiếu cân {ticket}.",
    lane=", làn {lane}",
    no_ticket="không ghi",
    cargo="Khối lượng hàng = tổng {gross} − xe không tải {kerb} − {persons} người = {measured} kg; được chở theo giấy "
    "chứng nhận {limit} kg.",
    axles="Cụm trục {axles}: {measured} kg; cho phép {limit} kg.",
)  # fmt: skip
_DOUBTS = Doubts(
    figure=lambda one: one["title"] or one["parameter"],
    not_compared="Chưa đối chiếu được với văn bản gốc: {figures}.",
    other_rulebook="Phát hiện được tính theo bộ quy định {then_law} ({then_method}); gói này được lập theo bộ "
    "{now_law} ({now_method}).",
    other_program="Chương trình khi tính là {then}, khi lập gói là {now}.",
    flags={
        "zero": "tọa độ 0", "swapped": "kinh độ và vĩ độ đảo nhau", "outside": "ngoài vùng",
        "future": "thời gian ở tương lai", "speed_range": "tốc độ vô lý", "jump": "nhảy vị trí",
        "frozen": "vị trí đứng yên khi chạy", "scaled_time": "thời gian tính bằng mili giây",
    },
    no_flags="không có",
    quality="Trong {standing} bản ghi của đoạn kèm theo: {unusable} không dùng được; cờ chất lượng: {flags}; {copies} "
    "bản trùng, trong đó {conflicts} khác nội dung.",
    delay="trễ nhất {time}",
    no_delay="không rõ độ trễ",
    steps="Khoảng cách lớn nhất giữa hai bản ghi được tính: {longest}; thời gian nhận: {delay}, {missing} bản ghi "
    "không có thời gian nhận.",
    unsigned="Dữ liệu do thiết bị giám sát hành trình ghi và được nhà cung cấp chuyển đến, không có chữ ký của thiết "
    "bị: hệ thống chứng minh dữ liệu đúng như khi nhận, không chứng minh thiết bị đo đúng.",
    who_drove="Người thực tế cầm lái không được xác định; chỉ biết giấy phép đã đăng nhập trên thiết bị.",
    speed_error="Sai số đo tốc độ của thiết bị không được biết và không được trừ.",
    silence="Không biết vì sao không có dữ liệu (thiết bị, sóng, nhà cung cấp hay tác động của người) và không biết "
    "đường đã đi. Các lần ngừng nhận do chính hệ thống này đã được loại trừ.",
    unknown_time="Thời gian không rõ hoạt động trong đoạn này: {time}; không tính là lái xe trừ khi mức độ là “Cần xem "
    "xét”. Dừng rất ngắn giữa hai đoạn chạy được tính là lái xe.",
    error_by_class="Sai số của cân theo cấp chính xác ghi trong bản ghi: {error} phần nghìn, đã trừ.",
    error_unknown="Trạm cân không có trong danh mục: sai số của cân không được biết.",
    error_by_register="Sai số của cân theo danh mục trạm: {error} phần nghìn, đã trừ vào từng khối lượng đo.",
    drift="Thiết bị cân (làn {lane}, thiết bị {instrument}) bị cảnh báo lệch: từ {since} cho số {way} hơn lúc mới kiểm "
    "định {shift} phần nghìn (trung bình trục dẫn hướng); đạt mức báo động lúc {alarmed}{later}. Trị số của phát hiện "
    "không thay đổi vì điều này.",
    drift_ways={"high": "cao", "low": "thấp"},
    drift_later=", sau lần cân này",
    drift_less="Nếu mọi trục đều lệch như vậy: {measured} kg còn {less} kg, {verdict} giới hạn {limit} kg.",
    drift_verdicts={True: "vẫn vượt", False: "không vượt"},
    no_place="Không có bản ghi vị trí nào của xe quanh thời điểm cân để đối chiếu với trạm.",
    place="Theo thiết bị giám sát hành trình, lúc {at} xe ở cách trạm {way} km theo đường thẳng; nếu không phù hợp, "
    "cần làm rõ biển số, thiết bị hoặc tọa độ của trạm.",
    no_persons="Phiếu cân không ghi số người trên xe; tính {persons} người.",
    who_loaded="Lần cân không ghi ai điều khiển phương tiện, ai xếp hàng; giấy chứng nhận kiểm định của cân không kèm "
    "trong dữ liệu.",
    unit_unknown="Có phương tiện không có trong sổ đăng ký; giới hạn cao nhất có thể được áp dụng.",
    answers={
        "speeding": (
            "xe đã đi trên đường khác với đường nêu trên, hoặc biển báo, đoạn khu đông dân cư tại thời điểm đó khác "
            "với dữ liệu",
            "thiết bị ghi sai tốc độ hoặc vị trí (kèm giấy kiểm định, bản trích xuất trực tiếp từ thiết bị)",
            "tình thế cấp thiết, xe ưu tiên, hoặc người khác cầm lái (kèm lệnh vận chuyển, phân công lái xe)",
        ),
        "moving_silence": (
            "thiết bị hỏng, mất sóng, bảo dưỡng (kèm biên bản, thông báo của nhà cung cấp), dữ liệu lưu trong thiết "
            "bị",
            "phương tiện được chở hoặc kéo đi trong thời gian này",
        ),
        "driving": (
            "người khác cầm lái trong một phần thời gian (kèm phân công lái xe, lệnh vận chuyển, bản ghi hình trong "
            "xe)",
            "có nghỉ mà thiết bị không ghi; thẻ, giấy phép bị người khác dùng hoặc không được đăng xuất",
            "tắc đường, sự cố, điều động của cơ quan có thẩm quyền",
        ),
        "weighing": (
            "kết quả cân lại, cân tĩnh; giấy chứng nhận kiểm định của cân; phiếu cân nơi xếp hàng",
            "giấy phép lưu hành xe, giấy chứng nhận kiểm định của xe và của rơ moóc có trị số khác",
            "người xếp hàng, số người trên xe, biển báo tải trọng tại vị trí đó",
        ),
    },
    answer_registry="sổ đăng ký ghi sai đơn vị, loại xe hoặc phương tiện đã chuyển cho đơn vị khác",
)  # fmt: skip
_PENALTIES = Penalties(
    subjects={
        "driver": "Người điều khiển phương tiện",
        "owner": "Chủ phương tiện",
        "operator": "Đơn vị kinh doanh vận tải",
        "loader": "Người xếp hàng",
        "provider": "Đơn vị cung cấp dịch vụ",
    },
    fine="phạt tiền {range} đồng",
    organisation="tổ chức: {range} đồng",
    points="trừ {points} điểm giấy phép lái xe",
    suspensions={
        "suspension_months": "tước quyền sử dụng giấy phép lái xe {range} tháng",
        "badge_suspension_months": "tước phù hiệu {range} tháng",
    },
    between="{low} đến {high}",
    because={
        "gross and axle mass of one weighing give one fine": (
            "tổng trọng lượng và tải trọng trục của một lần cân chỉ bị phạt một lần, theo lỗi nặng hơn"
        ),
        "in this band the article fines gross mass only": (
            "ở mức này điều luật chỉ phạt tổng trọng lượng; lần cân có thể được tính khi xem xét thu hồi phù hiệu"
        ),
    },
    notes={
        "the use of a card is found, not the person who used it": (
            "ghi nhận việc sử dụng giấy phép, không phải người đã dùng"
        ),
        "the data are missing; through whose fault is to be found out": "thiếu dữ liệu; lỗi của ai cần được làm rõ",
        "who loaded the vehicle is not in the record": "dữ liệu không ghi ai đã xếp hàng",
        "business of the vehicle not known: the milder of the articles for passengers and for goods": (
            "không rõ loại hình kinh doanh: lấy điều khoản nhẹ hơn giữa chở khách và chở hàng"
        ),
    },
    citation="citation_vi",
    not_verified=wording.UNVERIFIED.lower(),
)
VI = Words(
    number=number_vi, duration=duration_vi, when=when_vi, statements=_STATEMENTS, doubts=_DOUBTS,
    penalties=_PENALTIES, roads=road_words.VI,
)  # fmt: skip
