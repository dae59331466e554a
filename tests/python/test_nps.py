"""The worked NPS cases of others, through the files contract, a month each."""

import pandas as pd
import pytest

# Scores, NPS, standard error: brendan-r/NPS, chattermill, phpOMS, BigFunctions.
CASES = {
    "2024-01": ([0, 7, 7, 9, 9, 9], 1 / 3, 0.304),
    "2024-02": ([0], -1, 0),
    "2024-03": ([10], 1, 0),
    "2024-04": ([7], 0, 0),
    "2024-05": ([1, 9], 0, 0.707),
    "2024-06": ([7, 9], 0.5, 0.354),
    "2024-07": ([0, 7, 9], 0, 0.471),
    "2024-08": ([9, 10, 5, 1, 0, 7], 2 / 6 - 3 / 6, None),
    "2024-09": ([10] * 60 + [8] * 30 + [3] * 10, 0.5, None),
    "2024-10": ([9, 10, 6, 8], 0.25, None),
    "2024-11": ([0, 6], -1, None),
}


def answer(response_id: str, score: int, responded_at: str) -> dict[str, object]:
    return {
        "response_id": response_id,
        "account_id": "a",
        "kind": "nps",
        "score": score,
        "responded_at": responded_at,
    }


@pytest.fixture(scope="module")
def nps_months(warehouse) -> pd.DataFrame:
    answers = [
        answer(f"{month}-{number}", score, f"{month}-15")
        for month, (scores, _, _) in CASES.items()
        for number, score in enumerate(scores)
    ]
    # Off the scale of 0 to 10: quarantined, not counted as a promoter.
    answers.append(answer("off", 11, "2024-03-20"))
    item = {
        "item_id": "i",
        "account_id": "a",
        "valid_from": "2024-01-01",
        "unit_amount": 10,
        "billing_interval": "month",
    }
    book = warehouse.build(
        {"subscription_items": [item], "survey_responses": answers},
        "fct_nps_months",
        as_of="2024-11-30",
    )
    months = book.table("fct_nps_months")
    return months.assign(
        month=pd.to_datetime(months["answer_month"]).dt.strftime("%Y-%m")
    ).set_index("month")


@pytest.mark.parametrize("month", CASES)
def test_nps_is_promoters_less_detractors_with_its_standard_error(nps_months, month):
    scores, nps, standard_error = CASES[month]
    assert nps_months.loc[month, "response_count"] == len(scores)
    assert nps_months.loc[month, "nps"] == pytest.approx(nps)
    if standard_error is not None:
        assert nps_months.loc[month, "nps_standard_error"] == pytest.approx(
            standard_error, abs=5e-4
        )
