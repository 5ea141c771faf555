"""The document security store: what proves the signatures of a file, inside the file (ETSI EN 319 142-1, 5.4.2).

Proof is encoded once and serves many documents, so the store takes bytes.  pyHanko's own store would encode every
certificate and list anew for each document, which takes longer than signing.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signing.pades.update import Update


@dataclass(frozen=True, slots=True)
class Proof:
    """Certificates, OCSP responses and revocation lists in DER, each by what tells it from others of its kind."""

    certificates: dict[bytes, bytes]
    ocsps: dict[bytes, bytes]
    crls: dict[bytes, bytes]

    @classmethod
    def of(
        cls,
        path: Iterable[x509.Certificate],
        ocsps: Iterable[ocsp.OCSPResponse],
        crls: Iterable[crl.CertificateList],
    ) -> "Proof":
        """Encode what proves a certificate: its path, root included, and the answers, with who signed these."""
        answers = list(ocsps)
        responders = [item for answer in answers for item in answer.basic_ocsp_response["certs"]]
        return cls(
            {item.issuer_serial: item.dump() for item in (*path, *responders)},
            {item.dump(): item.dump() for item in answers},
            {item["tbs_cert_list"].dump(): item.dump() for item in crls},  # some sign the same list anew
        )


def add_to_store(update: Update, proofs: Iterable[Proof]) -> None:
    """Put proof into the store of the file, which is made where there is none; nothing is put in twice."""
    wanted: dict[str, dict[bytes, bytes]] = {"/Certs": {}, "/OCSPs": {}, "/CRLs": {}}
    for proof in proofs:
        wanted["/Certs"] |= proof.certificates
        wanted["/OCSPs"] |= proof.ocsps
        wanted["/CRLs"] |= proof.crls
    is_new = "/DSS" not in update.root
    store = generic.DictionaryObject() if is_new else update.root["/DSS"]
    for name, items in wanted.items():
        held = list(store[name]) if name in store else []
        known = {item.get_object().data for item in held}
        further = [der for der in dict.fromkeys(items.values()) if der not in known]
        held += [update.add_object(generic.StreamObject(stream_data=der)) for der in further]
        if held:
            store[pdf_name(name)] = generic.ArrayObject(held)
    if is_new:
        update.root[pdf_name("/DSS")] = update.add_object(store)
        update.update_root()  # type: ignore[no-untyped-call] # pyHanko's, without types
    else:
        update.update_container(store)
