"""Separator sheets of other systems, by what their bar codes say."""

import re

from pydantic import field_validator

from domain.record import Frozen


class SeparatorSettings(Frozen):
    """Bar codes of other systems that begin a new document, as regular expressions of their whole text."""

    drop: tuple[str, ...] = ()
    """The page is a sheet that belongs to no paper (`PATCHT`)."""
    keep: tuple[str, ...] = ()
    """The page is the first of the paper and bears a label (`ASN[0-9]+`)."""

    @field_validator("drop", "keep")
    @classmethod
    def _check(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                matches_nothing = re.fullmatch(pattern, "")
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression ({error})") from None
            if matches_nothing:
                raise ValueError(f"{pattern!r} is met by a code that says nothing")
        return patterns

    @property
    def is_on(self) -> bool:
        """Whether any are named."""
        return bool(self.drop or self.keep)

    def drops(self, text: str) -> bool:
        """Whether a page with this code is a sheet between papers."""
        return any(re.fullmatch(pattern, text) for pattern in self.drop)

    def keeps(self, text: str) -> bool:
        """Whether a page with this code is the first of a paper."""
        return any(re.fullmatch(pattern, text) for pattern in self.keep)
