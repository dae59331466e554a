"""Play survey responses: quarterly NPS, CSAT after tickets, and exit answers."""

import numpy as np
import pandas as pd

from orchestration.sample_company.calendar_days import instants
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.states import States
from orchestration.sample_company.subscriptions import Subscription
from orchestration.sample_company.usage import Service

EXIT_ANSWERS = {
    "value_lost": "low value",
    "champion_left": "champion left",
    "friction": "product quality",
    "slow_support": "poor support",
    "not_onboarded": "never onboarded",
    "payment_failed": "budget",
    "other": "business closed",
}
POLITE_ANSWERS = ("price", "competitor", "missing feature", "budget")


def land_responses(
    contacts: pd.DataFrame,
    states: States,
    service: Service,
    solved: pd.DataFrame,
    subscriptions: list[Subscription],
    crm_ids: dict[int, str],
    seed: int,
    parameters: Parameters,
) -> pd.DataFrame:
    """Make the responses table; happy people answer NPS more often."""
    rng = np.random.default_rng([seed, 11])
    days = service.seats.shape[1]
    people = contacts.groupby("number")["id"].agg(list).to_dict()
    responses = pd.concat(
        [
            nps(contacts, states, service, rng),
            csat(solved, people, rng),
            exits(subscriptions, people, rng),
        ],
        ignore_index=True,
    )
    responses = responses.loc[responses["day"] < days].sort_values(
        ["day", "second", "contact_id", "kind"], ignore_index=True
    )
    return responses.assign(
        response_id=[f"resp_{k:08d}" for k in range(len(responses))],
        answer=responses["answer"].mask(responses["answer"] == ""),
        crm_account_id=responses["number"].map(crm_ids),
        responded_at=instants(responses["day"], responses["second"].to_numpy()),
    )


def nps(
    contacts: pd.DataFrame,
    states: States,
    service: Service,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Ask present contacts of served accounts once a quarter; score by value."""
    parts = []
    days = service.seats.shape[1]
    for asked in range(75, days, 91):
        here = contacts.loc[
            (service.seats[contacts["number"], asked] > 0)
            & (contacts["joined"] <= asked)
            & (contacts["left"].isna() | (contacts["left"] > asked))
        ]
        number = here["number"].to_numpy()
        value = states.value[number, asked // 7]
        felt = (
            1.0
            + 10.5 * value
            - 1.5 * states.friction[number, asked // 7]
            - 1.2 * states.slowness[number, asked // 7]
            + rng.normal(0, 1.6, len(here))
        )
        answers = rng.random(len(here)) < 0.10 + 0.32 * value
        parts.append(
            pd.DataFrame(
                {
                    "number": number,
                    "contact_id": here["id"].to_numpy(),
                    "kind": "nps",
                    "score": np.clip(np.round(felt), 0, 10),
                    "answer": "",
                    "day": asked + rng.integers(0, 12, len(here)),
                    "second": rng.integers(28_800, 64_800, len(here)),
                }
            ).loc[answers]
        )
    return pd.concat(parts, ignore_index=True)


def csat(
    solved: pd.DataFrame, people: dict[int, list[str]], rng: np.random.Generator
) -> pd.DataFrame:
    """Ask after a solved ticket; slow answers lower the score."""
    asked = solved.loc[rng.random(len(solved)) < 0.15]
    size = len(asked)
    felt = 4.7 - 0.7 * np.log1p(asked["response_hours"] / 6) + rng.normal(0, 0.7, size)
    seconds = asked["solved_seconds"].to_numpy() + rng.integers(3_600, 80_000, size)
    return pd.DataFrame(
        {
            "number": asked["number"].to_numpy(),
            "contact_id": [
                people[number][pick % len(people[number])]
                for number, pick in zip(
                    asked["number"], rng.integers(0, 100, size), strict=True
                )
            ],
            "kind": "csat",
            "score": np.clip(np.round(felt.to_numpy()), 1, 5),
            "answer": "",
            "day": seconds // 86_400,
            "second": seconds % 86_400,
        }
    )


def exits(
    subscriptions: list[Subscription],
    people: dict[int, list[str]],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Ask those who leave why; over half answer, a quarter of them politely."""
    rows = []
    for subscription in subscriptions:
        if subscription.kind not in ("churn", "unpaid", "scheduled"):
            continue
        answers, polite = rng.random() < 0.6, rng.random() < 0.25
        delay, pick = int(rng.integers(0, 15)), int(rng.integers(0, 100))
        second = int(rng.integers(28_800, 64_800))
        excuse = POLITE_ANSWERS[int(rng.integers(0, len(POLITE_ANSWERS)))]
        if not answers or subscription.cause is None:
            continue
        known = (
            subscription.notice if subscription.notice is not None else subscription.end
        )
        contacts = people[subscription.account]
        rows.append(
            {
                "number": subscription.account,
                "contact_id": contacts[pick % len(contacts)],
                "kind": "exit",
                "score": float("nan"),
                "answer": excuse if polite else EXIT_ANSWERS[subscription.cause],
                "day": known + delay,
                "second": second,
            }
        )
    columns = ["number", "contact_id", "kind", "score", "answer", "day", "second"]
    return pd.DataFrame(rows, columns=columns)
