"""The templates that the program has, in each language of its interface."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

DefaultKey = Literal["score", "minute", "figures", "known"]
DEFAULT_KEYS: tuple[DefaultKey, ...] = get_args(DefaultKey)

_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class DefaultTemplate:
    """A template of the program in one language (a primary subtag); `body` is Markdown."""

    default_key: DefaultKey
    language: str
    name: str
    body: str
    headline: str | None = None
    key_event: bool = False


@cache
def list_default_templates(language: str) -> tuple[DefaultTemplate, ...]:
    """The program's templates in a language; none if it has none in that language."""
    texts = tomllib.loads(_FILE.read_text(encoding="utf-8")).get(language, {})
    return tuple(DefaultTemplate(key, language, **texts[key]) for key in DEFAULT_KEYS if texts)
