"""ETags and conditional requests."""

import gzip
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from app.timeline.cursor import Cursor
from app.timeline.edition import Outdated, Translation
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


def request_with(**headers: str) -> Request:
    """A request with these headers."""
    raw = [(k.replace("_", "-").encode(), v.encode("latin-1")) for k, v in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"x", "a"', '"x",W/"a"', "*", " * "])
def test_a_client_that_has_it_is_not_sent_it_again(header: str):
    """A matching tag is found, weak or strong and anywhere in the list."""
    assert known_etag(header, ['"a"']) == '"a"'


@pytest.mark.parametrize("header", ["", '"b"', '"aa"', "a", 'W/"b", "c"'])
def test_a_client_that_has_another_is_sent_it(header: str):
    """A tag that does not match is not found, nor is a malformed header."""
    assert known_etag(header, ['"a"']) is None


def test_no_more_codings_are_looked_for_than_proxies_add():
    """Only a few coding suffixes are removed, so that a long tag cannot cost seconds."""
    assert known_etag('"a-br;gzip--gzip-zstd"', ['"a"']) == '"a"'
    assert known_etag('"a' + "-br" * 5 + '"', ['"a"']) is None


async def test_the_body_is_made_only_for_who_does_not_have_it():
    """The body is created only for a client without it; a 304 has the same headers."""
    calls = []

    async def body() -> bytes:
        calls.append(1)
        return b"{}"

    fresh = await answer_if_changed(
        request_with(), '"a"', "public", body, headers={"Vary": "Accept"}
    )
    known = await answer_if_changed(
        request_with(if_none_match='"a"'), '"a"', "public", body, headers={"Vary": "Accept"}
    )
    assert (fresh.status_code, fresh.body, known.status_code, known.body) == (200, b"{}", 304, b"")
    assert calls == [1]
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
    """The gzip form has the same content, an ETag of its own, and identical bytes each time."""
    plain = await answer_if_changed(request_with(), '"a"', "public", words)
    compressed, repeated = [
        await answer_if_changed(request_with(accept_encoding="br, gzip"), '"a"', "public", words)
        for _ in range(2)
    ]
    assert gzip.decompress(compressed.body) == plain.body == await words()
    assert compressed.body == repeated.body
    assert len(compressed.body) < len(plain.body) == int(plain.headers["content-length"])
    assert compressed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert (plain.headers["etag"], compressed.headers["etag"]) == ('"a"', '"a-gzip"')
    assert plain.headers["vary"] == compressed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accept_encoding", ["gzip", "identity", "gzip;q=0"])
@pytest.mark.parametrize("stored_etag", ['"a"', '"a-gzip"', 'W/"a-gzip"'])
async def test_who_holds_either_form_is_not_sent_the_other(accept_encoding: str, stored_etag: str):
    """The ETag of either form gets a 304 that names the form which the client has."""
    request = request_with(if_none_match=stored_etag, accept_encoding=accept_encoding)
    known = await answer_if_changed(request, '"a"', "public", plain_words)
    assert (known.status_code, known.body) == (304, b"")
    assert known.headers["etag"] == stored_etag.removeprefix("W/")
    assert known.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in known.headers


async def test_what_is_changed_by_its_etag_has_one_form():
    """An entry is not compressed, since its ETag is the revision for If-Match."""
    request = request_with(accept_encoding="gzip")
    response = await answer_if_changed(request, '"1"', "public", plain_words, compress=False)
    assert (response.headers["etag"], response.body) == ('"1"', await plain_words())
    assert "vary" not in response.headers
    other = request_with(if_none_match='"2-gzip"')
    response = await answer_if_changed(other, '"1"', "public", plain_words, compress=False)
    assert response.status_code == 200


def test_the_two_forms_name_each_other():
    """`plain_etag` and `gzip_etag` are inverse."""
    assert plain_etag(gzip_etag('"a-gzip"')) == '"a-gzip"'
    assert gzip_etag('"a"') == '"a-gzip"'


async def test_what_an_answer_is_made_of_is_told_only_for_what_is_public():
    """A response's source is recorded for public coverages only, and only if it is requested."""
    desk = Newsdesk()
    request = request_with()
    source = request.scope[SOURCE] = Source()
    depends_on(request, desk.coverage)
    assert source == Source()
    depends_on(request, desk.act_all([]).coverage)
    heads = {desk.coverage.slug: desk.coverage.cursor}
    assert source == Source(heads)
    depends_on(request, desk.coverage, others := {"another": Cursor("e", 3)})
    assert source == Source(heads | others)
    depends_on(request_with(), desk.coverage)


def test_an_entrys_tag_changes_with_all_that_can_change_of_it():
    """An entry's ETag changes with its revision, its pin, its retraction, and its original.

    Each of them names the revision for `If-Match`.
    """
    desk = Newsdesk().act_all([])
    entry = desk.publish("One")
    tombstone = desk.retract(entry).entry
    original = Translation("another", "one", 1, "ru")
    outdated = [
        replace(entry, translation_of=replace(original, outdated=outdated))
        for outdated in (
            Outdated("corrected", 2, "It was two.", "ru", desk.now),
            Outdated("corrected", 3, "It was three.", "ru", desk.now),
            Outdated("retracted", 3, "Not so.", "ru", desk.now),
        )
    ]
    states = [entry, replace(entry, pinned=True), replace(entry, revision=2), tombstone, *outdated]
    assert len({entry_etag(state) for state in states}) == len(states)
    for state in states:
        request = request_with(if_match=entry_etag(state))
        assert expected_revisions(request, required=True) == {state.revision}
    assert entry_etag(entry) == '"1"'


def test_the_heads_tag_changes_with_the_journal():
    """A coverage's ETag changes with the journal's seq and epoch."""
    cursors = [Cursor("a", 1), Cursor("a", 2), Cursor("b", 1)]
    assert len({head_etag(cursor) for cursor in cursors}) == 3
    pairs = [cursors[:1], cursors[:2], cursors[1:], cursors]
    assert len({head_etag(*pair) for pair in pairs}) == len(pairs)
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
    """If-Match names revisions, even if a proxy has made the tag weak or added a coding."""
    assert expected_revisions(request_with(if_match=header), required=True) == revisions


@pytest.mark.parametrize("header", ["3", "", '"', '"3" "4"', '"3",', "**", "W/3", '"3"x', "'3'"])
def test_what_is_no_entity_tag_is_refused(header: str):
    """A malformed If-Match is refused instead of not matching."""
    with pytest.raises(InvalidQuery):
        expected_revisions(request_with(if_match=header), required=True)


def test_a_change_that_names_nothing_is_refused_where_it_must():
    """A change without If-Match is refused where the header is required, and accepted elsewhere."""
    with pytest.raises(PreconditionMissing):
        expected_revisions(request_with(), required=True)
    assert expected_revisions(request_with(), required=False) is None


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_a_condition_of_any_shape_is_read_or_refused(header: str):
    """Any header is parsed or refused, and never causes another error."""
    assert known_etag(header, ['"a"']) in {'"a"', None}
    try:
        revisions = expected_revisions(request_with(if_match=header), required=True)
    except InvalidQuery:
        return
    assert revisions is None or all(revision > 0 for revision in revisions)
