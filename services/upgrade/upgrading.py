"""Bringing a store of an earlier release up to this one: copied aside first, step by step, and checked at the end.

Each step is told by what the store lacks, so whoever gives the command again, after whatever cut it off, goes on where
it ended.  The copy is made once, before the first step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from archive.database import DatabaseKind, open_as_it_is
from archive.errors import DatabaseUnusable, SecretChanged, StoreLacks
from archive.owner_keys import open_owner_keys
from archive.package import object_folders
from archive.schemas.mending import mend_database
from archive.schemas.opening import bring_up, open_database, told_lacking
from archive.upgrades.aside import Aside
from archive.upgrades.lacking import FIRST_VERSION, Lacking, databases_of, known_secret, lacking, papers_of
from archive.upgrades.room import lacking_room
from config.settings import Settings
from config.store import STORE_VERSION, note_version, version_of
from domain.errors import KhosoError, SetupError
from domain.events import StoreUpgraded
from domain.messages.told import Told, told
from domain.record import Frozen, PublicView
from pipeline.embedded import sole_runner
from pipeline.indexing import check_index, rebuild_index
from search.engines import open_index
from search.errors import LATER, IndexOutdated
from services.context import Services, open_services
from services.health.interface import Finding
from services.health.keys import key_findings
from services.health.store import store_findings
from services.permissions import Asker, demand
from services.rebuild import Rebuilt, make_catalogue_anew
from services.secrecy.remembering import remember

UpgradeStep = Literal["copy", "databases", "catalogue", "index", "version"]
_STEPS: dict[UpgradeStep, str] = {
    "copy": "step_copy",
    "databases": "step_databases",
    "catalogue": "step_catalogue",
    "index": "step_index",
    "version": "step_version",
}


class UpgradePlan(PublicView):
    """Of which version a store is, to which it is brought, by which steps, and which databases change their schema.

    ``parts``: tables and columns that a database lacks of the schema that it says it has; they are added.
    ``uncopied``: those in a server, of which no copy is made.  ``amiss``: what the upgrade would stop at, or tell as
    missing at its end; looked for only by whoever plans without doing it.
    """

    version: int
    becomes: int
    steps: tuple[UpgradeStep, ...]
    databases: tuple[DatabaseKind, ...]
    parts: tuple[str, ...] = ()
    uncopied: tuple[str, ...] = ()
    amiss: tuple[Finding, ...] = ()

    def told(self) -> Iterator[Told]:
        """The steps for people."""
        for step in self.steps:
            line = told(_STEPS[step], databases=", ".join(self.databases), version=self.becomes)
            is_mended = step == "databases" and self.parts
            line = told("step_parts", step=line, parts=", ".join(self.parts)) if is_mended else line
            is_not_copied = step == "copy" and self.uncopied
            yield told("step_uncopied", step=line, databases=", ".join(self.uncopied)) if is_not_copied else line


class Upgraded(Frozen):
    """What was done: where the former state lies, what was found while the catalogue was made anew, what is amiss now.

    ``index_waits``: why the index could not be made anew now; empty when it was, or need not be.
    """

    plan: UpgradePlan
    copy_in: Path | None = None
    rebuilt: Rebuilt | None = None
    index_waits: str = ""
    amiss: tuple[Finding, ...] = ()

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of ``--json``: what was done, what `rebuild` tells, what is amiss."""
        waits = {"index_waits": self.index_waits} if self.index_waits else {}
        plan = {name: value for name, value in self.plan.line().items() if name != "amiss"}
        yield {**plan, "copy": str(self.copy_in) if self.copy_in else None, **waits}
        yield from (self.rebuilt.lines() if self.rebuilt else ())
        yield from (item.line() for item in self.amiss)


@contextmanager
def open_for_upgrade(settings: Settings) -> Iterator[Services]:
    """The services of a store that may be of an earlier release."""
    found = lacking(settings)
    for _, error in found.unread:
        raise error
    anew = _is_made_anew(settings, found)
    with open_services(settings, rebuilding=anew, upgrading=True) as ctx:
        yield ctx


def plan_upgrade(ctx: Services, asker: Asker) -> UpgradePlan:
    """What `upgrade` will do; no step: nothing is to be done.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "upgrade")
    plan = _plan(ctx)
    return plan.model_copy(update={"amiss": tuple(_foreseen(ctx, plan))}) if plan.steps else plan


def _foreseen(ctx: Services, plan: UpgradePlan) -> Iterator[Finding]:
    """What an upgrade would stop at, or end with, as far as it can be seen before."""
    settings = ctx.settings
    for kind, error in _stops(settings, plan):
        yield Finding.missing(kind, error)
    if _waits_for_secret(settings):
        try:
            open_owner_keys(settings.owner_secret, group=settings.work.group, made=False)
            yield Finding.missing("owner secret", SecretChanged("owners_under_another_secret"))
        except SetupError as error:
            yield Finding.missing("owner secret", error)
    yield from (item for item in key_findings(settings) if item.state == "missing")


def _stops(settings: Settings, plan: UpgradePlan) -> Iterator[tuple[str, KhosoError]]:
    """What an upgrade stops at, before it changes anything.

    A vault that holds nothing is most likely a disk that is not there: nothing is called lost for that.
    """
    for kind, lacks in lacking(settings).lost:
        yield kind, told_lacking(kind, lacks)
    anew = "catalogue" in plan.steps
    if anew and next(object_folders(settings.vault), None) is None and (count := papers_of(settings.catalogue_url)):
        yield "papers", StoreLacks("vault_holds_none", remedy="see_vault_disk", place=settings.vault, count=count)
    for error in lacking_room(settings, plan.databases, index=bool({"catalogue", "index"} & {*plan.steps})):
        yield "disk", error


def _plan(ctx: Services) -> UpgradePlan:
    found = lacking(ctx.settings)
    steps: list[UpgradeStep] = ["databases"] if found.databases else []
    steps += ["catalogue"] if (anew := _is_made_anew(ctx.settings, found)) else []
    is_begun = Aside(ctx.settings).begun is not None
    if not anew and (
        _is_outdated(ctx) if steps else is_begun and _is_behind(ctx)
    ):  # else it is made with the catalogue
        steps.append("index")
    if steps or is_begun:
        steps = ["copy", *steps, "version"]
    elif version_of(ctx.settings.home) != STORE_VERSION:
        steps = ["version"]
    return UpgradePlan(
        version=found.version,
        becomes=STORE_VERSION,
        steps=tuple(steps),
        databases=tuple(found.databases),
        uncopied=Aside(ctx.settings).uncopied if "copy" in steps else (),
        parts=tuple(f"{kind}: {item}" for kind, lacks in found.parts for item in lacks),
    )


def _is_outdated(ctx: Services) -> bool:
    """Whether the index is there, and of another form."""
    try:
        with open_index(ctx.settings.search):
            return False
    except IndexOutdated:
        return True
    except (*LATER, SetupError):  # it says so itself when it is used
        return False


def _is_behind(ctx: Services) -> bool:
    """Whether an upgrade was cut off before it made the index anew."""
    outbox = ctx.catalogue.outbox
    try:
        with open_index(ctx.settings.search) as index:
            check_index(index, outbox, outbox.sent())
    except IndexOutdated:
        return True
    except (*LATER, SetupError):
        return False
    return outbox.lag().waiting > 0


def upgrade(
    ctx: Services,
    asker: Asker,
    tell: Callable[[Told], None] = lambda _: None,
    follow: Callable[[int, int], None] = lambda _done, _of: None,
) -> Upgraded:
    """Bring a store up; ``tell`` hears of each step as it begins, ``follow`` how far it has come, and of how much.

    Raises:
        NotAllowed: the role may not.
        Busy: papers are being ingested or decided about.
        StoreLacks: a database lacks what nothing else tells; the store says its former version until that is mended.
    """
    demand(ctx, asker, "upgrade")
    with sole_runner(ctx.settings), ctx.journal.once("version of the store") as record:
        plan = _plan(ctx)
        if not plan.steps:
            return Upgraded(plan=plan)
        for _, error in _stops(ctx.settings, plan):
            raise error
        lines = dict(zip(plan.steps, plan.told(), strict=True))
        aside, done = Aside(ctx.settings), Upgraded(plan=plan)
        if "copy" in lines:
            tell(lines["copy"])
            done = done.model_copy(update={"copy_in": aside.keep(plan.version, follow)})
        done = _bring_up(ctx, asker, done, lambda step: tell(lines[step]), follow)
        _demand_whole(ctx, anew="catalogue" in lines)
        with suppress(SetupError):  # told at the end
            remember(ctx)
        tell(lines["version"])
        without = aside.never_had(done.copy_in) if done.copy_in and plan.version == FIRST_VERSION else ()
        record(
            StoreUpgraded(**dict(asker), subject="store", former=plan.version, version=STORE_VERSION, without=without)
        )
        if done.copy_in:
            aside.finish()
        note_version(ctx.settings.home)  # the last of all: until then the same command goes on
    return done.model_copy(update={"amiss": _amiss(ctx)})


def _bring_up(
    ctx: Services,
    asker: Asker,
    done: Upgraded,
    begin: Callable[[UpgradeStep], None],
    follow: Callable[[int, int], None],
) -> Upgraded:
    plan, urls = done.plan, databases_of(ctx.settings)
    if "databases" in plan.steps:
        begin("databases")
        for kind, url in urls.items():
            if kind in plan.databases:
                _bring_database_up(url, kind, anew="catalogue" in plan.steps)
    if "catalogue" in plan.steps:
        begin("catalogue")
        rebuilt = make_catalogue_anew(ctx, asker, follow)
        return done.model_copy(update={"rebuilt": rebuilt, "index_waits": rebuilt.index_waits})
    if "index" in plan.steps:
        begin("index")
        try:
            rebuild_index(ctx, follow)
        except (*LATER, SetupError) as error:
            return done.model_copy(update={"index_waits": error.told.text()})
    return done


def _bring_database_up(url: str, kind: DatabaseKind, *, anew: bool) -> None:
    """A catalogue that lacks parts loses what it knows by their being added: only one that is made anew is mended."""
    with open_as_it_is(url, kind) as engine:
        if kind == "catalogue" and not anew:
            bring_up(engine, kind)
        else:
            mend_database(engine, kind)


def _demand_whole(ctx: Services, *, anew: bool) -> None:
    """See that each database has what this release works with, before the store says that it is of it.

    A catalogue that waits for its secret is left to `rebuild`, as every command says of it.
    """
    for kind, url in databases_of(ctx.settings).items():
        if kind != "catalogue" or anew or not _waits_for_secret(ctx.settings):
            with open_database(url, kind):  # which sees to it
                pass


def _is_made_anew(settings: Settings, found: Lacking) -> bool:
    """Whether the catalogue is made anew: not under another secret than its owners stand under.

    Of such a store every command says what `rebuild` will do, which makes all else as well.
    """
    return found.catalogue and not _waits_for_secret(settings)


def _waits_for_secret(settings: Settings) -> bool:
    """Whether a catalogue knows under which secret its owners stand, and that is not there."""
    known = None
    with suppress(DatabaseUnusable):  # a damaged one is made anew
        if "catalogue" in databases_of(settings):
            with open_as_it_is(settings.catalogue_url, "catalogue") as engine:
                known = known_secret(engine)
    if known is None:
        return False
    with suppress(SetupError):
        return open_owner_keys(settings.owner_secret, group=settings.work.group, made=False).check != known
    return True


def _amiss(ctx: Services) -> tuple[Finding, ...]:
    found = (*store_findings(ctx.settings), *key_findings(ctx.settings))
    return tuple(item for item in found if item.state != "ok")
