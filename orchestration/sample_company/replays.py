"""Play the sample company's billing once, and land it as a connector saw it then."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from orchestration.sample_company.accounts import make_company
from orchestration.sample_company.identities import Identities, make_identities
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.silent_changes import change_silently
from orchestration.sample_company.states import play_states
from orchestration.sample_company.stripe import land_stripe
from orchestration.sample_company.subscriptions import (
    Subscription,
    play_contracts,
    true_items,
)
from orchestration.sample_company.tables import write_table


@dataclass(frozen=True)
class PlayedBilling:
    """The contracts of one company, and what it takes to land them."""

    accounts: pd.DataFrame
    subscriptions: list[Subscription]
    identities: Identities
    seed: int
    parameters: Parameters

    def write_stripe(self, landing: Path, seen_on: date) -> None:
        """Write `stripe/` as it looked at the end of a day."""
        tables = land_stripe(
            self.subscriptions,
            self.accounts,
            self.identities,
            self.seed,
            self.parameters,
            seen_on,
        )
        for name, table in tables.items():
            path = landing / "stripe" / f"{name}.parquet"
            write_table(path, f"stripe/{name}", table)

    def true_items(self) -> pd.DataFrame:
        """Return the true item versions, in the shape of the files contract."""
        ids = dict(
            zip(self.accounts["number"], self.accounts["account_id"], strict=True)
        )
        last = (self.parameters.last_day - self.parameters.first_day).days
        return true_items(self.subscriptions, ids, last)


def play_billing(
    accounts: int = 300, seed: int = 7, parameters: Parameters | None = None
) -> PlayedBilling:
    """Play the contracts of a company; the same as `write_sample_company` lands."""
    p = parameters or Parameters()
    days = (p.last_day - p.first_day).days + 1
    frame = make_company(accounts, seed, p).accounts
    subscriptions = play_contracts(frame, play_states(frame, seed, p), seed, p)
    change_silently(subscriptions, seed, p)
    identities = make_identities(frame, seed, days)
    return PlayedBilling(frame, subscriptions, identities, seed, p)
