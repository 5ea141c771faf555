"""RFC 3161 time stamps from a local authority, for development: its clock is the machine's clock."""

import secrets

from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.timestamps import TimeStamper

from domain import clock
from signing.keys import LoadedSigner

_POLICY = "2.25.186526486519541386209563024567043117961"  # a random UUID: the policy "development only"


class LocalTimeStamper(TimeStamper):
    """Answers time stamp requests itself, with real tokens signed by a real certificate."""

    def __init__(self, signer: LoadedSigner) -> None:
        """Sign tokens with the signer, in the name of its certificate."""
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko left this constructor without types
        self._signer = signer

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The signed token for the request, with the present time."""
        info = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": clock.now(),
            "tsa": x509.GeneralName("directory_name", self._signer.certificate.subject),
        }
        if req["nonce"].native is not None:
            info["nonce"] = req["nonce"]
        content = cms.EncapsulatedContentInfo(
            {"content_type": "tst_info", "content": core.ParsableOctetString(tsp.TSTInfo(info).dump())}
        )
        token = await self._signer.async_sign_general_data(content, "sha256", detached=False)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
