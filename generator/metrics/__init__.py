"""Metrics: pure functions from histories to histories.

What all of them share:

- A history is a `pd.Series` of float64 over an ascending index of naive days, without a hole (no NaN). A metric refuses
  any other (`UnfitHistory`) and two that do not fit each other (`Misaligned`); it fills nothing.
- Each gives the whole history of its value, so that rank, streak and "since" come from one place (`facts`). It starts
  where the value can first be computed, so it may be shorter than its input, or empty; it never holds a NaN.
- Windows count rows of the history: sessions of the exchange, or business days of the H.15 release. Months are matched
  by calendar month, and event series (the funds target) are joined as of a day, never by row.
- Levels and index numbers are positive; returns, yields and inflation are in percent, changes of and gaps between
  yields in basis points, gaps between returns in percentage points. Nothing is rounded.

Formulas and their sources stand in docs/metrics.md.
"""
