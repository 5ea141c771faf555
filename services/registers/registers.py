"""The databases that are connected, and one owner's papers asked of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from config.models import Component
from config.registers import RegisterSettings, database_name
from domain.messages.told import told
from services.registers.breaker import Breaker
from services.registers.interface import Connections, Elsewhere
from services.registers.kept import Kept, Key
from services.registers.rest import Register


class Registers:
    """All databases of the settings; safe to be used by several threads."""

    def __init__(self, settings: Mapping[str, RegisterSettings]) -> None:
        self.settings = settings
        self.registers = {name: Register(name, item) for name, item in settings.items()}
        self.breakers = {name: Breaker(item.failures, item.rest_s) for name, item in settings.items()}
        self.kept = Kept()

    def about(
        self,
        owner_id: str,
        *,
        owner_key: str,
        dossier: str,
        consent: bool = False,
        away: dict[str, Elsewhere] | None = None,
    ) -> Connections:
        """The databases, to be asked about one owner for one dossier.

        Args:
            owner_id: the owner's identifier as the databases know it; it goes to them and nowhere else.
            owner_key: the keyed hash under which answers are kept.
            dossier: the purpose.
            consent: the owner consents that answers are kept for some minutes, for this dossier (law L8.1).
            away: the databases that failed when another person of the dossier was asked about; others are added.
        """
        if not consent:
            self.kept.forget(owner_key, dossier)
        return _About(self, owner_id, owner_key, dossier, consent=consent, away={} if away is None else away)


class _About:
    """One owner and one dossier; a database that failed is not asked again for the next component."""

    def __init__(
        self,
        all_: Registers,
        owner_id: str,
        owner_key: str,
        dossier: str,
        *,
        consent: bool,
        away: dict[str, Elsewhere],
    ) -> None:
        self._all = all_
        self._owner_id = owner_id
        self._owner_key = owner_key
        self._dossier = dossier
        self._consent = consent
        self._away = away

    def ask(self, source: str, component: Component) -> Elsewhere:
        """Whether a database holds what a component asks for."""
        register = self._all.registers.get(source)
        if register is None:
            reason = told("register_not_connected", source=database_name(source), name=component.name)
            return Elsewhere(state="not_connected", source=source, reason=reason)
        key = Key(source, self._owner_key, self._dossier, component.code)
        if self._consent and (kept := self._all.kept.find(key)):
            return kept
        if source in self._away:
            return self._away[source]
        breaker = self._all.breakers[source]
        if not breaker.may_try():
            reason = told("register_left_alone", source=database_name(source))
            return Elsewhere(state="unavailable", source=source, reason=reason)
        answer = register.ask(self._owner_id, self._dossier, component)
        if answer.state == "unavailable":
            breaker.failed()
            self._away[source] = answer
            return answer
        breaker.succeeded()
        seconds = self._all.settings[source].keep_s
        if answer.state == "found" and self._consent and seconds:
            self._all.kept.keep(key, answer, seconds)
        return answer


@contextmanager
def open_registers(settings: Mapping[str, RegisterSettings]) -> Iterator[Registers]:
    """The databases of the settings; connections are given back at the end.

    Raises:
        SetupError: a token cannot be read, or others may read it.
    """
    registers = Registers(settings)
    try:
        yield registers
    finally:
        for register in registers.registers.values():
            register.close()
