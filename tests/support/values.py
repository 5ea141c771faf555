"""Values as people, sheets and spreadsheets might give them: right ones, spoilt ones, and any text at all."""

from collections.abc import Mapping

from hypothesis import strategies as st

from domain.readings import FieldName

# Signs that went wrong somewhere, and those of which values are made.
_SIGNS = "\0\n\r\x1b\x85\u00a0\u00ad\u200b\u2028\u202e\u0301\ud800\ue000\uffff#%=.-/\\_0123456789 aĐđßΐHKQ"
_RIGHT: Mapping[FieldName, tuple[str, ...]] = {
    "title": ("QUYẾT ĐỊNH", "Giấy phép xây dựng"),
    "number_symbol": ("12/QĐ-UBND", "05 / qđ–UBND", "1.2.3", "KS"),
    "issued_date": ("2026-03-12", "12/03/2026", "2026-02-30"),
    "issuer": ("Ủy ban nhân dân phường Hòa Xuân",),
    "abstract": ("Về việc cấp giấy phép",),
    "owner_id": ("048201000123", "48201000123", "0100109106-001", "201 234 567"),
    "owner_name": ("Nguyễn Thị Ổn",),
    "owner_role": ("wife", "former_spouse"),
    "further_owners": ("husband: Phan Văn Dũng, 048091007756; co_owner: Lê Thị Ổn", "father: 048 091 007 756"),
    "valid_until": ("2030-12-31", "31/12/2030"),
    "scope": ("H17.12", "H17"),
    "dossier_code": ("H17.12.34-250901-0001", "000.00.01.H17-210831-0001", "H17-250901-123456789012345"),
    "result_code": ("H17.12.34-250901-0001-KQ1", "H17-250901-0001-KQ"),
    "procedure_code": ("1.004194", "1.004194.000.00.00.H17"),
}


def any_value(name: FieldName) -> st.SearchStrategy[str]:
    """Right values of a field, such with another text in them or behind, and any text."""
    odd = st.text(st.one_of(st.sampled_from(_SIGNS), st.characters()), max_size=100)
    right = st.sampled_from(_RIGHT[name])
    spoilt = st.builds(lambda value, at, text: value[:at] + text + value[at:], right, st.integers(0, 30), odd)
    long = st.builds(lambda value, times: value * times, right, st.integers(2, 300))
    return st.one_of(right, spoilt, long, odd)
