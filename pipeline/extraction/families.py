"""Family names of Viet Nam: by which a misread name of a person is told.

Those of the Kinh and of the larger other peoples, as they are spelled officially.  The list is not complete and need
not be: a name that is not here is only shown to a person, who confirms it.
"""

_NAMES = """
Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý An Ân Âu Bạc Bạch Bàn Bành Bế Biện Bồ
Ca Cái Cam Cao Cát Cấn Cầm Chang Chảo Châu Chế Chu Chung Chúng Cồ Cổ Công Cù Cung Cư Cự Danh Diêm Diệp Doãn Dư
Đái Đàm Đan Đàng Đào Đầu Đậu Đèo Điền Điểu Điêu Đinh Đoàn Đồng Đổng Đới Đường Giả Giang Giàng Giáp Hà Hạ Hán
Hàn Hàng Hầu Hình Hoa Hoắc Hờ Hứa Hùng Hướng Kha Khổng Khuất Khúc Khương Khưu Kiều Kim Kỷ La Lã Lai Lại Lam
Lâm Lang Lành Lăng Lầu Lều Liên Liêu Liễu Lô Lò Lộc Lù Luân Lục Luyện Lư Lữ Lưu Lương Lường Ly Ma Mạc Mạch Mã
Mai Man Mạnh Mẫn Mâu Mậu Miêu Mông Mùa Nghị Nghiêm Ngọ Ngân Ngụy Nguỵ Nhan Nhâm Nhữ Ninh Nông Ôn Ông Phí Phó
Phù Phú Phùng Phương Quách Quan Quản Quàng Quảng Sái Sầm Sơn Sùng Sử Tạ Tán Tào Tăng Tằng Tất Thạch Thái Thân
Thang Thào Thẩm Thi Thiều Thôi Tiền Tiêu Tiết Tô Tôn Tống Tòng Trà Trác Trang Triệu Trình Trịnh Trưng Trương
Từ Tưởng Ty Ung Uông Ưng Văn Vàng Vi Viên Vòng Vừ Vương Xa Xung Y Yên
"""
FAMILIES = frozenset(_NAMES.lower().split())
