"""Judges of our files that share no code with us: veraPDF of PDF/A, EU DSS of PAdES.  One call each: a JVM is slow."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.conftest import missing, program

_HERE = Path(__file__).parent
_JARS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "khoso" / "judges"


class Question(NamedTuple):
    """A file, the root to trust, and the moment to judge at."""

    file: Path
    root: Path
    moment: datetime


class Answer(NamedTuple):
    """What EU DSS says of one signature; ``unexplained`` counts the changes after it that signing does not explain.

    ``notes``: those of annotations.  Of a file that it cannot read the indication is ``UNREAD``.
    """

    field: str
    level: str
    indication: str
    sub_indication: str
    unexplained: int
    notes: int = 0


def dss(questions: Sequence[Question]) -> list[list[Answer]]:
    """What EU DSS says of the signatures of each file, by what the file itself carries: nothing is fetched."""
    asked = [(item.root, item.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), item.file) for item in questions]
    answers: list[list[Answer]] = [[] for _ in questions]
    for line in _java(_HERE / "Dss.java", *(part for item in asked for part in item)):
        number, field, level, indication, why, unexplained, notes = line.split("\t")
        answers[int(number)].append(
            Answer(field, level, indication, why.replace("null", ""), int(unexplained), int(notes))
        )
    return answers


def verapdf(files: Iterable[Path]) -> list[str]:
    """What veraPDF says of the files: ``PASS FILE 2b`` or ``FAIL FILE 2b``, sorted."""
    main = "org.verapdf.apps.GreenfieldCliWrapper"
    return sorted(_java(main, "--flavour", "2b", "--format", "text", *files))


def _java(*arguments: str | Path) -> list[str]:
    """The lines that a Java program prints; one that fails has said why."""
    if not any(_JARS.glob("*.jar")):
        missing("veraPDF, with EU DSS, which `tests/judges/install` fetches,")
    jvm = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{_JARS}/*")  # soon at work rather than fast
    done = subprocess.run([program("java"), *jvm, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr  # veraPDF: 1 when a file fails
    return done.stdout.splitlines()
