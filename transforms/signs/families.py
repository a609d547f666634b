"""Which language's mean serves a text in a language that an inventory has no mean for."""

from __future__ import annotations

from collections.abc import Collection

# Families as branches of near languages, ISO 639-1; in each the languages with most books first.
_FAMILIES = (
    (("ru", "uk", "be"), ("pl", "cs", "sk"), ("bg", "sr", "hr", "bs", "mk", "sl")),
    (("de", "nl", "lb", "af", "fy", "yi"), ("sv", "da", "no", "nb", "nn", "is", "fo"), ("en",)),
    (("es", "pt", "gl", "ca"), ("it", "co", "sc"), ("fr", "oc"), ("ro",)),
    (("lt", "lv"),),
    (("ar", "mt"), ("he",), ("am", "ti")),
    (("tr", "az", "tk"), ("kk", "ky"), ("uz", "ug")),
    (("fi", "et"), ("hu",)),
    (("hi", "ur", "pa", "mr", "ne"), ("bn", "as"), ("gu",)),
    (("fa", "tg"), ("ku", "ps")),
    (("id", "ms", "jv"), ("tl",)),
)


def stand_in(language: str, known: Collection[str]) -> str | None:
    """The language among `known` whose mean is nearest to that of `language`: itself, or one of its branch, or family.

    None where there is none of its family; the mean of all languages is the nearest then.

    >>> [stand_in(language, ("de", "en", "pl", "ru")) for language in ("ru", "uk", "cs", "sv", "ja")]
    ['ru', 'ru', 'pl', 'de', None]
    """
    if language in known:
        return language
    for family in _FAMILIES:
        branch = next((branch for branch in family if language in branch), None)
        if branch:
            return next((code for near in (branch, *family) for code in near if code in known), None)
    return None


def stand_in_note(language: str, known: Collection[str]) -> str | None:
    """What to say of a text in a language that has no mean, in one line; None where it has one."""
    if language in known:
        return None
    other = stand_in(language, known)
    used = f"that of '{other}', its nearest relative," if other else "the mean of all"
    return f"the inventory has no mean for language '{language}' (it knows {', '.join(sorted(known))}); {used} is used"
