"""Print what a batch of papers does while each party outside is in each kind of trouble: `make bench-outside`."""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from config.settings import ElasticsearchSettings
from tests.support.elastic_node import node
from tests.support.outside import PARTIES, with_party


def main() -> None:
    """A batch for every party, or for those that are named; a row for every way."""
    print("twenty papers a party; told: the reason for which papers wait, or - where all of them pass\n")
    print(f"{'party':<16}{'way':<14}{'told':<20}{'asked':>6}{'s':>7}")
    for party in sys.argv[1:] or PARTIES:
        with ExitStack() as opened:
            engine: ElasticsearchSettings | None = None
            if party == "Elasticsearch":
                address = os.environ.get("ELASTICSEARCH_URL") or opened.enter_context(node())
                engine = ElasticsearchSettings(urls=(address,), index=f"bench-{uuid4().hex}")
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            patch = opened.enter_context(pytest.MonkeyPatch.context())
            outside = opened.enter_context(with_party(party, folder, patch, engine=engine))
            for cell in outside.meet():
                line = f"{cell.party:<16}{cell.way:<14}{cell.told or '-':<20}{cell.asked:>6}{cell.took_s:>7.1f}"
                print(line, flush=True)
            if outside.service is not None:
                print(f"{'':<16}{outside.service.count('signatures/signHash')} requests for signatures in all")
            print(
                f"{'':<16}all {outside.desk.papers} archived once, each with its two signatures and two time stamps",
                flush=True,
            )


if __name__ == "__main__":
    main()
