"""Language tags (BCP 47), without the data of any language."""


def primary_subtag(language: str) -> str:
    """The primary subtag of a tag (BCP 47), by which languages are told apart: `pt` of `pt-BR`."""
    return language.partition("-")[0].lower()
