"""RFC 3161 time stamps from a local authority, for development: its clock is the machine's clock."""

import hashlib
import secrets

from asn1crypto import algos, tsp, x509

from domain import clock
from signing.keys.credentials import Credential, as_asn1
from signing.pades.cms import CmsSigner

_POLICY = "2.25.186526486519541386209563024567043117961"  # a random UUID: the policy "development only"
_INFO_SIZE = 512  # bytes that a TSTInfo with a long subject takes at most


class LocalTimeStamps:
    """Stamps itself, with real tokens signed by a real certificate."""

    def __init__(self, credential: Credential) -> None:
        """Stamp in the name of the credential."""
        self._signer = CmsSigner(credential, "tst_info")
        self._name = x509.GeneralName("directory_name", as_asn1(credential.certificate).subject)

    @property
    def size(self) -> int:
        """No token has more bytes."""
        return self._signer.size + _INFO_SIZE

    def token(self, digest: bytes) -> bytes:
        """The token with the present time."""
        algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
        imprint = {"hash_algorithm": algorithm, "hashed_message": digest}
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": _POLICY,
                "message_imprint": imprint,
                "serial_number": secrets.randbits(63),
                "gen_time": clock.now(),
                "tsa": self._name,
            }
        ).dump()
        return self._signer.sign(hashlib.sha256(info).digest(), content=info)
