"""Progress and Ctrl-C at the command line."""

from __future__ import annotations

import os
import signal

import pytest

from molting_tui.cli.watching import watched
from molting_tui.errors import Cancelled
from molting_tui.records.progress import Progress

STEP = Progress(5, 10, "pairs", "working")


def test_ctrl_c_stops_the_work_at_its_next_report() -> None:
    with watched("Stopped. Nothing was lost.") as report:
        report(STEP)
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Cancelled, match="Nothing was lost"):
            report(STEP)


def test_a_second_ctrl_c_stops_it_at_once() -> None:
    with watched("Stopped."):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_means_afterwards_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with watched("Stopped.") as report:
        report(STEP)
    assert signal.getsignal(signal.SIGINT) is before
