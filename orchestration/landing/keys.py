"""SQL that settles landed text: blanks of every kind, and what a value really says."""

import re
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
# Excel's and pandas' short form of a long number, whose last digits are gone, and what
# no double tells to its last digit.
SHORTENED = r"\d(\.\d+)?[eE]\+\d+|\d\.\d+[eE]\d\d+"
SHORTENED_RULE = "a key in scientific notation: its last digits are lost"
# What is counted of the keys of a load, with the words that tell it.
SETTLED = {
    "keys_without_words": "keys that only say none (NULL, nan ...) read as missing",
    "keys_trimmed": "keys with blanks around them or unseen marks in them trimmed",
    "keys_made_whole": "keys with a needless .0 or exponent read as whole numbers",
}
# The same of values that may be missing and are no text, in which such a word is odd.
VALUES_SETTLED = {
    "values_without_words": "values that only say none (NULL, nan ...) read as missing"
}


# An accent may be a letter's own or stand behind it, as é or e and its accent; so may
# parts of a Korean syllable, and three letters are signs too (ångström, ohm, kelvin).
_APART = r"[\p{M}\x{1100}-\x{11FF}\x{212A}\x{212B}\x{2126}]"
_BLANK = f"[{SEEN}{UNSEEN}]"
_ENDS = f"^{_BLANK}+|{_BLANK}+$"
_WHOLE = r"(\d+)\.0+"
# A whole number in the notation of programs that tell all of its digits: 1.001E3. Those
# that may not (Excel) write E+3, and without a point it may be a name: 1E3.
_EXPONENT = r"\d\.\d+[eE]\d\d?"
# A double of more tells no number apart from the next.
MOST_TOLD_APART = {"FLOAT": 2**24, "DOUBLE": 2**53}
# What may say something else than it seems to: few keys, found at little cost.
_WORDS = "|".join(map(re.escape, (*NULL_WORDS, NONE)))
_ODD = rf"[^!-~]|\.0+$|^{_EXPONENT}$|^$|^(?i:{_WORDS})$"


def trimmed(text: str) -> str:
    """Return SQL for the text without blanks of any kind around it; null if empty."""
    # To look at both ends costs a tenth of the trimming, and most need none.
    ends = (f"{side}({text}, 1) between '!' and '~'" for side in ("left", "right"))
    bare = f"nullif(regexp_replace({text}, '{_ENDS}', '', 'g'), '')"
    return f"case when {' and '.join(ends)} then {text} else {bare} end"


def _key_trimmed(text: str) -> str:
    is_apart = f"regexp_matches({text}, '{_APART}')"
    composed = f"case when {is_apart} then nfc_normalize({text}) else {text} end"
    return f"regexp_replace({composed}, '{_ENDS}|[{UNSEEN}]+', '', 'g')"


def _unfolded(text: str) -> str:
    """Return SQL for the whole number that a key in exponent form is; null for none."""
    said = f"{_BLANK}*{_EXPONENT}{_BLANK}*"
    number = f"cast(try_cast({_key_trimmed(text)} as decimal(38, 10)) as varchar)"
    # Of 15 digits each is told.
    whole = f"nullif(regexp_extract({number}, '^(\\d{{1,15}})\\.0+$', 1), '')"
    return f"case when regexp_full_match({text}, '{said}') then {whole} end"


def exact_key(name: str, kind: str) -> str:
    """Return SQL for a landed key as text: in short form where its type lost digits."""
    text = f'cast("{name}" as varchar)'
    if kind not in MOST_TOLD_APART:
        return text
    is_lost = f'abs("{name}") >= {MOST_TOLD_APART[kind]}'
    return f"case when {is_lost} then printf('%e', \"{name}\") else {text} end"


def _null_words(is_required: bool) -> str:
    words = "|".join(map(re.escape, NULL_WORDS))
    return f"(?i:{words})|None" if is_required else f"(?i:{words}|{NONE})"


def key_settled(text: str, is_required: bool) -> str:
    """Return SQL for what a key says: none for a null word, 1001 for 1001.0."""
    # No part stands in it twice: the engine's planning grows with each.
    whole = f"regexp_replace({_key_trimmed(text)}, '^{_WHOLE}$', '\\1')"
    said = f"regexp_replace({whole}, '^({_null_words(is_required)})$', '')"
    odd = f"regexp_matches({text}, '{_ODD}')"
    known = f"coalesce({_unfolded(text)}, nullif({said}, ''))"
    return f"case when {odd} then {known} else {text} end"


# Numbers and days begin so, and no word for none does: most values need no other look.
_NUMERIC = "between '+' and '9'"


def says_none(cell: str) -> bool:
    """Tell a cell that only says that it is empty."""
    return cell.strip().lower() in (*NULL_WORDS, NONE)


def _says_none(text: str, is_word: bool) -> str:
    said = f"{_BLANK}*({_null_words(is_word)}){_BLANK}*"
    matches = f"coalesce(regexp_full_match({text}, '{said}'), false)"
    return f"case when left({text}, 1) {_NUMERIC} then false else {matches} end"


def value_settled(text: str, is_word: bool) -> str:
    """Return SQL for the trimmed text, null where it only says none.

    Of a list of words `none` may be one that is meant: no discount, say.
    """
    return f"case when {_says_none(text, is_word)} then null else {trimmed(text)} end"


def count_settled(values: Iterable[tuple[str, bool]]) -> str:
    """Return SQL that counts in one row the values that only say none.

    Given the text of each value, and whether it is a word of a list.
    """
    counts = [f"cast({_says_none(text, is_word)} as int)" for text, is_word in values]
    return " + ".join(["0", *counts])


def counts_settled(keys: Iterable[tuple[str, bool]]) -> list[str]:
    """Return SQL that counts in one row the keys of each kind of `SETTLED`.

    Given the text of each key, and whether it is required.
    """
    found: list[list[str]] = [["0"], ["0"], ["0"]]
    for text, is_required in keys:
        key = _key_trimmed(text)
        conditions = (
            f"regexp_full_match({key}, '{_null_words(is_required)}')",
            f"{key} <> {text}",
            f"regexp_full_match({key}, '{_WHOLE}|{_EXPONENT}')",
        )
        for counts, condition in zip(found, conditions, strict=True):
            # Nested, for the engine evaluates both sides of an `and`.
            count = f"case when {condition} then 1 else 0 end"
            odd = f"regexp_matches({text}, '{_ODD}')"
            counts.append(f"case when {odd} then {count} else 0 end")
    return [" + ".join(counts) for counts in found]
