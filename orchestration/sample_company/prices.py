"""Set the price list: products, plans, currencies, terms and yearly editions."""

from dataclasses import dataclass

PLANS = ("Starter", "Team", "Enterprise")
MONTHLY_CENTS = {"Starter": 2900, "Team": 4900, "Enterprise": 8900, "Analytics": 1500}
CURRENCY_FACTOR = {"usd": 1.0, "eur": 0.92, "gbp": 0.80}
TERM_MONTHS = {"month": 1, "quarter": 3, "year": 12}
TERM_FACTOR = {"month": 1.0, "quarter": 2.88, "year": 10.2}
TERM_INTERVAL = {"month": ("month", 1), "quarter": ("month", 3), "year": ("year", 1)}
NOTICE_DAYS = {"month": 0, "quarter": 15, "year": 30}
EDITIONS = (2024, 2025)
EDITION_FACTOR = {2024: 1.0, 2025: 1.05}
METERED_CENTS = 0.35
ONBOARDING_FEE_CENTS = 150_000
PRODUCTS = {
    "prod_platform": "Platform",
    "prod_analytics": "Analytics",
    "prod_api": "API calls",
    "prod_services": "Services",
}


@dataclass(frozen=True, slots=True)
class Price:
    """Hold one Stripe price; `cents` are per unit and billing interval."""

    price_id: str
    product: str
    plan: str
    currency: str
    term: str
    cents: float
    is_metered: bool = False


def price_of(plan: str, currency: str, term: str, edition: int) -> Price:
    """Look up the licensed price of `plan`; Analytics is its own product."""
    cents = round(
        MONTHLY_CENTS[plan]
        * CURRENCY_FACTOR[currency]
        * TERM_FACTOR[term]
        * EDITION_FACTOR[edition]
        / 10
    )
    return Price(
        price_id=f"price_{plan.lower()}_{currency}_{term}_{edition}",
        product="Analytics" if plan == "Analytics" else "Platform",
        plan=plan,
        currency=currency,
        term=term,
        cents=cents * 10,
    )


def metered_price(currency: str) -> Price:
    """Return the price of one API call, billed monthly in arrears."""
    return Price(
        price_id=f"price_api_{currency}_month",
        product="API calls",
        plan="API calls",
        currency=currency,
        term="month",
        cents=METERED_CENTS,
        is_metered=True,
    )


def price_rows() -> list[dict]:
    """List every price as a row of the Stripe price table, without timestamps."""
    licensed = [
        price_of(plan, currency, term, edition)
        for plan in (*PLANS, "Analytics")
        for currency in CURRENCY_FACTOR
        for term in TERM_MONTHS
        for edition in EDITIONS
    ]
    prices = [*licensed, *(metered_price(currency) for currency in CURRENCY_FACTOR)]
    product_ids = {name: product_id for product_id, name in PRODUCTS.items()}
    rows = [
        {
            "id": price.price_id,
            "product_id": product_ids[price.product],
            "nickname": price.plan,
            "currency": price.currency,
            "unit_amount": None if price.is_metered else int(price.cents),
            "unit_amount_decimal": f"{price.cents:g}",
            "recurring_interval": TERM_INTERVAL[price.term][0],
            "recurring_interval_count": TERM_INTERVAL[price.term][1],
            "recurring_usage_type": "metered" if price.is_metered else "licensed",
            "type": "recurring",
            "active": not price.price_id.endswith("2024"),
        }
        for price in prices
    ]
    fees = [
        {
            "id": f"price_onboarding_{currency}",
            "product_id": "prod_services",
            "nickname": "Onboarding fee",
            "currency": currency,
            "unit_amount": ONBOARDING_FEE_CENTS,
            "unit_amount_decimal": str(ONBOARDING_FEE_CENTS),
            "recurring_interval": None,
            "recurring_interval_count": None,
            "recurring_usage_type": None,
            "type": "one_time",
            "active": True,
        }
        for currency in CURRENCY_FACTOR
    ]
    return rows + fees
