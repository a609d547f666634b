"""The time left as it is shown."""

from __future__ import annotations

from scenesign.pipeline.run.time_left import Countdown, Throughput


def test_a_pace_is_that_of_the_last_minute() -> None:
    pace = Throughput()
    for second in range(200):
        pace.add(10.0 * second if second < 100 else 1000.0 + 2 * (second - 100), float(second))
    assert pace.per_second(1200.0, 200.0) == 2.0


def test_there_is_no_pace_without_ground() -> None:
    pace = Throughput()
    assert pace.per_second(5.0, 1.0) is None
    pace.add(0.0, 1.0)
    assert pace.per_second(5.0, 3.9) is None
    assert pace.per_second(0.0, 9.0) is None
    assert pace.per_second(5.0, 11.0) == 0.5


def test_no_figure_before_the_first_estimate_and_none_above_it() -> None:
    countdown = Countdown()
    assert countdown.show(None, 0.0) is None
    # the four figures that were once seen in a row
    shown = [countdown.show(estimate, 10.0 * (i + 1)) for i, estimate in enumerate((13.0, 47.0, 44.0, 62.0))]
    assert shown[0] == 13.0
    assert shown[1] == 13.0  # stands still
    assert shown[3] == 62.0  # was too low by far for twenty seconds


def test_a_shown_figure_falls_by_itself_and_nears_a_lower_estimate() -> None:
    countdown = Countdown()
    assert countdown.show(100.0, 0.0) == 100.0
    assert countdown.show(None, 10.0) == 90.0
    nearer = countdown.show(40.0, 20.0)
    assert nearer is not None
    assert 40 < nearer < 65
    assert countdown.show(None, 500.0) == 0.0
