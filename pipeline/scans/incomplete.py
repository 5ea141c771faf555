"""What is told of a page that is not whole, or lacks what does not matter."""

from typing import Final

from domain.messages.told import told

ENDS: Final = told("end_marker_missing")
LACKS: Final = told("picture_not_in_file")


class Incomplete(ValueError):
    """What a page draws ends before it is whole, or cannot be decoded."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.inner = told(code, **params)
