"""SQL that settles landed text: blanks of every kind, and what a key really says."""

from collections.abc import Iterable

# Blanks that are seen, and marks that are not: either may stand around a value.
SEEN = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
UNSEEN = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# What programs write for "none", in any case. No word that somebody may be named by.
NULL_WORDS = (
    "null",
    "(null)",
    "nan",
    "nat",
    "nil",
    "n/a",
    "#n/a",
    "<na>",
    "\\n",
    "undefined",
)
# Somebody may be named so, hence in any case only where a key may be missing.
NONE = "none"
# Excel's and pandas' short form of a long number, whose last digits are gone.
SHORTENED = r"\d(\.\d+)?[eE]\+\d+"
SHORTENED_RULE = "a key in scientific notation: its last digits are lost"
# Nearly every value is printable ASCII without a blank at either end. Nearly every key
# has no dot besides and more letters than any word for "none", or is a whole number.
PLAIN = "[!-~]([ -~]*[!-~])?"
PLAIN_KEY = r"[!-\-/-~]{10,}|\d+"
# What is counted of the keys of a load, with the words that tell it.
SETTLED = {
    "keys_without_words": "keys that only say none (NULL, nan ...) read as missing",
    "keys_trimmed": "keys with blanks around them or unseen marks in them trimmed",
    "keys_made_whole": "keys with a needless .0 read as whole numbers",
}


def trimmed(text: str) -> str:
    """Return SQL for the text without blanks of any kind around it; null if empty."""
    return (
        f"case when regexp_full_match({text}, '{PLAIN}') then {text} "
        f"else nullif(trim({text}, '{SEEN}{UNSEEN}'), '') end"
    )


def key_trimmed(text: str) -> str:
    """Return SQL for a key without blanks around it or unseen marks anywhere."""
    # Only what has more bytes than letters can hold such a mark.
    seen = (
        f"case when strlen({text}) > length({text}) "
        f"then translate({text}, '{UNSEEN}', '') else {text} end"
    )
    return trimmed(seen)


def key_settled(text: str, is_required: bool) -> str:
    """Return SQL for what a key says: none for a null word, 1001 for 1001.0."""
    key = key_trimmed(text)
    words = ", ".join(f"'{w}'" for w in (*NULL_WORDS, *([NONE] * (not is_required))))
    return (
        f"case when regexp_full_match({text}, '{PLAIN_KEY}') then {text} "
        f"when lower({key}) in ({words}) or {key} = 'None' then null "
        f"when suffix({key}, '0') and regexp_full_match({key}, '\\d+\\.0+') "
        f"then split_part({key}, '.', 1) else {key} end"
    )


def counts_settled(keys: Iterable[tuple[str, bool]]) -> list[str]:
    """Return SQL that counts in one row the keys of each kind of `SETTLED`.

    Given the text of each key, and whether it is required.
    """
    found: list[list[str]] = [["0"], ["0"], ["0"]]
    for text, is_required in keys:
        key, settled = key_trimmed(text), key_settled(text, is_required)
        conditions = (
            f"{key} is not null and {settled} is null",
            f"{text} <> coalesce({key}, '') and {text} <> ''",
            f"{key} <> {settled}",
        )
        for counts, condition in zip(found, conditions, strict=True):
            counts.append(
                f"case when regexp_full_match({text}, '{PLAIN_KEY}') then 0 "
                f"else coalesce(cast({condition} as bigint), 0) end"
            )
    return [" + ".join(counts) for counts in found]
