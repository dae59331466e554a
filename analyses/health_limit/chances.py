"""Work out how likely a contract's loss was, from its terms and its hazards.

Draws of the contract play are summed up instead of played: only the latent state is
played many times. The rules are those of `ContractPlay`, which a test plays beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from orchestration.sample_company.calendar_days import months_after
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.prices import TERM_MONTHS
from orchestration.sample_company.subscriptions import Subscription

NOTICE_WAITS = range(6)
LATE_RENEWAL_GAPS = range(5, 41)
CAPTURE_DELAYS = range(6, 26)


@dataclass
class Losses:
    """Sum up when the loss comes: by each of some days, or before `day` (known)."""

    day: int
    until: Sequence[int]
    alive: np.ndarray
    known: np.ndarray = field(init=False)
    by: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Start with everything alive."""
        self.known = np.zeros_like(self.alive)
        self.by = np.zeros((len(self.alive), len(self.until)))

    def add(self, mass: np.ndarray | float, *days: int) -> None:
        """Let `mass` be lost on one of `days`, each as likely."""
        before = sum(day <= self.day for day in days)
        if before:
            self.known += mass * (before / len(days))
        for column, until in enumerate(self.until):
            within = sum(self.day < day <= until for day in days)
            if within:
                self.by[:, column] += mass * (within / len(days))

    def leave(self, day: int, share: np.ndarray | float) -> None:
        """Let a share of what is alive be lost on `day`."""
        self.add(self.alive * share, day)
        self.alive = self.alive * (1 - share)

    def chances(self) -> np.ndarray:
        """Return, by future and day, the chance of a loss given that none is known."""
        return self.by / (1 - self.known)[:, None]


@dataclass(frozen=True)
class Standing:
    """Hold what had happened to a contract by a day, and what no longer can.

    `stays`: an add-on on a contract of its own is only sold where the play knows that
    the first contract runs on; who sees one knows that too.
    """

    subscription: Subscription
    day: int
    stays: bool

    @property
    def was_revoked(self) -> bool:
        """Tell whether a notice was given and taken back, which happens once."""
        revoked = self.subscription.revoked
        return revoked is not None and revoked[0] <= self.day

    @property
    def was_paused(self) -> bool:
        """Tell whether the contract was paused before, which happens once."""
        return any(begin <= self.day for begin, _ in self.subscription.pauses)

    def is_idle(self, first: int, following: int) -> bool:
        """Tell whether nothing was drawn in a month begun: payment failed, or paused.

        A notice taken back also ends its month.
        """
        s = self.subscription
        revoked = s.revoked is not None and first <= s.revoked[0] < following
        paused = any(begin <= first < end for begin, end in s.pauses)
        return first in s.failures or paused or (revoked and self.was_revoked)


def loss_chances(
    standing: Standing,
    past: np.ndarray,
    future: np.ndarray,
    until: Sequence[int],
    parameters: Parameters,
) -> np.ndarray:
    """Return, by future and day of `until`, the chance that the loss has come.

    `past` holds the hazards of the weeks to that of the day, `future` the weeks that
    follow it, by future.
    """
    p, s, day = parameters, standing.subscription, standing.day
    last = (p.last_day - p.first_day).days
    months, is_yearly = TERM_MONTHS[s.term], s.term == "year"
    factor = {
        "month": 1.0,
        "quarter": p.quarter_hazard_factor,
        "year": p.year_hazard_factor,
    }[s.term]
    losses = Losses(day, until, np.ones(len(future)))
    revoked_share = 0.0 if standing.was_revoked else p.revoked_notice_share
    fail_now(losses, standing, p)

    now = 0
    while months_after(s.anchor, now + 1) <= day:
        now += 1
    for index in count(now - now % months):
        first = months_after(s.anchor, index)
        following = months_after(s.anchor, index + 1)
        if first > until[-1]:
            break
        begins = first > day
        awake, gap = 1.0, None
        if begins and index % months == 0:
            awake = fail_later(losses, first, standing, p)
            gap = first if s.term == "quarter" else None
        if begins and s.term == "month" and index >= 3 and not standing.was_paused:
            awake *= pause(losses, first, awake, p)
        if not begins and standing.is_idle(first, following):
            continue
        if is_yearly and months - index % months > p.year_decision_months:
            continue
        latest = following - (10 if is_yearly else 1)
        end = s.period(index // months + 1)
        hidden_share = (1 - revoked_share) * hidden(end, last, p)
        for drawn in range(first + 1, min(latest, last), 7):
            week = drawn // 7
            if week < len(past):
                hazard = past[week]
            elif week - len(past) < future.shape[1]:
                hazard = future[:, week - len(past)]
            else:
                break
            share = np.minimum(0.6, hazard * factor) * awake
            if gap is not None:
                share = share * (1 - in_gap(drawn - gap, p))
            fired = losses.alive * share
            losses.alive = losses.alive - fired
            told = revoked_share if standing.stays else 1 - hidden_share
            notices = [min(drawn + wait, latest, last) for wait in NOTICE_WAITS]
            losses.add(fired * told, *notices)
            if standing.stays:
                losses.known += fired * (1 - told)
            else:
                losses.add(fired * hidden_share, end)
    return losses.chances()


def fail_now(losses: Losses, standing: Standing, parameters: Parameters) -> None:
    """Let a payment that is past due on the day stay unpaid."""
    p, day = parameters, standing.day
    begun = [d for d in standing.subscription.failures if d <= day < d + 15]
    if not begun or standing.stays:
        return
    waiting = sum(begun[-1] + wait > day for wait in range(3, 15)) / 12
    recovers = (1 - p.never_recovered_share) * (0.85 * waiting + 0.15)
    never = p.never_recovered_share
    paid = standing.subscription.failures[begun[-1]]
    if paid[1] and paid[0] <= day:
        return
    losses.leave(begun[-1] + 15, never / (never + recovers))


def fail_later(
    losses: Losses, first: int, standing: Standing, parameters: Parameters
) -> float:
    """Let the payment of a period fail for good; return who still draws its month."""
    p = parameters
    never = p.never_recovered_share * (not standing.stays)
    losses.leave(first + 15, p.payment_failure_probability * never)
    failing = p.payment_failure_probability
    return (1 - failing) / (1 - failing * never)


def pause(losses: Losses, first: int, awake: float, parameters: Parameters) -> float:
    """Let a pause outlast the grace, as those of two and three months do."""
    share = parameters.pause_probability * awake
    losses.leave(first, share * 2 / 3)
    return (1 - share) / (1 - share * 2 / 3)


def hidden(end: int, last: int, parameters: Parameters) -> float:
    """Return the share of notices nobody hears of before the service ended."""
    seen = sum(end + delay <= last for delay in CAPTURE_DELAYS) / len(CAPTURE_DELAYS)
    return parameters.backdated_share * seen


def in_gap(days: int, parameters: Parameters) -> float:
    """Return the share that has not renewed yet, some days into a period."""
    waiting = sum(gap >= days for gap in LATE_RENEWAL_GAPS) / len(LATE_RENEWAL_GAPS)
    return parameters.late_renewal_share * waiting
