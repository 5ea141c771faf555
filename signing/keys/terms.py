"""When the certificates of the keys end; whoever runs khoso is told in time."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography import x509

from config.signing import SigningSettings
from domain.messages.told import told
from signing.interface import Term
from signing.keys.credentials import name_of
from signing.keys.kinds import key_certificates
from signing.keys.software import software_certificates

_log = logging.getLogger("khoso.certificates")
EARLY, URGENT = timedelta(days=60), timedelta(days=30)  # a new certificate from the state's authority takes weeks


def warn_of_ends(terms: Iterable[Term], at: datetime) -> None:
    """Log what ends within 60 days; as an error within 30."""
    for term in terms:
        left = term.ends - at
        if left <= EARLY:
            level = logging.ERROR if left <= URGENT else logging.WARNING
            _log.log(level, "%s. %s", term_text(term, at), told("certificate_renew_in_time"))


def term_text(term: Term, at: datetime) -> str:
    """The end of a certificate as people read it."""
    left = (term.ends - at).days
    code = "certificate_ended" if left < 0 else "certificate_ends"
    return told(code, name=term.name, day=f"{term.ends:%Y-%m-%d}", left=left).text()


def configured_terms(settings: SigningSettings) -> list[Term]:
    """The terms of the certificates that lie in files; no key is opened, and none is made."""
    found = key_certificates(settings)
    if not settings.time_stamps:  # the development authority stamps
        found += software_certificates(settings, "timestamps")
    return [Term(name_of(item), item.not_valid_after_utc) for item in found if _is_leaf(item)]


def _is_leaf(certificate: x509.Certificate) -> bool:
    try:
        return not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return True
