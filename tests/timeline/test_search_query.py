"""What a reader may type into the search field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.search_query import SearchQuery, Term, parse_query

PORT, FIRE = Term(("port",), is_stem=True), Term(("fire",), is_stem=True)
QUERIES = {
    "port fire": SearchQuery((PORT, FIRE)),
    "  Port   FIRE port ": SearchQuery((PORT, FIRE)),
    '"port of Poti"': SearchQuery((Term(("port", "of", "poti"), is_stem=False),)),
    "«port» fire": SearchQuery((Term(("port",), is_stem=False), FIRE)),
    '"port': SearchQuery((Term(("port",), is_stem=False),)),
    "port -fire": SearchQuery((PORT,), (FIRE,)),
    'port -"in fire"': SearchQuery((PORT,), (Term(("in", "fire"), is_stem=False),)),
    "U-2": SearchQuery((Term(("u", "2"), is_stem=False),)),
    "20:30": SearchQuery((Term(("20", "30"), is_stem=False),)),
    "at 1500": SearchQuery((Term(("at",), is_stem=False), Term(("1500",), is_stem=False))),
    "port AND fire": SearchQuery((PORT, Term(("and",), is_stem=True), FIRE)),
    "- * ( \" ' :": SearchQuery(),
    "": SearchQuery(),
}


@pytest.mark.parametrize(("typed", "query"), QUERIES.items())
def test_a_query_is_words_phrases_and_exceptions(typed: str, query: SearchQuery) -> None:
    """Words, phrases in quotation marks and words after a minus sign; all else is text."""
    assert parse_query(typed) == query


@given(st.text('ab"-« \u0301(*'))
def test_whatever_is_typed_is_a_query(typed: str) -> None:
    """No text is refused, and no term is empty."""
    query = parse_query(typed)
    assert all(term.words for term in (*query.wanted, *query.unwanted))


def test_a_match_is_marked_where_it_stands() -> None:
    """Words, other endings of a word and phrases are found in the text as it is written."""
    text = "Fires in the Port of Poti: the port's fire-fighters"
    query = parse_query('fire "port of"')
    assert [text[slice(*span)] for span in query.find(text)] == ["Fires", "Port of", "fire"]
