"""The paper and the keys that the signing tests share."""

import os
import shutil
from io import BytesIO
from pathlib import Path

import img2pdf
import pikepdf
import pikepdf.pdfa
import pytest
from PIL import Image

from config.signing import SigningSettings
from signing.keys.software import SoftwareKeys
from signing.signer import CredentialSigners
from signing.stamps.local import LocalTimeStamps

OFFICER = "Nguyễn Thị Ngọc Ánh"
AGENCY = "Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu"


def settings(folder: Path) -> SigningSettings:
    """Settings with keys in a folder of their own."""
    return SigningSettings(keys=folder / "keys", officer=OFFICER, officer_agency=AGENCY)


def with_keys(keys: SoftwareKeys) -> CredentialSigners:
    """Signers with keys that a test has changed."""
    return CredentialSigners(keys.officer, keys.agency, LocalTimeStamps(keys.timestamps), development_only=True)


def paper(**page: object) -> bytes:
    """A white PDF/A-2b page; ``page`` gives further page entries such as ``Rotate=90``."""
    raster = BytesIO()
    Image.new("RGB", (496, 702), "white").save(raster, "JPEG", dpi=(60, 60))
    with pikepdf.open(BytesIO(img2pdf.convert(raster.getvalue()))) as pdf:
        for key, value in page.items():
            pdf.pages[0].obj[f"/{key}"] = pikepdf.Array(value) if isinstance(value, list) else value
        target = BytesIO()
        pikepdf.pdfa.save(pdf, target, "2b")
    return target.getvalue()


def program(name: str) -> str:
    """The path of a program; the test is skipped where it is missing, but fails in CI."""
    path = shutil.which(name)
    if path is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed")
    assert path, f"{name} must be installed in CI"
    return path
