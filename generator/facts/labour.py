"""Facts on work: the rate of unemployment, payrolls and claims, each with the day of its release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from generator.facts import listed
from generator.facts.prices import month_name
from generator.metrics import labour as of_labour
from generator.metrics.histories import difference
from generator.metrics.inflation import missing_months
from generator.model import Horizon
from generator.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.facts.sheet import Sheet

RATE, PAYROLLS, CLAIMS = "labour.UNRATE", "labour.PAYEMS", "labour.ICSA"
SERIES = (RATE, PAYROLLS, CLAIMS)
MONTHLY, WEEKLY = 130, 21  # calendar days by which the newest value may lie behind: a shutdown delays a month's by two
THOUSAND, DIGITS = 1000.0, 6
MONTH, QUARTER, YEAR, FOUR_WEEKS = 1, 3, 12, 4


def enter(sheet: Sheet, histories: Mapping[str, pd.Series[float]]) -> None:
    """Enter every fact on work."""
    label = "Unemployment rate"
    rate = listed.history(sheet, histories, RATE, key="labour.unemployment", label=label, days=MONTHLY)
    if rate is not None:
        _rate(sheet, rate)
    label = "Change of payrolls"
    payrolls = listed.history(sheet, histories, PAYROLLS, key="labour.payrolls.1m", label=label, days=MONTHLY)
    if payrolls is not None:
        _payrolls(sheet, payrolls)
    label = "Initial claims"
    claims = listed.history(sheet, histories, CLAIMS, key="labour.claims", label=label, days=WEEKLY)
    if claims is not None:
        _claims(sheet, claims)


def _rate(sheet: Sheet, rate: pd.Series[float]) -> None:
    """Enter the rate and its changes over a month and a year."""
    first, month = rate.index[0].date(), rate.index[-1].date()
    released = sheet.view.known_at(RATE, month).date()
    sheet.enter(
        "labour.unemployment",
        rate.iloc[-1],
        Unit.PERCENT,
        as_of=month,
        label="Unemployment rate",
        formula="seasonally adjusted, as published",
        slices=((RATE, month, month),),
        over=((RATE, first, month),),
        subject="the unemployment rate",
        history=rate,
        marks=(("released", released),),
    )
    for key, back, words in (("1m", MONTH, "over the month"), ("12m", YEAR, "over 12 months")):
        label = f"Unemployment rate, change {words}"
        missing = missing_months(rate, month, back=back)
        if missing:
            gaps = " and ".join(month_name(one) for one in missing)
            sheet.gap(f"labour.unemployment.{key}", label, f"the rate for {gaps} was never published")
            continue
        changes = of_labour.change(rate, months=back).round(DIGITS)
        base = (rate.index[-1] - pd.DateOffset(months=back)).date()
        sheet.enter(
            f"labour.unemployment.{key}",
            changes.iloc[-1],
            Unit.POINTS,
            as_of=month,
            label=label,
            formula="rate less the rate so many months before",
            slices=((RATE, base, base), (RATE, month, month)),
            over=((RATE, first, month),),
            subject="the unemployment rate",
            history=changes,
            move=True,
            horizon=Horizon(words=words, adjective=key, sessions=None, start=base),
            base=float(rate.loc[pd.Timestamp(base)]),
            end=float(rate.iloc[-1]),
            level_unit=Unit.PERCENT,
            marks=(("released", released),),
        )


def _payrolls(sheet: Sheet, payrolls: pd.Series[float]) -> None:
    """Enter the change of payrolls over the month, and its mean over three months."""
    first, month = payrolls.index[0].date(), payrolls.index[-1].date()
    released = sheet.view.known_at(PAYROLLS, month).date()
    changes = (THOUSAND * of_labour.change(payrolls, months=MONTH)).round(DIGITS)
    averages = (THOUSAND * of_labour.change(payrolls, months=QUARTER) / QUARTER).round(DIGITS)
    for key, back, words, history, formula in (
        ("1m", MONTH, "over the month", changes, "employees of the month less those of the month before"),
        ("3m", QUARTER, "over three months", averages, "a third of the change over three months"),
    ):
        label = "Change of payrolls" if key == "1m" else "Change of payrolls, mean of three months"
        missing = missing_months(payrolls, month, back=back)
        if missing:
            gaps = " and ".join(month_name(one) for one in missing)
            sheet.gap(f"labour.payrolls.{key}", label, f"the number for {gaps} was never published")
            continue
        base = (payrolls.index[-1] - pd.DateOffset(months=back)).date()
        sheet.enter(
            f"labour.payrolls.{key}",
            history.iloc[-1],
            Unit.PERSONS,
            as_of=month,
            label=label,
            formula=f"{formula}, seasonally adjusted, of nonfarm employers; the newest published of each",
            slices=((PAYROLLS, base, base), (PAYROLLS, month, month)),
            over=((PAYROLLS, first, month),),
            subject="employers",
            history=history,
            move=True,
            horizon=Horizon(words=words, adjective=key, sessions=None, start=base),
            base=_before(history),
            end=float(history.iloc[-1]),
            level_unit=Unit.PERSONS,
            marks=(("released", released),),
        )


def _before(changes: pd.Series[float]) -> float | None:
    """The value a month earlier, if that month has one."""
    if len(changes) < 2 or changes.index[-2] != changes.index[-1] - pd.DateOffset(months=1):  # noqa: PLR2004 -- a pair
        return None
    return float(changes.iloc[-2])


def _claims(sheet: Sheet, claims: pd.Series[float]) -> None:
    """Enter the claims of the week, their change, and the mean of four weeks."""
    first, week = claims.index[0].date(), claims.index[-1].date()
    released = (("released", sheet.view.known_at(CLAIMS, week).date()),)
    over = ((CLAIMS, first, week),)
    sheet.enter(
        "labour.claims",
        claims.iloc[-1],
        Unit.PERSONS,
        as_of=week,
        label="Initial claims",
        formula="first claims for unemployment insurance in the week that ends on the day, seasonally adjusted",
        slices=((CLAIMS, week, week),),
        over=over,
        subject="initial claims",
        history=claims,
        marks=released,
    )
    since = claims.index[-FOUR_WEEKS].date() if len(claims) >= FOUR_WEEKS else week
    if (week - since).days != 7 * (FOUR_WEEKS - 1):
        sheet.gap("labour.claims.4w", "Initial claims, mean of four weeks", "one of the four weeks is missing")
        return
    before = claims.index[-2].date()
    changes = difference(claims, 1)
    sheet.enter(
        "labour.claims.1w",
        changes.iloc[-1],
        Unit.PERSONS,
        as_of=week,
        label="Initial claims, change over the week",
        formula="claims of the week less those of the week before",
        slices=((CLAIMS, before, week),),
        over=over,
        subject="initial claims",
        history=changes,
        move=True,
        horizon=Horizon(words="over the week", adjective="one-week", sessions=None, start=before),
        base=float(claims.iloc[-2]),
        end=float(claims.iloc[-1]),
        level_unit=Unit.PERSONS,
        marks=released,
    )
    averages = of_labour.mean(claims, rows=FOUR_WEEKS)
    sheet.enter(
        "labour.claims.4w",
        averages.iloc[-1],
        Unit.PERSONS,
        as_of=week,
        label="Initial claims, mean of four weeks",
        formula="mean of the claims of the last four weeks",
        slices=((CLAIMS, since, week),),
        over=over,
        subject="the mean of four weeks",
        history=averages,
        marks=released,
    )
