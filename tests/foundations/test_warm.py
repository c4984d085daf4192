"""The set-up step compiles what a run needs."""

import pytest

from sim.fast import warm


@pytest.mark.coverage_subset
def test_it_says_how_long_it_took(capsys):
    warm.main()
    assert "kernels compiled in" in capsys.readouterr().err
