"""Editions and the alternates that search engines are told of."""

from hypothesis import given
from hypothesis import strategies as st

from app.timeline.edition import Edition, list_alternates

_EDITIONS = st.lists(
    st.builds(
        Edition,
        st.sampled_from("abcdef"),
        st.sampled_from(["en", "EN", "ru", "hy-AM", "ar"]),
        st.just("…"),
    ),
    unique_by=lambda edition: edition.slug,
)


@given(_EDITIONS)
def test_alternates_name_each_other(editions: list[Edition]) -> None:
    """Whatever page names alternates is among them, and all of these name the same ones.

    There is one for each language, and never only one.
    """
    named = {edition.slug: list_alternates(editions, edition.slug) for edition in editions}
    for slug, alternates in named.items():
        assert len(alternates) != 1
        assert len({each.language.lower() for each in alternates}) == len(alternates)
        assert not alternates or slug in {each.slug for each in alternates}
        assert all(named[each.slug] == alternates for each in alternates)
    languages = {edition.language.lower() for edition in editions}
    assert any(named.values()) == (len(languages) > 1)
