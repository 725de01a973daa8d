"""What is traded and pays nothing: gold, oil, coins, a basket of currencies. Changes of a price in percent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.metrics.histories import check, check_window, period_bases

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def change(price: pd.Series, *, observations: int) -> pd.Series:
    """Change of a price over a number of observations, in percent, by the day on which it ends.

    A price may be zero or below, as that of oil was on 20 April 2020: a change to or from it means nothing in percent
    and is left out.

    >>> days = pd.date_range("2020-04-20", periods=3)
    >>> change(pd.Series([-38.0, 10.0, 13.75], index=days), observations=1).tolist()
    [37.5]
    """
    check(price=price)
    check_window("observations", observations)
    return _percent(price.iloc[observations:], price.to_numpy()[:-observations])


def change_to_date(price: pd.Series, *, period: str = "year") -> pd.Series:
    """Change of a price since the last observation of the period before, in percent; left out as in `change`.

    `period` is "month", "quarter" or "year".
    """
    check(price=price)
    return _percent(*period_bases(price, period))


def _percent(current: pd.Series, base: npt.NDArray[np.float64]) -> pd.Series:
    values = current.to_numpy()
    sound = (values > 0) & (base > 0)
    return pd.Series(100.0 * (values[sound] / base[sound] - 1.0), index=current.index[sound])
