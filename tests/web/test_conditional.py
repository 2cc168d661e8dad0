"""Promises of ETags and of the conditions on them."""

import gzip
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from app.timeline.cursor import Cursor
from app.web.conditional import (
    SOURCE,
    Source,
    answer_if_changed,
    body_etag,
    depends_on,
    entry_etag,
    expected_revisions,
    gzip_etag,
    head_etag,
    known_etag,
    plain_etag,
)
from app.web.problems import InvalidQuery, PreconditionMissing
from tests.newsdesk import Newsdesk


def asking(**headers: str) -> Request:
    """A request with these headers."""
    raw = [(k.replace("_", "-").encode(), v.encode("latin-1")) for k, v in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"x", "a"', '"x",W/"a"', "*", " * "])
def test_a_client_that_has_it_is_not_sent_it_again(header: str):
    """Weak or strong, first or last of several."""
    assert known_etag(header, ['"a"']) == '"a"'


@pytest.mark.parametrize("header", ["", '"b"', '"aa"', "a", 'W/"b", "c"'])
def test_a_client_that_has_another_is_sent_it(header: str):
    """So is one whose header is no entity tag."""
    assert known_etag(header, ['"a"']) is None


def test_no_more_codings_are_looked_for_than_proxies_add():
    """A search without a bound takes seconds in a tag of 30 KB that is made of codings."""
    assert known_etag('"a-br;gzip--gzip-zstd"', ['"a"']) == '"a"'
    assert known_etag('"a' + "-br" * 5 + '"', ['"a"']) is None


async def test_the_body_is_made_only_for_who_does_not_have_it():
    """The head is the same for both."""
    made = []

    async def body() -> bytes:
        made.append(1)
        return b"{}"

    fresh = await answer_if_changed(asking(), '"a"', "public", body, headers={"Vary": "Accept"})
    known = await answer_if_changed(
        asking(if_none_match='"a"'), '"a"', "public", body, headers={"Vary": "Accept"}
    )
    assert (fresh.status_code, fresh.body, known.status_code, known.body) == (200, b"{}", 304, b"")
    assert made == [1]
    for name in ("etag", "cache-control", "vary"):
        assert fresh.headers[name] == known.headers[name]


async def plain_words() -> bytes:
    """A body worth compressing."""
    return b"Words. " * 1000


async def large_words() -> bytes:
    """A body that takes long to compress."""
    return b"Words. " * 100_000


@pytest.mark.parametrize("words", [plain_words, large_words])
async def test_who_takes_gzip_gets_the_same_words_under_an_etag_of_their_own(words):
    """Compressed the same way each time."""
    plain = await answer_if_changed(asking(), '"a"', "public", words)
    packed, again = [
        await answer_if_changed(asking(accept_encoding="br, gzip"), '"a"', "public", words)
        for _ in range(2)
    ]
    assert gzip.decompress(packed.body) == plain.body == await words()
    assert packed.body == again.body
    assert len(packed.body) < len(plain.body) == int(plain.headers["content-length"])
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert (plain.headers["etag"], packed.headers["etag"]) == ('"a"', '"a-gzip"')
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("taken", ["gzip", "identity", "gzip;q=0"])
@pytest.mark.parametrize("held", ['"a"', '"a-gzip"', 'W/"a-gzip"'])
async def test_who_holds_either_form_is_not_sent_the_other(taken: str, held: str):
    """The 304 names the form that the client holds, so that its cache finds it."""
    request = asking(if_none_match=held, accept_encoding=taken)
    known = await answer_if_changed(request, '"a"', "public", plain_words)
    assert (known.status_code, known.body) == (304, b"")
    assert known.headers["etag"] == held.removeprefix("W/")
    assert known.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in known.headers


async def test_what_is_changed_by_its_etag_has_one_form():
    """An entry's ETag is the revision that `If-Match` names."""
    request = asking(accept_encoding="gzip")
    answer = await answer_if_changed(request, '"1"', "public", plain_words, compress=False)
    assert (answer.headers["etag"], answer.body) == ('"1"', await plain_words())
    assert "vary" not in answer.headers
    other = asking(if_none_match='"2-gzip"')
    answer = await answer_if_changed(other, '"1"', "public", plain_words, compress=False)
    assert answer.status_code == 200


def test_the_two_forms_name_each_other():
    """Back and forth."""
    assert plain_etag(gzip_etag('"a-gzip"')) == '"a-gzip"'
    assert gzip_etag('"a"') == '"a-gzip"'


async def test_what_an_answer_is_made_of_is_told_only_for_what_is_public():
    """And only to who wants to know."""
    desk = Newsdesk()
    request = asking()
    source = request.scope[SOURCE] = Source()
    depends_on(request, desk.coverage)
    assert source == Source()
    depends_on(request, desk.act_all([]).coverage)
    assert source == Source(desk.coverage.slug, desk.coverage.cursor)
    depends_on(asking(), desk.coverage)


def test_an_entrys_tag_changes_with_all_that_can_change_of_it():
    """A pin and a retraction make no revision."""
    desk = Newsdesk().act_all([])
    entry = desk.publish("One")
    stone = desk.retract(entry).entry
    states = [entry, replace(entry, pinned=True), replace(entry, revision=2), stone]
    assert len({entry_etag(state) for state in states}) == len(states)
    assert entry_etag(entry) == '"1"'


def test_the_heads_tag_changes_with_the_journal():
    """With its seq, and with its life."""
    cursors = [Cursor("a", 1), Cursor("a", 2), Cursor("b", 1)]
    assert len({head_etag(cursor) for cursor in cursors}) == 3
    assert body_etag(b"a") != body_etag(b"b")


@pytest.mark.parametrize(
    ("header", "revisions"),
    [
        ("*", None),
        (" * ", None),
        ('"3"', {3}),
        ('"3-pinned"', {3}),
        ('"3", "4"', {3, 4}),
        ('W/"3"', {3}),
        ('W/"3", "4"', {3, 4}),
        ('"3-gzip"', {3}),
        ('W/"3-pinned;gzip", "4--gzip","5-br-gzip"', {3, 4, 5}),
        ('"3-retracted"', {3}),
        ('"x"', set()),
        ('"0"', set()),
        ('"3-gzip-x"', set()),
        ('"3gzip"', set()),
    ],
)
def test_a_change_names_the_revisions_that_it_may_change(header: str, revisions):
    """Weak or with a coding's name, as proxies make it, a tag names its revision."""
    assert expected_revisions(asking(if_match=header), required=True) == revisions


@pytest.mark.parametrize("header", ["3", "", '"', '"3" "4"', '"3",', "**", "W/3", '"3"x', "'3'"])
def test_what_is_no_entity_tag_is_refused(header: str):
    """And not taken for a tag that does not match."""
    with pytest.raises(InvalidQuery):
        expected_revisions(asking(if_match=header), required=True)


def test_a_change_that_names_nothing_is_refused_where_it_must():
    """Elsewhere it changes whatever is there."""
    with pytest.raises(PreconditionMissing):
        expected_revisions(asking(), required=True)
    assert expected_revisions(asking(), required=False) is None


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_a_condition_of_any_shape_is_read_or_refused(header: str):
    """Never a fault."""
    assert known_etag(header, ['"a"']) in {'"a"', None}
    try:
        revisions = expected_revisions(asking(if_match=header), required=True)
    except InvalidQuery:
        return
    assert revisions is None or all(revision > 0 for revision in revisions)
