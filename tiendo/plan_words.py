"""What every table and column of a plan means, in the words of who fills it in; choices and forms of writing too."""

from collections.abc import Mapping

from tiendo.labels import WORDS
from tiendo.plan_tables import TABLES, Column

# Table → what it is called, and what a row of it is.
TABLE_WORDS: dict[str, tuple[str, str]] = {
    "term": ("Nhiệm kỳ", "Đúng một dòng: nhiệm kỳ của kế hoạch và cơ quan có kế hoạch."),
    "org_units": (
        "Đơn vị",
        "Mỗi dòng một đơn vị trong một khoảng thời gian: cơ quan có kế hoạch, cấp dưới, các sở ngành.",
    ),
    "succession": ("Sáp nhập, chia tách", "Mỗi dòng một bước chuyển từ đơn vị cũ sang đơn vị mới."),
    "officers": ("Cán bộ", "Mỗi dòng một người báo cáo, phụ trách hoặc nhận tin."),
    "responsibilities": ("Phân công", "Mỗi dòng: ai giữ vai trò gì, đối với việc hay đơn vị nào."),
    "programmes": ("Chương trình trọng tâm", "Mỗi dòng một chương trình, gồm nhiều đề án."),
    "schemes": ("Đề án", "Mỗi dòng một đề án thuộc một hoặc nhiều chương trình."),
    "indicators": ("Chỉ tiêu", "Mỗi dòng một chỉ tiêu: đo bằng gì, ai báo cáo, tính và gộp thế nào."),
    "targets": (
        "Mục tiêu",
        "Mỗi dòng mục tiêu của một chỉ tiêu trong một thời gian, chung hoặc của một đơn vị.",
    ),
    "branches": ("Nhánh", "Mỗi dòng một nhánh của chỉ tiêu loại any_of hoặc all_of."),
    "stages": ("Giai đoạn", "Mỗi dòng một giai đoạn của chỉ tiêu loại milestone."),
    "rules": ("Quy tắc kiểm tra", "Mỗi dòng một phép kiểm tra số liệu gửi lên của một chỉ tiêu."),
    "deadlines": (
        "Hạn gửi riêng",
        "Mỗi dòng hạn gửi của một cấp và một loại kỳ; bảng trống: theo lịch trong tiendo.toml.",
    ),
    "rounds": (
        "Đợt báo cáo",
        "Mỗi dòng một đợt báo cáo, rà soát; bảng trống: mỗi kỳ một đợt thường kỳ.",
    ),
    "assignments": ("Nhiệm vụ", "Mỗi dòng một việc phải làm có thời hạn, đếm riêng với chỉ tiêu."),
}

_ORDER = "Số thứ tự khi in; bỏ trống thì in sau."
_DOCUMENT = "Số, ký hiệu văn bản."
_AGENCIES = "Mã các đơn vị phối hợp."

# Table and column → one line.
COLUMN_WORDS: dict[tuple[str, str], str] = {
    ("term", "code"): "Mã nhiệm kỳ, thí dụ NK2026-2030.",
    ("term", "name"): "Tên nhiệm kỳ, như in trên báo cáo.",
    ("term", "authority"): "Mã đơn vị có kế hoạch (tỉnh, huyện).",
    ("term", "starts"): "Ngày đầu nhiệm kỳ.",
    ("term", "ends"): "Ngày cuối nhiệm kỳ.",
    (
        "org_units",
        "code",
    ): "Mã đơn vị; cũng là tên thư mục nhận tệp. Mã cũ dùng lại được khi đơn vị cũ đã hết hiệu lực.",
    ("org_units", "name"): "Tên đầy đủ của đơn vị.",
    ("org_units", "level"): "Cấp, tự đặt và dùng thống nhất, thí dụ province, district, commune, agency.",
    ("org_units", "parent"): "Mã đơn vị cấp trên trực tiếp.",
    ("org_units", "valid_from"): "Ngày đơn vị bắt đầu có hiệu lực; trống: từ trước đến nay.",
    ("org_units", "valid_to"): "Ngày cuối còn hiệu lực; trống: chưa hết.",
    ("org_units", "reports"): "Có nộp báo cáo định kỳ cho các chỉ tiêu giao cho cả cấp (tier) hay không.",
    ("org_units", "weight"): "Trọng số của đơn vị khi tính bình quân.",
    ("org_units", "order"): _ORDER,
    ("org_units", "cluster"): "Tên cụm, nhóm đơn vị ngang nhau để xếp hạng và lập báo cáo.",
    ("succession", "predecessor"): "Mã đơn vị cũ.",
    ("succession", "successor"): "Mã đơn vị mới.",
    ("succession", "date"): "Ngày chuyển.",
    ("succession", "kind"): "Kiểu chuyển.",
    ("succession", "share"): "Phần của đơn vị cũ chuyển sang đơn vị mới, từ 0 đến 1; cần khi chia tách.",
    ("succession", "document"): "Văn bản quyết định việc chuyển.",
    ("officers", "code"): "Mã cán bộ, tự đặt, ngắn.",
    ("officers", "name"): "Họ và tên.",
    ("officers", "title"): "Chức vụ.",
    ("officers", "unit"): "Mã đơn vị công tác.",
    ("officers", "email"): "Địa chỉ thư để nhắc hạn và trả lời.",
    ("officers", "phone"): "Số điện thoại; ghi ở dạng chữ để giữ số 0 ở đầu.",
    ("officers", "channels"): "Tên các kênh gửi tin đã khai báo trong tiendo.toml; trống: mọi kênh.",
    ("officers", "locale"): "Tiếng dùng khi gửi tin cho người này; trống: theo tiendo.toml.",
    ("responsibilities", "officer"): "Mã cán bộ.",
    ("responsibilities", "role"): "Vai trò.",
    ("responsibilities", "scope"): "Phạm vi: mã ở cột code là mã của cái gì.",
    ("responsibilities", "code"): "Mã đơn vị, chương trình, đề án, chỉ tiêu hoặc nhiệm kỳ, theo cột scope.",
    ("responsibilities", "valid_from"): "Ngày bắt đầu giữ vai trò; trống: từ đầu.",
    ("responsibilities", "valid_to"): "Ngày cuối giữ vai trò; trống: chưa thôi.",
    ("programmes", "code"): "Mã chương trình.",
    ("programmes", "name"): "Tên chương trình.",
    ("programmes", "order"): _ORDER,
    ("schemes", "code"): "Mã đề án.",
    ("schemes", "programme"): "Mã chương trình có đề án này.",
    ("schemes", "name"): "Tên đề án.",
    ("schemes", "order"): _ORDER,
    ("schemes", "lead_agency"): "Mã đơn vị chủ trì.",
    ("schemes", "coordinating_agencies"): _AGENCIES,
    ("schemes", "document"): _DOCUMENT,
    ("indicators", "code"): "Mã chỉ tiêu; giữ nguyên suốt nhiệm kỳ.",
    ("indicators", "name"): "Tên chỉ tiêu, như in trên báo cáo.",
    ("indicators", "scheme"): "Mã đề án có chỉ tiêu này.",
    ("indicators", "programme"): "Mã chương trình, khi chỉ tiêu thuộc thẳng chương trình, không qua đề án.",
    ("indicators", "resolution"): "Là chỉ tiêu Nghị quyết; vẫn có thể thuộc một đề án.",
    ("indicators", "field"): "Lĩnh vực, thí dụ Kinh tế.",
    ("indicators", "parent"): "Mã chỉ tiêu chủ yếu mà chỉ tiêu này là thành phần.",
    ("indicators", "order"): _ORDER,
    ("indicators", "unit"): "Đơn vị tính: ha, %, tỷ đồng …",
    ("indicators", "decimals"): "Số chữ số thập phân khi in; trống: 1.",
    ("indicators", "frequency"): "Bao lâu báo cáo một lần.",
    ("indicators", "accumulation"): "Cách tính từ các kỳ ra số đến hết kỳ.",
    ("indicators", "aggregation"): "Cách gộp số của các đơn vị thành số chung.",
    ("indicators", "weight_indicator"): "Mã chỉ tiêu làm trọng số, khi aggregation là weighted_mean.",
    ("indicators", "scale"): "Hệ số nhân khi aggregation là ratio: 100 nếu tính bằng %.",
    ("indicators", "type"): "Loại mục tiêu: cách tính mức đạt.",
    ("indicators", "direction"): "Tăng hay giảm là tốt.",
    ("indicators", "flags"): "Cách tính riêng.",
    ("indicators", "part_of"): "Mã chỉ tiêu tổng mà chỉ tiêu này là một phần (nguồn vốn …); không đếm riêng.",
    ("indicators", "reported_by"): (
        "Ai báo cáo: tier (mọi đơn vị có reports=yes), level:CẤP, mã đơn vị; nối bằng dấu chấm phẩy. "
        "Hoặc source:MÃ (lấy số của chỉ tiêu khác), nobody (không ai báo cáo)."
    ),
    ("indicators", "figure_of"): "Mã đơn vị có số là số chung; trống: gộp số của mọi đơn vị báo cáo.",
    (
        "indicators",
        "tolerance_pct",
    ): "Chênh lệch cho phép (%), giữa các nguồn và giữa tổng mục tiêu các đơn vị với mục tiêu chung.",
    ("indicators", "counts"): (
        "Có đếm vào kết quả hay không; trống: có, trừ trọng số, chuẩn so sánh, nhánh và phần của tổng."
    ),
    ("indicators", "weight"): "Trọng số trong chỉ số tổng hợp.",
    ("indicators", "required"): "Đơn vị có bắt buộc phải cho số, không được để trống ô, hay không.",
    ("indicators", "lead_agency"): "Mã đơn vị chủ trì; trống: đơn vị chủ trì của đề án.",
    ("indicators", "coordinating_agencies"): "Mã các đơn vị phối hợp; trống: của đề án.",
    ("indicators", "definition"): "Định nghĩa, cách tính; hiện ở tệp mẫu của đơn vị.",
    ("indicators", "data_source"): "Nguồn số liệu.",
    ("indicators", "document"): "Văn bản giao chỉ tiêu.",
    ("targets", "indicator"): "Mã chỉ tiêu.",
    ("targets", "unit"): "Mã đơn vị được giao; trống: mục tiêu chung của cơ quan có kế hoạch.",
    ("targets", "span"): "Thời gian của mục tiêu: cả nhiệm kỳ, một năm hoặc một kỳ.",
    ("targets", "series"): "Bộ mục tiêu: assigned = được giao, aspired = phấn đấu.",
    ("targets", "baseline"): "Số gốc, lúc bắt đầu.",
    ("targets", "baseline_year"): "Năm của số gốc.",
    ("targets", "target"): "Mục tiêu; loại every_year, rate, reduction ghi mức mỗi năm.",
    ("targets", "low"): "Cận dưới, loại range.",
    ("targets", "high"): "Cận trên, loại range.",
    ("targets", "cap"): "Loại ceiling: vượt trần bao nhiêu thì mức đạt còn 0; bắt buộc khi mức trần là 0.",
    ("targets", "top_n"): "Loại rank: đứng trong bao nhiêu hạng đầu thì đạt.",
    ("targets", "benchmark"): "Mã chỉ tiêu làm chuẩn, loại benchmark.",
    ("targets", "offset"): "Loại benchmark: cộng thêm vào chuẩn.",
    ("targets", "due"): "Ngày phải xong, loại milestone.",
    ("targets", "text"): "Mục tiêu đúng như văn bản viết, thí dụ: trên 57,5%.",
    ("branches", "indicator"): "Mã chỉ tiêu loại any_of hoặc all_of.",
    ("branches", "branch"): "Mã chỉ tiêu là một nhánh.",
    ("stages", "indicator"): "Mã chỉ tiêu loại milestone.",
    ("stages", "stage"): "Mã giai đoạn, thí dụ 1, 2, 3.",
    ("stages", "name"): "Tên giai đoạn.",
    ("stages", "weight"): "Trọng số của giai đoạn, lớn hơn 0.",
    ("stages", "due"): "Ngày phải xong giai đoạn.",
    ("rules", "indicator"): "Mã chỉ tiêu được kiểm tra.",
    ("rules", "check"): "Phép kiểm tra.",
    ("rules", "value"): (
        "Giá trị của phép kiểm tra: bắt buộc với min, max, max_change_pct; với compare là hệ số (trống: 1); "
        + "với parts_sum là chênh lệch cho phép (%)."
    ),
    ("rules", "other"): "Mã chỉ tiêu thứ hai, với compare.",
    ("rules", "severity"): "Khi không đạt phép kiểm tra.",
    ("deadlines", "level"): "Cấp của đơn vị, như ở bảng org_units.",
    ("deadlines", "frequency"): "Loại kỳ.",
    ("deadlines", "cut_off"): (
        "Ngày chốt số liệu: last_month:5 (ngày 5 của tháng cuối kỳ), day:5 (ngày 5 tháng sau kỳ); trống: theo lịch, "
        "nhưng không sau hạn gửi."
    ),
    ("deadlines", "due"): (
        "Hạn gửi: cutoff+2wd (2 ngày làm việc sau ngày chốt), cutoff+10d (10 ngày), day:15 (ngày 15 tháng sau kỳ), "
        "last_month:6 (ngày 6 của tháng cuối kỳ)."
    ),
    ("deadlines", "hour"): "Giờ hết hạn trong ngày, từ 0 đến 24; trống: theo cài đặt.",
    ("deadlines", "locks"): "Ngày khóa kỳ: due+30d, due+10wd (tính từ hạn gửi), day:28; trống: theo cài đặt.",
    ("deadlines", "valid_from"): "Dòng này áp dụng cho các kỳ kết thúc từ ngày nào; trống: từ đầu.",
    ("rounds", "code"): "Mã đợt.",
    ("rounds", "name"): "Tên đợt, như in trên báo cáo.",
    ("rounds", "period"): "Kỳ của số liệu.",
    ("rounds", "kind"): "Loại đợt.",
    ("rounds", "against"): "So với mục tiêu nào.",
    (
        "rounds",
        "units",
    ): "Mã các đơn vị theo đợt này; trống: mọi đơn vị phải nộp. Đơn vị khác nộp như mọi kỳ.",
    (
        "rounds",
        "indicators",
    ): "Mã các chỉ tiêu phải báo cáo (đợt đột xuất: hỏi thêm ngoài kỳ); trống: như mọi kỳ.",
    ("rounds", "opens"): "Ngày mở nhận.",
    ("rounds", "cut_off"): "Ngày chốt số liệu.",
    ("rounds", "due"): "Hạn gửi.",
    ("rounds", "locks"): "Ngày khóa.",
    ("rounds", "asks"): "Hỏi thêm đơn vị điều gì.",
    ("assignments", "code"): "Mã nhiệm vụ.",
    ("assignments", "name"): "Nội dung nhiệm vụ.",
    ("assignments", "programme"): "Mã chương trình có nhiệm vụ này.",
    ("assignments", "scheme"): "Mã đề án có nhiệm vụ này.",
    ("assignments", "source"): "Ai giao, giao ở đâu.",
    ("assignments", "document"): _DOCUMENT,
    ("assignments", "lead_agency"): "Mã đơn vị chủ trì.",
    ("assignments", "coordinating_agencies"): _AGENCIES,
    ("assignments", "product"): "Sản phẩm phải có khi xong.",
    ("assignments", "issued"): "Ngày giao.",
    ("assignments", "due"): "Hạn hoàn thành.",
    ("assignments", "due_kind"): "Loại thời hạn.",
    ("assignments", "extended_to"): "Hạn mới, nếu được gia hạn.",
}

_FREQUENCIES = {code: vietnamese for code, (vietnamese, _) in WORDS["frequency"].items()}

# Column with a closed vocabulary → the meaning of each choice.
CHOICE_WORDS: dict[tuple[str, str], Mapping[str, str]] = {
    ("succession", "kind"): {
        "merge": "sáp nhập",
        "split": "chia tách",
        "rename": "đổi tên",
        "move": "chuyển cấp trên",
        "abolish": "giải thể",
    },
    ("officers", "locale"): {"vi": "tiếng Việt", "en": "tiếng Anh"},
    ("responsibilities", "role"): {
        "reporter": "người báo cáo",
        "head": "thủ trưởng đơn vị",
        "leader": "lãnh đạo phụ trách",
        "reviewer": "người rà soát",
    },
    ("responsibilities", "scope"): {
        "unit": "đơn vị",
        "programme": "chương trình",
        "scheme": "đề án",
        "indicator": "chỉ tiêu",
        "term": "cả nhiệm kỳ",
    },
    ("indicators", "frequency"): _FREQUENCIES,
    ("indicators", "accumulation"): {
        "flow": "số trong kỳ, cộng dồn các kỳ",
        "cumulative": "số lũy kế, lấy số cuối",
        "stock": "số hiện có, lấy số cuối",
        "rate": "tốc độ từng năm, lấy bình quân",
        "state": "mốc, thứ hạng: lấy lần cuối",
    },
    ("indicators", "aggregation"): {
        "sum": "cộng",
        "min": "nhỏ nhất",
        "max": "lớn nhất",
        "mean": "bình quân giản đơn",
        "weighted_mean": "bình quân gia quyền",
        "ratio": "tổng tử số chia tổng mẫu số",
        "any": "một đơn vị xong là xong",
        "all": "mọi đơn vị xong mới xong",
        "count_met": "số đơn vị đạt",
        "none": "không gộp, một đơn vị báo cáo",
    },
    ("indicators", "type"): {
        "ratio": "thực hiện chia mục tiêu, càng cao càng tốt",
        "gap": "phần quãng đường từ số gốc đến mục tiêu",
        "rate": "tốc độ bình quân năm",
        "every_year": "năm nào cũng phải đạt",
        "threshold": "đạt hay không đạt ngưỡng",
        "range": "nằm trong khoảng low–high",
        "ceiling": "không vượt mức trần",
        "milestone": "hoàn thành một việc, có thể theo giai đoạn",
        "rank": "thứ hạng",
        "benchmark": "so với một chỉ tiêu khác",
        "any_of": "một trong các nhánh đạt",
        "all_of": "mọi nhánh đều đạt",
        "reduction": "mức giảm mỗi năm (điểm)",
    },
    ("indicators", "direction"): {"up": "tăng là tốt", "down": "giảm là tốt"},
    ("indicators", "flags"): {
        "corridor": "loại range: vượt cận trên cũng là không đạt",
        "geometric": "bình quân nhân thay cho bình quân cộng",
        "from_levels": "báo cáo mức, máy tính ra tốc độ mỗi năm từ số gốc",
    },
    ("indicators", "counts"): {"yes": "có", "no": "không"},
    ("rules", "check"): {
        "min": "không nhỏ hơn value",
        "max": "không lớn hơn value",
        "max_change_pct": "thay đổi so kỳ trước không quá value %",
        "not_falling": "không giảm",
        "parts_sum": "bằng tổng các chỉ tiêu phần (part_of)",
        "compare": "không lớn hơn value lần chỉ tiêu other",
    },
    ("rules", "severity"): {"error": "lỗi, phải sửa", "warning": "lưu ý, vẫn nhận"},
    ("deadlines", "frequency"): _FREQUENCIES,
    ("rounds", "kind"): {
        "regular": "thường kỳ",
        "interim": "sơ kết",
        "final": "tổng kết",
        "ad_hoc": "đột xuất",
    },
    ("rounds", "against"): {code: vietnamese for code, (vietnamese, _) in WORDS["against"].items()},
    ("rounds", "asks"): {
        "year_estimate": "ước cả năm",
        "outlook": "khả năng hoàn thành",
        "narrative": "lời văn",
    },
    ("assignments", "due_kind"): {
        "dated": "có hạn",
        "standing": "thường xuyên",
        "awaiting": "chờ điều kiện",
    },
}

YES_NO_WORDS = {"yes": "có", "no": "không"}

# Kind of a column → how a cell of it is written.
FORM_WORDS: dict[str, str] = {
    "text": "chữ",
    "number": "số",
    "integer": "số nguyên",
    "date": "ngày, dạng 2026-12-31",
    "yes_no": "yes hoặc no",
    "list": "một hoặc nhiều, nối bằng dấu chấm phẩy",
    "span": "2026-2030, 2026, 2026-H1, 2026-9M, 2026-Q4 hoặc 2026-03",
}


def choices_of(table: str, column: Column) -> Mapping[str, str]:
    """What may stand in a column with a closed vocabulary, with its meaning; empty for the others."""
    return YES_NO_WORDS if column.kind == "yes_no" else CHOICE_WORDS.get((table, column.name), {})


def column_need(column: Column) -> str:
    """Whether a cell of a column must be filled in."""
    return "bắt buộc" if column.required else "không"


def column_form(column: Column) -> str:
    """How a cell of a column is written."""
    if column.choices:
        return (
            "một hoặc nhiều giá trị cho sẵn, nối bằng dấu chấm phẩy" if column.kind == "list" else "chọn một"
        )
    if not column.to:
        return FORM_WORDS[column.kind]
    several = "; nhiều mã nối bằng dấu chấm phẩy" if column.kind == "list" else ""
    return f"mã ở bảng {column.to}{several}"


def column_text(table: str, column: Column) -> str:
    """What a column means, and what an empty cell of it means where that is something."""
    default = f" Trống nghĩa là {column.default}." if column.default else ""
    return COLUMN_WORDS[table, column.name] + default


def column_lines(table: str, column: Column) -> list[str]:
    """All that is to be known for filling a column: meaning, need, form, choices."""
    need = "BẮT BUỘC" if column.required else "Không bắt buộc"
    lines = [column_text(table, column), f"{need}. Cách ghi: {column_form(column)}."]
    if choices := choices_of(table, column):
        said = "; ".join(f"{choice} = {meaning}" for choice, meaning in choices.items())
        lines.append(f"Chọn: {said}.")
    return lines


def missing_words() -> list[str]:
    """Tables, columns and choices without words, and words that belong to none: nothing, if all is in order."""
    columns = {(name, column.name): column for name, table in TABLES.items() for column in table.columns}
    vocabularies = {place: set(column.choices) for place, column in columns.items() if column.choices}
    apart = set(TABLES) ^ set(TABLE_WORDS)
    apart |= {".".join(place) for place in set(columns) ^ set(COLUMN_WORDS)}
    apart |= {".".join(place) for place in set(vocabularies) ^ set(CHOICE_WORDS)}
    for place, words in CHOICE_WORDS.items():
        apart |= {f"{'.'.join(place)}={choice}" for choice in vocabularies.get(place, set()) ^ set(words)}
    return sorted(apart | ({column.kind for column in columns.values()} ^ set(FORM_WORDS)))
