"""What stands on copies on paper of what is archived, and who owns the system that made them (law L1.7)."""

from typing import Final

from pydantic import Field, model_validator

from domain.record import Frozen

_PLACES: Final = ("system", "owner", "agency", "code", "number", "time", "who", "dossier", "pages", "page")


class PaperCopyWords(Frozen):
    """The words of a converted copy on paper: ``foot`` stands on every page, the rest after the text of the last one.

    ``lines`` stand beside ``signer``, below which the converter signs.  Each may hold {system}, {owner}, {agency},
    {code}, {number}, {time}, {who}, {dossier} and {pages}; the foot {page}, too.
    """

    heading: str
    lines: tuple[str, ...] = Field(min_length=1)
    signer: tuple[str, ...] = Field(min_length=1)
    foot: str
    confirmed: bool
    source: str

    @model_validator(mode="after")
    def _can_be_filled(self) -> "PaperCopyWords":
        try:
            self.filled(**dict.fromkeys(_PLACES, ""))
        except (LookupError, ValueError, AttributeError):
            raise ValueError(f"may hold {', '.join(f'{{{name}}}' for name in _PLACES)} and no other braces") from None
        return self

    def filled(self, **values: object) -> "PaperCopyWords":
        """The words with all values in their places."""
        fill = {name: values.get(name, "") for name in _PLACES}
        return self.model_copy(
            update={
                "heading": self.heading.format(**fill),
                "lines": tuple(line.format(**fill) for line in self.lines),
                "signer": tuple(line.format(**fill) for line in self.signer),
                "foot": self.foot.format(**fill),
            }
        )


class CopySettings(Frozen):
    """What copies on paper tell of the system that they come from."""

    system: str = Field(default="Kho số", min_length=1, max_length=200)
    """Its name."""
    owner: str = Field(default="", max_length=200)
    """Who owns it; else the agency of the installation, as the catalogue names it."""
