"""The last record of a paper's way with all that may stand in it, as the archive keeps it."""

from typing import Any

RICH: dict[str, Any] = {
    "source": "samples/paper.pdf",
    "part": 1,
    "stack": {"parts": 2, "sheets": [1], "original": {"name": "pages.pdf"}},
    "remarks": ["a remark"],
    "decisions": [{"about": "paper", "value": "A5", "reason": "as measured", "who": "an officer"}],
    "facts": [
        {
            "number": 1,
            "width": 1654,
            "height": 2339,
            "dpi": 200,
            "colour": "grey",
            "is_blank": False,
            "ink": 0.05,
            "sharpness": 0.4,
        }
    ],
    "signatures": [
        {
            "field": "Signature1",
            "role": "other",
            "signer": "an officer",
            "intact": True,
            "trust": "trusted",
            "time": "claimed",
            "signed_at": "2026-01-02T03:04:05+07:00",
        }
    ],
    "marks": [
        {"field": "Copy", "page": 1, "left": 40.0, "top": 50.0, "width": 90.0, "height": 30.0, "state": "on_paper"}
    ],
    "signing": "certified-copy",
    "confidence": 0.9,
    "flavour": "2B",
    "step": "as_it_is",
    "signed_at": "2026-01-02T03:04:05+07:00",
    "sealed_at": "2026-01-02T03:04:06+07:00",
    "description": {
        "type_code": "KQ.G15.000031",
        "fields": {
            "title": {"value": "A paper", "confidence": 0.8, "page": 1, "box": [1, 2, 3, 4], "source": "paper"},
            "owner_id": {"value": "048219001275"},
        },
    },
    "identity": {"business_key": "a" * 64, "image_key": "ab" * 8, "marks": [1, 2, 2**40], "in_common": 2},
}
