"""Officers who certify, and those who do not."""

from services.permissions import Asker

LAN, TITLE = "Nguyễn Thị Lan", "Phó Chủ tịch Ủy ban nhân dân phường"
TABLES = f"""
[[signing.officers]]
who = "lan"
name = "{LAN}"
title = "{TITLE}"
profiles = ["desk-copy", "certified-copy"]

[[signing.officers]]
who = "hoa"
name = "Trần Văn Hòa"
title = "Công chức tư pháp - hộ tịch"
agencies = ["H17.12"]
profiles = ["certified-copy"]

[[signing.officers]]
who = "tuan"
name = "Lê Tuấn"

[[signing.officers]]
who = "mai"
name = "Phạm Thị Mai"
profiles = ["certified-copy"]

[[signing.seals]]
who = "minh"
agency = "H17.12"
name = "UBND phường Hải Châu"
"""
DOSSIER = "H17.12-261130-0007"


def clerk(who: str = "lan", office: str = "H17.12") -> Asker:
    """Somebody at a desk."""
    return Asker(who=who, office=office, role="desk")
