"""One name in the spellings in which it is typed, or slipped in, for a second person."""

import unicodedata
from types import MappingProxyType

SPELLINGS = MappingProxyType(
    {
        "as it is": "Nguyễn Văn A",
        "no accents": "nguyen van a",
        "capitals": "NGUYỄN VĂN A",
        "decomposed": unicodedata.normalize("NFD", "Nguyễn Văn A"),
        "blanks": "  Nguyễn \u00a0Văn\u2003A ",
        "no breadth": "Nguyễn\u200b Văn\ufeff A",
        "full width": "\uff2eguy\u1ec5\uff4e V\u0103n \uff21",
        "cyrillic": "Nguy\u1ec5n V\u0103n \u0410",
        "greek": "\u039dguy\u1ec5n V\u0103n \u0391",
    }
)
