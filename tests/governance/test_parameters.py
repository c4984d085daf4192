"""Every setting says what it means, in which unit, within which range, and where its default comes from."""

import pytest

from sim.cli import exit_code
from sim.governance.parameters import all_parameters
from sim.world.fields import ASSUMPTION

pytestmark = pytest.mark.coverage_subset

ALL = all_parameters()


def test_keys_are_different():
    keys = [each.key for each in ALL]
    assert len(set(keys)) == len(keys) > 200
    assert {"scenario.load.base", "scenario.services.*.lapse_rate", "structure.powers.*.holder"} <= set(keys)
    assert {"scenario.crisis[].flood.fade", "structure.channels.peer.degree"} <= set(keys)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.key)
def test_each_says_what_it_is(each):
    assert each.says.endswith((".", "?")), "a sentence says what it means"
    if each.low is not None:
        assert each.unit
        assert each.low < each.high
        assert each.source == ASSUMPTION or each.source[0] in "CDLOPSTVW", "a fact's id, or assumption"
        assert each.default is None or each.low <= each.default <= each.high


def test_the_command_lists_them_all(capsys):
    assert exit_code(["list", "parameters"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [each.key for each in ALL]
    (load,) = (line for line in lines if line.startswith("scenario.load.base "))
    assert "Need over capacity before the crisis, at unlearned productivity." in load
    assert load.endswith("[default 0.7; range 0.01 to 1.4; ratio; assumption]")
