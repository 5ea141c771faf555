"""Papers in the form of Decree 30 (decisions, notice, letter, plan), and those of the desk (form, receipt)."""

from datetime import date

from samples.papers import Paper, Paragraph, Signer, entries, official, text


def decisions() -> tuple[Paper, ...]:
    """Administrative decision and land use decision."""
    return (_administrative_decision(), _land_use_decision())


def correspondence() -> tuple[Paper, ...]:
    """Notice of two pages, official letter, plan of three pages."""
    return (_notice(), _official_letter(), _plan())


def desk_papers() -> tuple[Paper, ...]:
    """What the desk takes in and gives out first: application form and dossier receipt."""
    return (_application_form(), _dossier_receipt())


def _administrative_decision() -> Paper:
    return Paper(
        file="Quyết định 12.jpg",
        kind="administrative_decision",
        type_code="KQ.H17.990009",
        issued=date(2025, 7, 15),
        issuer="Ủy ban nhân dân phường Hải Châu",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG HẢI CHÂU"),
        number="12/QĐ-UBND",
        title="QUYẾT ĐỊNH",
        abstract="Về việc kiện toàn Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu",
        recipients=("Như Điều 3;", "Thường trực Đảng ủy phường;", "Lưu: VT."),
        body=(
            Paragraph("CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU", align="centre", bold=True),
            *text(
                "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
                "Căn cứ Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ về thực hiện thủ tục hành "
                "chính theo cơ chế một cửa, một cửa liên thông tại Bộ phận Một cửa và Cổng Dịch vụ công quốc gia;",
                "Theo đề nghị của Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân phường.",
            ),
            Paragraph("QUYẾT ĐỊNH:", align="centre", bold=True),
            *text(
                "Điều 1.|Kiện toàn Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu gồm 08 thành viên, do Phó Chủ "
                "tịch Ủy ban nhân dân phường làm Trưởng bộ phận.",
                "Điều 2.|Bộ phận Tiếp nhận và Trả kết quả có trách nhiệm hướng dẫn, tiếp nhận, số hóa hồ sơ, giấy tờ "
                "và trả kết quả giải quyết thủ tục hành chính cho tổ chức, cá nhân đúng thời hạn.",
                "Điều 3.|Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng, thủ trưởng các đơn vị liên quan "
                "và các thành viên có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này./.",
            ),
        ),
        signatures=(official("CHỦ TỊCH", name="Phan Thành Long", seal="ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU"),),
    )


def _land_use_decision() -> Paper:
    return Paper(
        file="QĐ 214 chuyển mục đích sử dụng đất.pdf",
        kind="land_use_decision",
        type_code="KQ.G10.000868",
        issued=date(2026, 1, 8),
        issuer="Ủy ban nhân dân phường Ngũ Hành Sơn",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG NGŨ HÀNH SƠN"),
        number="214/QĐ-UBND",
        title="QUYẾT ĐỊNH",
        abstract="Về việc cho phép bà Trần Thị Thanh Hoa chuyển mục đích sử dụng đất",
        owner_id="048171005582",
        owner_name="Trần Thị Thanh Hoa",
        recipients=("Như Điều 3;", "Văn phòng Đăng ký đất đai;", "Lưu: VT, KTHTĐT."),
        body=(
            Paragraph("CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG NGŨ HÀNH SƠN", align="centre", bold=True),
            *text(
                "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
                "Căn cứ Luật Đất đai và các văn bản quy định chi tiết thi hành;",
                "Theo đề nghị của Phòng Kinh tế, Hạ tầng và Đô thị tại Tờ trình số 31/TTr-KTHTĐT.",
            ),
            Paragraph("QUYẾT ĐỊNH:", align="centre", bold=True),
            *text(
                "Điều 1.|Cho phép bà Trần Thị Thanh Hoa, Số định danh cá nhân: 048171005582, địa chỉ thường trú tại "
                "18 Lê Văn Hiến, phường Ngũ Hành Sơn, thành phố Đà Nẵng, được chuyển mục đích sử dụng 299 mét vuông "
                "đất trồng cây hằng năm khác sang đất ở tại đô thị, thuộc thửa đất số 257, tờ bản đồ số 80.",
                "Thời hạn sử dụng đất: lâu dài. Phương thức sử dụng đất: Nhà nước giao đất có thu tiền sử dụng đất.",
                "Điều 2.|Bà Trần Thị Thanh Hoa có trách nhiệm nộp tiền sử dụng đất, lệ phí trước bạ theo thông báo "
                "của cơ quan thuế và sử dụng đất đúng mục đích, đúng ranh giới, diện tích được giao.",
                "Điều 3.|Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng, thủ trưởng các đơn vị liên quan "
                "và bà có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này./.",
            ),
        ),
        signatures=(
            official(
                "KT. CHỦ TỊCH",
                "PHÓ CHỦ TỊCH",
                name="Nguyễn Thị Kim Oanh",
                seal="ỦY BAN NHÂN DÂN PHƯỜNG NGŨ HÀNH SƠN",
            ),
        ),
    )


def _notice() -> Paper:
    return Paper(
        file="45_TB-UBND thông báo số hóa.tif",
        kind="notice",
        type_code="TP.H17.990103",
        issued=date(2025, 12, 1),
        issuer="Ủy ban nhân dân phường Liên Chiểu",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG LIÊN CHIỂU"),
        number="45/TB-UBND",
        title="THÔNG BÁO",
        abstract="Về việc số hóa hồ sơ, giấy tờ tại Bộ phận Tiếp nhận và Trả kết quả",
        recipients=("Các khu dân cư;", "Trang thông tin điện tử phường;", "Lưu: VT, TTHCC."),
        size_pt=14,
        spacing=1.5,
        body=text(
            "Thực hiện kế hoạch số hóa hồ sơ, giấy tờ, kết quả giải quyết thủ tục hành chính, Ủy ban nhân dân "
            "phường Liên Chiểu thông báo đến tổ chức, cá nhân trên địa bàn như sau:",
            "1. Thời gian thực hiện:|Kể từ ngày 15 tháng 12 năm 2025, mọi giấy tờ nộp tại Bộ phận Tiếp nhận và Trả "
            "kết quả được số hóa ngay khi tiếp nhận. Người dân chờ tại quầy và nhận lại bản giấy sau khi công chức "
            "kiểm tra xong bản điện tử.",
            "2. Giấy tờ được số hóa:|Giấy khai sinh, giấy chứng nhận kết hôn, trích lục hộ tịch, giấy phép xây dựng, "
            "giấy chứng nhận đăng ký hộ kinh doanh, quyết định hành chính và các giấy tờ khác thuộc thành phần hồ sơ "
            "theo quy định của từng thủ tục.",
            "3. Quyền lợi của người dân:|Giấy tờ đã được số hóa và còn hiệu lực thì không phải nộp lại ở lần giải "
            "quyết thủ tục tiếp theo. Công chức tra cứu trong kho dữ liệu điện tử theo số định danh cá nhân của "
            "người nộp hồ sơ.",
            "4. Trách nhiệm của công chức:|Kiểm tra tính đầy đủ, rõ nét của bản quét; đối chiếu tên, số, ngày cấp "
            "với bản giấy; ký số bản sao điện tử trước khi lưu kho. Trường hợp bản quét bị mờ, thiếu trang hoặc "
            "lệch thông tin thì phải quét lại, không được yêu cầu người dân đi lại lần thứ hai.",
            "5. Bảo vệ dữ liệu cá nhân:|Bản điện tử chỉ được dùng để giải quyết thủ tục hành chính. Mỗi lần tra cứu "
            "đều được ghi lại, gồm người tra cứu, thời điểm và mã hồ sơ có liên quan.",
            "6. Nơi tiếp nhận ý kiến:|Bộ phận Tiếp nhận và Trả kết quả, trụ sở Ủy ban nhân dân phường, trong giờ "
            "hành chính từ thứ Hai đến thứ Sáu hằng tuần. Ý kiến của người dân được trả lời trong thời hạn 03 ngày "
            "làm việc.",
            "7. Trường hợp không số hóa:|Giấy tờ bị rách, mờ đến mức không đọc được, giấy tờ có dấu hiệu tẩy xóa hoặc "
            "thuộc danh mục bí mật nhà nước thì không số hóa tại quầy. Công chức giải thích lý do và hướng dẫn người "
            "dân cách bổ sung.",
            "8. Chi phí:|Người dân không phải trả chi phí cho việc số hóa giấy tờ tại Bộ phận Tiếp nhận và Trả kết "
            "quả. Lệ phí của thủ tục hành chính vẫn được thực hiện theo quy định hiện hành.",
            "Ủy ban nhân dân phường Liên Chiểu thông báo để tổ chức, cá nhân biết, thực hiện./.",
        ),
        signatures=(
            official(
                "TM. ỦY BAN NHÂN DÂN",
                "CHỦ TỊCH",
                name="Đỗ Minh Quân",
                seal="ỦY BAN NHÂN DÂN PHƯỜNG LIÊN CHIỂU",
            ),
        ),
    )


def _official_letter() -> Paper:
    return Paper(
        file="cong van 318.png",
        kind="official_letter",
        type_code="TP.H17.990105",
        issued=date(2024, 10, 21),
        issuer="Ủy ban nhân dân quận Cẩm Lệ",
        agency=("ỦY BAN NHÂN DÂN", "QUẬN CẨM LỆ"),
        number="318/UBND-VP",
        abstract="V/v số hóa kết quả giải quyết thủ tục hành chính còn hiệu lực",
        recipients=("Như trên;", "Chủ tịch (để báo cáo);", "Lưu: VT, VP."),
        spacing=1.45,
        body=(
            Paragraph("Kính gửi: Ủy ban nhân dân các phường.", align="centre"),
            *text(
                "Thực hiện kế hoạch số hóa kết quả giải quyết thủ tục hành chính còn hiệu lực, đề nghị Ủy ban nhân "
                "dân các phường rà soát, lập danh mục các loại kết quả đang lưu trữ tại đơn vị và gửi về Văn phòng "
                "trước ngày 25 hằng tháng.",
                "Danh mục cần ghi rõ tên loại giấy tờ, số lượng, năm ban hành, tình trạng vật lý của hồ sơ và hình "
                "thức lưu trữ hiện tại. Trường hợp hồ sơ bị mờ, rách hoặc thiếu trang, đề nghị ghi chú cụ thể để có "
                "phương án xử lý.",
                "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị liên hệ Văn phòng để được hướng dẫn. "
                "Rất mong nhận được sự quan tâm phối hợp của các đơn vị./.",
            ),
        ),
        signatures=(
            official(
                "TM. ỦY BAN NHÂN DÂN",
                "KT. CHỦ TỊCH",
                "PHÓ CHỦ TỊCH",
                name="Trần Bảo Hương",
                seal="ỦY BAN NHÂN DÂN QUẬN CẨM LỆ",
            ),
        ),
    )


def _plan() -> Paper:
    return Paper(
        file="Kế hoạch 09 năm 2024.tif",
        kind="plan",
        type_code="TP.H17.990104",
        issued=date(2024, 2, 2),
        issuer="Ủy ban nhân dân quận Sơn Trà",
        agency=("ỦY BAN NHÂN DÂN", "QUẬN SƠN TRÀ"),
        number="09/KH-UBND",
        title="KẾ HOẠCH",
        abstract="SỐ HÓA HỒ SƠ, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH NĂM 2024",
        recipients=("Ủy ban nhân dân thành phố;", "Ủy ban nhân dân các phường;", "Lưu: VT, VP."),
        size_pt=14,
        spacing=1.5,
        body=_plan_body(),
        signatures=(
            official("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", name="Huỳnh Hữu Hải", seal="ỦY BAN NHÂN DÂN QUẬN SƠN TRÀ"),
        ),
    )


def _plan_body() -> tuple[Paragraph, ...]:
    return text(
        "Căn cứ chương trình cải cách hành chính năm 2024, Ủy ban nhân dân quận Sơn Trà ban hành Kế hoạch số hóa hồ "
        "sơ, kết quả giải quyết thủ tục hành chính với các nội dung sau:",
        "I. MỤC ĐÍCH, YÊU CẦU|",
        "1. Chuyển hồ sơ, kết quả giải quyết thủ tục hành chính còn hiệu lực từ bản giấy sang bản điện tử có giá trị "
        "sử dụng, để người dân không phải nộp lại giấy tờ mà cơ quan nhà nước đã có.",
        "2. Bản điện tử phải đúng, đủ, rõ nét so với bản giấy; có chữ ký số của người số hóa và của cơ quan; được lưu "
        "trữ lâu dài, an toàn, tìm được trong thời gian ngắn.",
        "3. Việc số hóa được thực hiện tại quầy đối với hồ sơ mới và thực hiện theo đợt đối với hồ sơ đang lưu trữ. "
        "Không làm gián đoạn việc tiếp nhận và trả kết quả hằng ngày.",
        "II. CHỈ TIÊU|",
        "1. Số hóa 100% hồ sơ mới tiếp nhận tại Bộ phận Tiếp nhận và Trả kết quả của quận và của các phường.",
        "2. Số hóa tối thiểu 40% kết quả giải quyết thủ tục hành chính còn hiệu lực đang lưu trữ tại quận; tối thiểu "
        "35% đối với các phường.",
        "3. Tối thiểu 80% hồ sơ không yêu cầu người dân cung cấp lại giấy tờ đã được số hóa.",
        "4. Thời gian chờ của người dân không quá 15 phút trong một lượt giao dịch.",
        "III. NỘI DUNG THỰC HIỆN|",
        "1. Rà soát, phân loại hồ sơ:|Văn phòng chủ trì, phối hợp với các phòng chuyên môn lập danh mục hồ sơ còn "
        "hiệu lực theo lĩnh vực hộ tịch, đất đai, xây dựng, đăng ký kinh doanh; sắp xếp theo năm và loại giấy tờ.",
        "2. Chuẩn bị thiết bị:|Mỗi quầy có một máy quét tốc độ cao, độ phân giải từ 200 điểm ảnh trên một inch trở "
        "lên; một máy tính có phần mềm nhận dạng chữ tiếng Việt và thiết bị ký số.",
        "3. Quét và kiểm tra:|Công chức quét toàn bộ các trang của giấy tờ, kiểm tra độ rõ nét, độ nghiêng, thứ tự "
        "trang. Trang trắng được đánh dấu, không được bỏ. Bản quét không đạt phải quét lại ngay.",
        "4. Nhập thông tin:|Mỗi giấy tờ có tên loại, số và ký hiệu, ngày ban hành, cơ quan ban hành, trích yếu nội "
        "dung, số định danh của chủ giấy tờ và thời hạn có giá trị. Thông tin nhận dạng chưa chắc chắn phải được công "
        "chức xác nhận.",
        "5. Ký số và lưu kho:|Bản điện tử được người số hóa ký số, sau đó được ký số của cơ quan kèm dấu thời gian. "
        "Sau khi ký, bản điện tử không được sửa đổi.",
        "6. Khai thác:|Công chức tra cứu bản điện tử theo số định danh cá nhân hoặc mã số giấy tờ khi tiếp nhận hồ sơ. "
        "Mỗi lần tra cứu phải gắn với một mã hồ sơ cụ thể.",
        "IV. TỔ CHỨC THỰC HIỆN|",
        "1. Văn phòng Hội đồng nhân dân và Ủy ban nhân dân quận theo dõi, đôn đốc việc thực hiện Kế hoạch; tổng hợp, "
        "báo cáo kết quả trước ngày 20 của tháng cuối quý.",
        "2. Phòng Tài chính - Kế hoạch bố trí kinh phí từ nguồn ngân sách quận năm 2024 theo dự toán được duyệt.",
        "3. Phòng Văn hóa và Thông tin bảo đảm đường truyền, an toàn thông tin và hỗ trợ kỹ thuật cho các phường.",
        "4. Ủy ban nhân dân các phường xây dựng kế hoạch chi tiết, phân công công chức thực hiện, hoàn thành trước "
        "ngày 30 tháng 11 năm 2024.",
        "V. CHẾ ĐỘ BÁO CÁO|",
        "1. Các phường báo cáo tiến độ vào ngày 15 hằng tháng, gồm số hồ sơ đã số hóa, số trang, số bản quét phải làm "
        "lại và số lượt tra cứu để dùng lại.",
        "2. Văn phòng kiểm tra ngẫu nhiên tối thiểu 5% số bản điện tử trong tháng; tỷ lệ sai sót cho phép không quá "
        "1% số trường thông tin được kiểm tra.",
        "3. Kết quả thực hiện Kế hoạch là một căn cứ để đánh giá, xếp loại mức độ hoàn thành nhiệm vụ của tập thể, cá "
        "nhân trong năm 2024.",
        "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị phản ánh về Văn phòng để tổng hợp, báo cáo "
        "Ủy ban nhân dân quận xem xét, giải quyết./.",
    )


def _application_form() -> Paper:
    return Paper(
        file="Tờ khai trích lục.pdf",
        kind="application_form",
        type_code="TP.H17.990101",
        issued=date(2024, 8, 16),
        title="TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH",
        owner_id="048164004880",
        owner_name="Đặng Thị Hà",
        spacing=1.5,
        body=(
            Paragraph("Kính gửi: Ủy ban nhân dân phường Nam Dương", align="centre"),
            *entries(
                "Họ, chữ đệm, tên người yêu cầu: ĐẶNG THỊ HÀ",
                "Ngày, tháng, năm sinh: 26/07/1964|Giới tính: Nữ",
                "Số định danh cá nhân: 048164004880",
                "Nơi cư trú: 232 Lê Duẩn, phường Nam Dương, quận Hải Châu, thành phố Đà Nẵng",
                "Quan hệ với người được cấp bản sao trích lục: Mẹ",
                "Đề nghị cơ quan cấp bản sao trích lục khai sinh cho người có tên sau đây:",
                "Họ, chữ đệm, tên: Phan Minh Dũng",
                "Đã đăng ký tại: Ủy ban nhân dân phường Nam Dương, số 82/1990, ngày 25/02/1990",
                "Số lượng bản sao đề nghị cấp: 02 bản",
            ),
            *text(
                "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước pháp luật về cam "
                "đoan của mình.",
            ),
            Paragraph("Làm tại: Đà Nẵng, ngày 16 tháng 8 năm 2024", align="right", italic=True),
        ),
        signatures=((None, Signer(("NGƯỜI YÊU CẦU",), "Đặng Thị Hà", hint="(Ký, ghi rõ họ, chữ đệm, tên)")),),
    )


def _dossier_receipt() -> Paper:
    return Paper(
        file="Giấy tiếp nhận hồ sơ và hẹn trả kết quả.jpg",
        kind="dossier_receipt",
        type_code="TP.H17.990102",
        issued=date(2025, 4, 9),
        issuer="Ủy ban nhân dân quận Thanh Khê",
        parent=("UBND QUẬN THANH KHÊ",),
        agency=("BỘ PHẬN TIẾP NHẬN", "VÀ TRẢ KẾT QUẢ"),
        number="3308/TNHS",
        title="GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        owner_id="048190005431",
        owner_name="Huỳnh Phương Dung",
        dossier_code="000.00.31.H17-250409-0228",
        spacing=1.5,
        body=(
            Paragraph("Mã hồ sơ: 000.00.31.H17-250409-0228", align="centre", bold=True),
            *entries(
                "Bộ phận Tiếp nhận và Trả kết quả: Ủy ban nhân dân quận Thanh Khê",
                "Tiếp nhận hồ sơ của: HUỲNH PHƯƠNG DUNG",
                "Số định danh cá nhân: 048190005431",
                "Địa chỉ: 105 Điện Biên Phủ, phường Chính Gián, quận Thanh Khê, thành phố Đà Nẵng",
                "Nội dung yêu cầu giải quyết: Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam",
                "Mã thủ tục hành chính: 2.000488",
                "Thành phần hồ sơ nộp gồm:",
                "1. Tờ khai yêu cầu cấp Phiếu lý lịch tư pháp (01 bản chính)",
                "2. Căn cước công dân (01 bản sao)",
                "Số lượng hồ sơ: 01 (bộ)|Thời gian giải quyết: 10 ngày",
                "Thời gian nhận hồ sơ: 10 giờ 01 phút, ngày 09 tháng 4 năm 2025",
                "Thời gian trả kết quả: 08 giờ 00 phút, ngày 19 tháng 4 năm 2025",
                "Đăng ký nhận kết quả tại: Bộ phận Tiếp nhận và Trả kết quả",
            ),
        ),
        signatures=(
            (
                Signer(("NGƯỜI NỘP HỒ SƠ",), "Huỳnh Phương Dung", hint="(Ký và ghi rõ họ tên)"),
                Signer(("NGƯỜI TIẾP NHẬN HỒ SƠ",), "Võ Phương Yến", hint="(Ký và ghi rõ họ tên)"),
            ),
        ),
    )
