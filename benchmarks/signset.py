"""Papers, keys and an authority to measure signing with."""

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import img2pdf
import numpy as np
import pikepdf
import pikepdf.pdfa
from PIL import Image

from config.signing import SigningSettings
from domain.clock import now
from signing.keys.credentials import Algorithm, Credential, PrivateKey
from signing.longterm.extend import LongTerm, open_long_term
from tests.support.pki import Authority, Pki
from tests.support.tokens import rsa_key

AT = now()


class Bench(NamedTuple):
    """A key that the authority has certified, and who proves its signatures."""

    pki: Pki
    officer: Credential
    keeper: LongTerm


def scan(pages: int, quality: int) -> bytes:
    """A PDF/A-2b of grey noise on white paper: pages of 200 dpi as large as real ones."""
    random = np.random.default_rng(1)
    paper = np.clip(random.normal(235, 6, (2339, 1654, 3)), 0, 255).astype(np.uint8)
    raster = BytesIO()
    Image.fromarray(paper).save(raster, "JPEG", quality=quality, dpi=(200, 200))
    with pikepdf.open(BytesIO(img2pdf.convert([raster.getvalue()] * pages))) as pdf:
        target = BytesIO()
        pikepdf.pdfa.save(pdf, target, "2b")
    return target.getvalue()


@contextmanager
def authority(algorithm: Algorithm = Algorithm.PSS, new_key: Callable[[], PrivateKey] = rsa_key) -> Iterator[Bench]:
    """A certified key of the kind, with an authority at work in another process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        running = Authority(folder, officer=new_key())
        running.start()
        try:
            officer = dataclasses.replace(running.pki.credential("officer"), algorithm=algorithm)
            measured = SigningSettings(keys=folder, time_stamps=(running.pki.authority("tsa"),))
            with open_long_term(measured, ((running.pki.roots / "root.der").read_bytes(),)) as keeper:
                yield Bench(running.pki, officer, keeper)
        finally:
            running.stop()
