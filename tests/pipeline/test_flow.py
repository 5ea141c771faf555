"""The flow chains, and the README shows it."""

from pathlib import Path

import pytest

from cli.flow import flow_table
from pipeline.flow import DIGITISE, Flow, Stage
from pipeline.records import Signed


def test_stages_in_the_order_of_the_design() -> None:
    """A paper passes the twelve stages in the order the design fixes."""
    names = [stage.name for stage in DIGITISE.stages]
    order = "receive prepare recognize conform sign describe review code seal extend archive index"
    assert names == order.split()


def test_refuses_a_flow_that_does_not_chain() -> None:
    """A flow whose stages are swapped is refused when it is built, naming both records."""
    with pytest.raises(TypeError, match=r"gives .*, but .* takes"):
        Flow(*reversed(DIGITISE.stages))


def test_refuses_a_stage_twice() -> None:
    """A stage cannot stand twice in a flow."""
    last = DIGITISE.stages[-1]
    with pytest.raises(TypeError):
        Flow(last, last)


@pytest.mark.parametrize("stage", DIGITISE.stages, ids=lambda stage: stage.name)
def test_a_stage_does_what_the_flow_says(stage: Stage) -> None:
    """The function of every stage takes and gives the records that the flow names."""
    assert callable(stage.run)


def test_a_stage_of_other_records_is_refused() -> None:
    """A stage whose function takes or gives other records than the flow says is not run."""
    with pytest.raises(TypeError, match="conform does not take Signed"):
        _ = DIGITISE.stage("conform")._replace(takes=Signed).run


def test_review_and_minting_keep_the_order() -> None:
    """Papers of a batch pass in order of intake where duplicates are found and codes minted, and nowhere else."""
    assert [stage.name for stage in DIGITISE.stages if stage.in_order] == ["review", "code"]


def test_readme_shows_the_flow() -> None:
    """The README contains the table that `flow` prints, letter by letter."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert flow_table() in readme
