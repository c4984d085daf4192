"""What every suite shares: Hypothesis's profile, and the time that each suite took."""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# Derandomised: the same examples on every machine and every day. A search for new ones: HYPOTHESIS_PROFILE=search.
settings.register_profile("same", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seconds that each suite (a folder of tests) took, set-up of fixtures included."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds["/".join(Path(report.nodeid).parts[:2])] += report.duration
    terminalreporter.section("seconds by suite")
    for suite, spent in seconds.most_common():
        terminalreporter.write_line(f"{spent:8.1f}  {suite}")
