"""What languages are called in English, for people; programs get codes."""

from __future__ import annotations

LANGUAGE_NAMES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "th": "Thai", "tr": "Turkish", "zh": "Chinese",
}  # fmt: skip


def language_name(code: str) -> str:
    """The name of a language, or its code where we have no name."""
    return LANGUAGE_NAMES.get(code, code)
