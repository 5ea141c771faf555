"""Whose a certificate is: an agency's, or a person's; the name of a field is only what the signer called it.

Certificates of agencies name their tax code or their identifier (ETSI EN 319 412-3, 4.2.1: organizationIdentifier), or
the common name is that of the organisation, or begins as names of agencies do.  Persons belong to an organisation, too:
its name beside theirs makes no agency of them.
"""

from asn1crypto import x509

from domain.fold import fold

_BEGINNINGS = (  # of names of agencies, folded
    "uy ban", "ubnd", "hoi dong", "hdnd", "so ", "phong ", "ban ", "bo ", "cuc ", "chi cuc ", "tong cuc ", "trung tam ",
    "van phong ", "vien ", "toa an ", "cong an ", "thanh tra ", "bao hiem ", "benh vien ", "truong ", "dang ", "doan ",
    "cong ty ", "ngan hang ", "buu dien ", "co quan ", "chi nhanh ", "tong cong ty ", "hop tac xa ", "don vi ",
    "kho bac ", "bo phan ",
)  # fmt: skip
_TAX_CODE = "MST:"


def names_of(certificate: x509.Certificate) -> dict[str, str]:
    """What the subject names, each kind of name as one text."""
    name = certificate.subject.native
    return {key: value if isinstance(value, str) else " ".join(map(str, value)) for key, value in name.items()}


def is_organisation(certificate: x509.Certificate) -> bool:
    """Whether the certificate says of itself that it is an organisation's."""
    texts = names_of(certificate)
    if "organization_identifier" in texts or texts.get("user_id", "").upper().startswith(_TAX_CODE):
        return True
    if {"given_name", "surname"} & texts.keys():
        return False
    common, organisation = fold(texts.get("common_name", "")), fold(texts.get("organization_name", ""))
    cut = common.rstrip("…").strip()  # a name that is longer than a common name may be
    return bool(cut) and (organisation.startswith(cut) or f"{common} ".startswith(_BEGINNINGS))
