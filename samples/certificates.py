"""Papers of civil status, justice, business and building: each is about one person."""

from datetime import date

from samples.papers import Paper, Paragraph, Signer, entries, official, text

_SIGN_HINT = "(Ký, ghi rõ họ, chữ đệm, tên)"


def civil_status() -> tuple[Paper, ...]:
    """Birth, marriage, death and marital status."""
    return (
        _birth_certificate(),
        _birth_extract(),
        _marriage_certificate(),
        _death_extract(),
        _marital_status_certificate(),
    )


def permits() -> tuple[Paper, ...]:
    """Household business, construction permit and judicial record."""
    return (_household_business_certificate(), _construction_permit(), _judicial_record())


def _birth_certificate() -> Paper:
    return Paper(
        file="Giấy khai sinh - Trần Minh Khôi.jpg",
        kind="birth_certificate",
        type_code="KQ.G15.000031",
        issued=date(2019, 9, 20),
        issuer="Ủy ban nhân dân phường Thạch Thang",
        number="215/2019",
        title="GIẤY KHAI SINH",
        owner_id="048219001275",
        owner_name="Trần Minh Khôi",
        framed=True,
        spacing=1.55,
        body=entries(
            "Họ, chữ đệm, tên: TRẦN MINH KHÔI",
            "Ngày, tháng, năm sinh: 12/09/2019",
            "Ghi bằng chữ: Ngày mười hai tháng chín năm hai nghìn không trăm mười chín",
            "Giới tính: Nam|Dân tộc: Kinh|Quốc tịch: Việt Nam",
            "Nơi sinh: Bệnh viện Phụ sản - Nhi Đà Nẵng, thành phố Đà Nẵng",
            "Quê quán: thành phố Đà Nẵng",
            "Số định danh cá nhân: 048219001275",
            "Họ, chữ đệm, tên người mẹ: LÊ THỊ HỒNG NHUNG",
            "Năm sinh: 1992|Dân tộc: Kinh|Quốc tịch: Việt Nam",
            "Nơi cư trú: 24 Quang Trung, phường Thạch Thang, quận Hải Châu, thành phố Đà Nẵng",
            "Họ, chữ đệm, tên người cha: TRẦN QUỐC BẢO",
            "Năm sinh: 1990|Dân tộc: Kinh|Quốc tịch: Việt Nam",
            "Nơi cư trú: 24 Quang Trung, phường Thạch Thang, quận Hải Châu, thành phố Đà Nẵng",
            "Nơi đăng ký khai sinh: Ủy ban nhân dân phường Thạch Thang, quận Hải Châu, thành phố Đà Nẵng",
            "Ngày, tháng, năm đăng ký: 20/09/2019",
        ),
        signatures=(
            official(
                "NGƯỜI KÝ GIẤY KHAI SINH",
                "CHỦ TỊCH",
                name="Nguyễn Hữu Phước",
                seal="ỦY BAN NHÂN DÂN PHƯỜNG THẠCH THANG",
            ),
        ),
    )


def _birth_extract() -> Paper:
    return Paper(
        file="trich-luc-khai-sinh-0076.jpg",
        kind="birth_extract",
        type_code="KQ.G15.990002",
        issued=date(2026, 2, 10),
        issuer="Ủy ban nhân dân phường Hải Châu",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG HẢI CHÂU"),
        number="76/TLKS-BS",
        title="TRÍCH LỤC KHAI SINH",
        owner_id="048303004862",
        owner_name="Phạm Thị Bảo Ngọc",
        spacing=1.5,
        body=(
            Paragraph("(BẢN SAO)", align="centre", bold=True),
            *entries(
                "Họ, chữ đệm, tên: PHẠM THỊ BẢO NGỌC",
                "Ngày, tháng, năm sinh: 05/06/2003",
                "Ghi bằng chữ: Ngày năm tháng sáu năm hai nghìn không trăm lẻ ba",
                "Giới tính: Nữ|Dân tộc: Kinh|Quốc tịch: Việt Nam",
                "Nơi sinh: Bệnh viện Đà Nẵng",
                "Quê quán: thành phố Đà Nẵng",
                "Số định danh cá nhân: 048303004862",
                "Họ, chữ đệm, tên người mẹ: Võ Thị Kim Liên",
                "Năm sinh: 1976|Dân tộc: Kinh|Quốc tịch: Việt Nam",
                "Họ, chữ đệm, tên người cha: Phạm Đình Sơn",
                "Năm sinh: 1974|Dân tộc: Kinh|Quốc tịch: Việt Nam",
                "Đăng ký khai sinh tại: Ủy ban nhân dân phường Hải Châu I",
                "Số: 188/2003|ngày: 16/06/2003",
            ),
            Paragraph("Thực hiện trích lục từ Sổ đăng ký hộ tịch lưu tại UBND phường Hải Châu.", italic=True),
        ),
        signatures=(
            official(
                "NGƯỜI KÝ TRÍCH LỤC", "PHÓ CHỦ TỊCH", name="Đặng Thị Minh Tâm", seal="ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU"
            ),
        ),
    )


def _marriage_certificate() -> Paper:
    return Paper(
        file="Giấy chứng nhận kết hôn 62-2021.pdf",
        kind="marriage_certificate",
        type_code="KQ.G15.000032",
        issued=date(2021, 11, 5),
        issuer="Ủy ban nhân dân phường Hòa Minh",
        number="62/2021",
        title="GIẤY CHỨNG NHẬN KẾT HÔN",
        owner_id="048194003421",
        owner_name="Nguyễn Thị Thu Hà",
        framed=True,
        spacing=1.5,
        body=entries(
            "Họ, chữ đệm, tên vợ:|Họ, chữ đệm, tên chồng:",
            "NGUYỄN THỊ THU HÀ|PHAN VĂN DŨNG",
            "Ngày, tháng, năm sinh: 18/07/1994|Ngày, tháng, năm sinh: 03/02/1991",
            "Dân tộc: Kinh|Dân tộc: Kinh",
            "Quốc tịch: Việt Nam|Quốc tịch: Việt Nam",
            "Số định danh cá nhân: 048194003421|Số định danh cá nhân: 048091007756",
            "Nơi đăng ký kết hôn: Ủy ban nhân dân phường Hòa Minh, quận Liên Chiểu, thành phố Đà Nẵng",
            "Ngày, tháng, năm đăng ký: 05/11/2021",
            "Giấy chứng nhận kết hôn này có giá trị kể từ ngày ký.",
        ),
        signatures=(
            (
                Signer(("VỢ",), "Nguyễn Thị Thu Hà", hint=_SIGN_HINT),
                Signer(("CHỒNG",), "Phan Văn Dũng", hint=_SIGN_HINT),
            ),
            official("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", name="Huỳnh Tấn Lộc", seal="ỦY BAN NHÂN DÂN PHƯỜNG HÒA MINH"),
        ),
    )


def _death_extract() -> Paper:
    return Paper(
        file="Trích lục khai tử số 57.png",
        kind="death_extract",
        type_code="KQ.G15.000034",
        issued=date(2025, 9, 8),
        issuer="Ủy ban nhân dân phường Thanh Khê",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG THANH KHÊ"),
        number="57/TLKT",
        title="TRÍCH LỤC KHAI TỬ",
        owner_id="048044002318",
        owner_name="Hồ Văn Thành",
        spacing=1.5,
        body=(
            *entries(
                "Họ, chữ đệm, tên người chết: HỒ VĂN THÀNH",
                "Ngày, tháng, năm sinh: 20/10/1944",
                "Giới tính: Nam|Dân tộc: Kinh|Quốc tịch: Việt Nam",
                "Số định danh cá nhân: 048044002318",
                "Đã chết vào lúc: 21 giờ 15 phút, ngày 01 tháng 9 năm 2025",
                "Nơi chết: 92 Trần Cao Vân, phường Thanh Khê, thành phố Đà Nẵng",
                "Nguyên nhân chết: Bệnh tim mạch",
                "Họ, chữ đệm, tên người đi khai tử: Hồ Thị Ánh Tuyết",
                "Đăng ký khai tử tại: Ủy ban nhân dân phường Thanh Khê",
                "Số: 57/2025|ngày: 08/09/2025",
            ),
            Paragraph("Thực hiện trích lục từ Sổ đăng ký hộ tịch lưu tại UBND phường Thanh Khê.", italic=True),
        ),
        signatures=(
            official(
                "NGƯỜI KÝ TRÍCH LỤC", "CHỦ TỊCH", name="Trương Công Định", seal="ỦY BAN NHÂN DÂN PHƯỜNG THANH KHÊ"
            ),
        ),
    )


def _marital_status_certificate() -> Paper:
    # Six months from the day of issue: this paper has run out, and reuse must say so.
    return Paper(
        file="xac nhan tinh trang hon nhan 118.jpg",
        kind="marital_status_certificate",
        type_code="KQ.G15.000038",
        issued=date(2023, 3, 15),
        issuer="Ủy ban nhân dân phường An Hải Bắc",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG AN HẢI BẮC"),
        number="118/UBND-XNTTHN",
        title="GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
        owner_id="048090001234",
        owner_name="Nguyễn Văn An",
        valid_until=date(2023, 9, 15),
        spacing=1.5,
        body=(
            Paragraph("Xét đề nghị của ông Nguyễn Văn An, về việc cấp Giấy xác nhận tình trạng hôn nhân,"),
            Paragraph("XÁC NHẬN:", align="centre", bold=True),
            *entries(
                "Họ, chữ đệm, tên: NGUYỄN VĂN AN",
                "Ngày, tháng, năm sinh: 25/12/1990",
                "Giới tính: Nam|Dân tộc: Kinh|Quốc tịch: Việt Nam",
                "Số định danh cá nhân: 048090001234",
                "Nơi cư trú: 15 Ngô Quyền, phường An Hải Bắc, quận Sơn Trà, thành phố Đà Nẵng",
                "Tình trạng hôn nhân: Hiện tại chưa đăng ký kết hôn với ai.",
                "Giấy này được cấp để: Làm thủ tục đăng ký kết hôn.",
            ),
            Paragraph("Giấy này có giá trị sử dụng trong thời hạn 06 tháng, kể từ ngày cấp."),
        ),
        signatures=(
            official(
                "TM. ỦY BAN NHÂN DÂN",
                "KT. CHỦ TỊCH",
                "PHÓ CHỦ TỊCH",
                name="Bùi Thị Thanh Vân",
                seal="ỦY BAN NHÂN DÂN PHƯỜNG AN HẢI BẮC",
            ),
        ),
    )


def _household_business_certificate() -> Paper:
    return Paper(
        file="Đăng ký hộ kinh doanh.pdf",
        kind="household_business_certificate",
        type_code="KQ.H17.990005",
        issued=date(2025, 10, 2),
        issuer="Phòng Kinh tế, Hạ tầng và Đô thị phường Hòa Khánh",
        parent=("UBND PHƯỜNG HÒA KHÁNH",),
        agency=("PHÒNG KINH TẾ, HẠ TẦNG", "VÀ ĐÔ THỊ"),
        number="4512/HKD",
        title="GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH",
        owner_id="048185006690",
        owner_name="Hoàng Thị Mai Phương",
        spacing=1.5,
        body=(
            Paragraph("Đăng ký lần đầu, ngày 02 tháng 10 năm 2025", align="centre", italic=True),
            *entries(
                "1. Tên hộ kinh doanh: TẠP HÓA MAI PHƯƠNG",
                "2. Địa chỉ trụ sở hộ kinh doanh: 307 Nguyễn Lương Bằng, phường Hòa Khánh, thành phố Đà Nẵng",
                "3. Ngành, nghề kinh doanh: Bán lẻ lương thực, thực phẩm trong cửa hàng",
                "4. Vốn kinh doanh: 80.000.000 đồng",
                "5. Họ và tên chủ hộ kinh doanh: HOÀNG THỊ MAI PHƯƠNG",
                "Giới tính: Nữ|Dân tộc: Kinh|Quốc tịch: Việt Nam",
                "Sinh ngày: 08/03/1985",
                "Số định danh cá nhân: 048185006690",
                "Nơi thường trú: 307 Nguyễn Lương Bằng, phường Hòa Khánh, thành phố Đà Nẵng",
            ),
        ),
        signatures=(
            official("TRƯỞNG PHÒNG", name="Lê Quang Hiếu", seal="PHÒNG KINH TẾ, HẠ TẦNG VÀ ĐÔ THỊ PHƯỜNG HÒA KHÁNH"),
        ),
    )


def _construction_permit() -> Paper:
    return Paper(
        file="GPXD_288_2026.jpg",
        kind="construction_permit",
        type_code="KQ.G17.000311",
        issued=date(2026, 5, 20),
        issuer="Ủy ban nhân dân phường Hòa Xuân",
        agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG HÒA XUÂN"),
        number="288/GPXD",
        title="GIẤY PHÉP XÂY DỰNG",
        owner_id="048079009143",
        owner_name="Đoàn Ngọc Quý",
        valid_until=date(2027, 5, 20),
        spacing=1.4,
        recipients=("Chủ đầu tư;", "Lưu: VT, KTHTĐT."),
        body=(
            Paragraph("(Sử dụng cho nhà ở riêng lẻ)", align="centre", italic=True),
            *entries(
                "1. Cấp cho: Ông ĐOÀN NGỌC QUÝ",
                "Số định danh cá nhân: 048079009143",
                "Địa chỉ thường trú: 41 Nguyễn Phước Lan, phường Hòa Xuân, thành phố Đà Nẵng.",
                "2. Được phép xây dựng công trình: nhà ở riêng lẻ.",
                "Vị trí xây dựng: thửa đất số 121, tờ bản đồ số 17, phường Hòa Xuân, thành phố Đà Nẵng.",
                "Mật độ xây dựng: 76 %|Hệ số sử dụng đất: 1,80 lần",
                "Diện tích xây dựng tầng 1: 64,30 m2|Tổng diện tích sàn: 128,60 m2",
                "Chiều cao công trình: 8,40 m|Số tầng: 02 tầng",
                "3. Giấy tờ về quyền sử dụng đất: Giấy chứng nhận quyền sử dụng đất số CP 633196.",
            ),
            Paragraph(
                "4. Giấy phép này có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày ký; "
                "quá thời hạn trên thì phải đề nghị gia hạn giấy phép xây dựng."
            ),
        ),
        signatures=(
            official(
                "TM. ỦY BAN NHÂN DÂN",
                "KT. CHỦ TỊCH",
                "PHÓ CHỦ TỊCH",
                name="Bùi Thanh Dũng",
                seal="ỦY BAN NHÂN DÂN PHƯỜNG HÒA XUÂN",
            ),
        ),
    )


def _judicial_record() -> Paper:
    return Paper(
        file="Phiếu LLTP số 1 - Võ Ngọc Yến.jpg",
        kind="judicial_record",
        type_code="KQ.G15.990007",
        issued=date(2021, 4, 9),
        issuer="Sở Tư pháp",
        parent=("UBND THÀNH PHỐ ĐÀ NẴNG",),
        agency=("SỞ TƯ PHÁP",),
        number="1187/LLTP",
        title="PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1",
        owner_id="048199003378",
        owner_name="Võ Ngọc Yến",
        spacing=1.4,
        recipients=("Người yêu cầu cấp phiếu;", "Lưu: VT, HCTP."),
        body=(
            *text(
                "Căn cứ Luật Lý lịch tư pháp ngày 17 tháng 6 năm 2009;",
                "Căn cứ Nghị định số 111/2010/NĐ-CP ngày 23 tháng 11 năm 2010 của Chính phủ quy định chi tiết "
                "và hướng dẫn thi hành một số điều của Luật Lý lịch tư pháp,",
            ),
            Paragraph("XÁC NHẬN:", align="centre", bold=True),
            *entries(
                "1. Họ và tên: VÕ NGỌC YẾN",
                "2. Giới tính: Nữ",
                "3. Ngày, tháng, năm sinh: 17/04/1999",
                "4. Nơi sinh: thành phố Đà Nẵng",
                "5. Quốc tịch: Việt Nam",
                "6. Nơi thường trú: 121 Nguyễn Văn Linh, phường Nam Dương, quận Hải Châu, thành phố Đà Nẵng",
                "7. Số định danh cá nhân: 048199003378",
                "8. Tình trạng án tích: Không có án tích.",
            ),
        ),
        signatures=(official("GIÁM ĐỐC", name="Huỳnh Công Hùng", seal="SỞ TƯ PHÁP THÀNH PHỐ ĐÀ NẴNG"),),
    )
