"""Numbers are read as they were meant, or refused: never a thousandth of them."""

import random
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.landing.number_forms import UNSURE_RULE
from tests.python.books import item
from tests.python.conftest import Warehouse
from tests.python.test_landing import Folder, assert_all_rows_told, load_of

HEADER = "item_id,account_id,valid_from,unit_amount,discount_percent,billing_interval"
READ_SO = "its numbers have decimal commas, and are read so"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def german(amount: Decimal, parts_thousands: bool) -> str:
    """Write a number as a German spreadsheet does."""
    text = f"{amount:,}" if parts_thousands else f"{amount}"
    return text.translate(str.maketrans(",.", ".,"))


def write(folder: Folder, told: list[tuple[str, str]], delimiter: str) -> None:
    """Write items of the amounts and discounts."""
    lines = [HEADER.replace(",", delimiter)]
    for number, (amount, percent) in enumerate(told):
        cells = [f"i{number}", f"a{number}", "2025-01-01", amount, percent, "month"]
        quoted = [f'"{cell}"' if delimiter in cell else cell for cell in cells]
        lines.append(delimiter.join(quoted))
    folder.write("subscription_items.csv", *lines)


def amounts(folder: Folder) -> dict[str, Decimal]:
    return dict(folder.rows("subscription_items", "item_id, unit_amount"))


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("seed", range(6))
def test_decimal_commas_are_read_where_any_number_of_the_file_has_one(
    folder: Folder, seed: int, delimiter: str
) -> None:
    drawn = random.Random(seed)
    meant = [Decimal(drawn.randint(1, 3_000_000)) for _ in range(5)]
    meant += [Decimal(drawn.randint(1, 3_000_000)) / 100 for _ in range(seed % 3)]
    percents = ["12,5", *["" for _ in meant[1:]]]
    texts = [german(amount, parts_thousands=seed % 2 == 0) for amount in meant]
    write(folder, list(zip(texts, percents, strict=True)), delimiter)
    load = load_of(folder.land(), "subscription_items")
    assert amounts(folder) == {f"i{n}": amount for n, amount in enumerate(meant)}
    assert READ_SO in (load.message or "")
    assert folder.rows("subscription_items", "max(discount_percent)") == [(12.5,)]


@pytest.mark.parametrize(
    ("told", "delimiter", "refused"),
    [
        (["1.234", "20"], ";", 1),
        (["1.234", "20.500"], ";", 2),
        (["1.234", "10.5"], ";", 0),
        (["1.234", "0.125"], ";", 0),
        (["1.234", "20"], "\t", 0),
        (["1.234", "20"], ",", 0),
        (["1.234", "10,50"], ",", 1),
        (["1.234", "1.234,50"], ",", 1),
        (["1.234", "10,50", "7.5"], ",", 1),
        (["1.234", "10,50", "7.5"], ";", 1),
        (["-1.234.567", "1.234"], ";", 0),
    ],
)
def test_a_dot_before_three_digits_is_refused_where_nothing_clear_is_told(
    folder: Folder, told: list[str], delimiter: str, refused: int
) -> None:
    write(folder, [(text, "") for text in told], delimiter)
    landing = folder.land()
    rules = [row["rule"] for row in landing.quarantined]
    assert rules.count(UNSURE_RULE) == refused
    assert_all_rows_told(load_of(landing, "subscription_items"))


@pytest.mark.parametrize("seed", range(12))
def test_no_number_is_read_otherwise_than_it_was_meant(
    folder: Folder, seed: int
) -> None:
    """In either form, whole or broken, in any file: it is right, or told of."""
    drawn = random.Random(seed)
    delimiter, is_german = drawn.choice(";,\t"), seed % 2 == 0
    scale = drawn.choice([0, 1, 2, 4])
    meant = [Decimal(drawn.randint(1, 5 * 10**6)).scaleb(-scale) for _ in range(6)]
    # Where no file tells it is a thousand, but that of a spreadsheet: `;`.
    parts = drawn.random() < 0.7 and (is_german and (scale > 0 or delimiter == ";"))
    texts = [german(a, parts) if is_german else f"{a}" for a in meant]
    write(folder, [(text, "") for text in texts], delimiter)
    landing = folder.land()
    read = amounts(folder)
    assert all(read[key] == meant[int(key[1:])] for key in read)
    assert len(read) + len(landing.quarantined) == len(meant)
    if not is_german or (delimiter == ";" and scale in (1, 2)):
        assert len(read) == len(meant)


SHARES = "discount_percent is 1 or less in the whole file: shares, not per cent?"


@pytest.mark.parametrize(
    ("percents", "named"),
    [
        ([0.1, 0.25, None], 2),
        ([1, 0.5, 0], 2),
        ([0.1, 10, None], 0),
        ([100, 20], 0),
        ([None, 0], 0),
    ],
)
def test_discounts_told_as_shares_are_named(
    warehouse: Warehouse, percents: list[float | None], named: int
) -> None:
    rows = [
        item(f"i{n}", f"a{n}", "2024-01-01", discount_percent=percent)
        for n, percent in enumerate(percents)
    ]
    models = ("fct_warned_rows", "int_rows_warned")
    tables = {"subscription_items": rows}
    book = warehouse.build(tables, *models, as_of="2024-12-31")
    assert list(book.table("fct_warned_rows")["rule"]).count(SHARES) == named
