"""A batch that meets a party outside in trouble ends with all papers as they should be, none of them signed twice."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings import SearchSettings, load_settings
from config.store import enter_store
from tests.support.desk import WHY, run_json
from tests.support.outside import MET, PARTIES, with_party
from tests.support.registers import served
from tests.support.troubled import WAYS, Way, before

OWNER, KINSHIP = "048085001234", "000.00.00.G01-KQ003606"

_TOLD = {
    "time stamp": {"time_stamp_away", "time_stamp_odd"},
    "OCSP": {"", "revocation_away"},  # the list is asked in its place, unless nothing answers at the address
    "OCSP and lists": {"revocation_away"},
    "remote signing": {"remote_away"},
    "Elasticsearch": {""},  # archiving goes on, and what the index lacks waits: tests/search/test_engine_in_trouble.py
}


@pytest.mark.long
@pytest.mark.parametrize("party", PARTIES)
def test_a_batch_meets_every_way(
    party: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Twenty papers; each way begins after some of them and ends, and the batch goes on without a person."""
    search: SearchSettings | None = request.getfixturevalue("elasticsearch") if party == "Elasticsearch" else None
    engine = search.server if search else None
    with with_party(party, tmp_path, monkeypatch, engine=engine) as outside:
        cells = list(outside.meet())
    assert [cell.way for cell in cells] == list(MET.get(party, WAYS))
    for cell in cells:
        assert cell.told in _TOLD[party], cell


def test_a_batch_meets_two_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in small: a stamp that drips, and a page of a gateway."""
    with with_party("time stamp", tmp_path, monkeypatch, papers=5) as outside:
        cells = list(outside.meet(("dripping", "another type")))
    assert [cell.told for cell in cells] == ["time_stamp_away", "time_stamp_odd"]


@pytest.mark.parametrize("way", WAYS)
def test_a_register_in_trouble_is_named_and_asked_again(way: Way, tmp_path: Path) -> None:
    """Twenty look-ups, of which the middle ones meet it: nobody is told that a paper must be brought for that."""
    with served() as reference, before("127.0.0.1", urlsplit(reference.url).port or 0) as stands:
        url = f"http://127.0.0.1:{stands.port}/tra-cuu"
        got = f'[elsewhere.population]\nurl = "{url}"\ntimeout_s = 1\n'
        (tmp_path / "khoso.toml").write_text(got, encoding="utf-8")
        settings = load_settings(tmp_path, {})
        enter_store(settings)
        told = []
        for number in range(20):
            if number in {8, 11}:
                stands.trouble(way if number == 8 else None)
            dossier = f"H17.12-261124-{number:04}"  # of one that was asked about before, the answer is kept
            asked = ("lookup", "--reason", WHY, "--owner", OWNER, "--dossier", dossier, "--procedure", "1.004222")
            lines = run_json(settings, *asked)[1]
            (line,) = [line for line in lines if line["component"] == KINSHIP]
            told.append(line)
    assert {line["answer"] for line in told[:8] + told[11:]} == {"held-elsewhere"}
    for line in told[8:11]:
        assert line["answer"] != "must-be-brought"
        assert "quốc gia về dân cư" in line["why"]
