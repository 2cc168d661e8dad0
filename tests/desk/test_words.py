"""The desk in the languages of its people, each in their own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from app.desk.words import DESK, Words
from app.formats.languages import find_locale, interface_languages, text_direction
from app.formats.time_patterns import countdown_patterns, date_patterns
from app.web.problems import InvalidPayload
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug
from tests.dateline import DatelineServer, running_server
from tests.desk.desks import open_coverage
from tests.desk.forms import send
from tests.formats.parsed import Element, parse
from tests.interface_words import english, fragments_of
from tests.signed_in import sign_in, take_in, try_sign_in

TRANSLATED = sorted(interface_languages() - {"en"})
ACCOUNT = "/desk/account"
LANGUAGE = f"{ACCOUNT}/language"


def _language_of(answer: httpx.Response) -> tuple[str | None, str | None]:
    """The language and direction of a page."""
    html = parse(answer.text).one("html").attributes
    return html["lang"], html["dir"]


@pytest.fixture(scope="module")
def chief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A chief whose newsroom has something to show on every page.

    The server is their own: names that other tests give would be taken for words of the desk.
    """
    with running_server(tmp_path_factory.mktemp("words")) as server, _signed_in(server) as client:
        yield client


@contextmanager
def _signed_in(server: DatelineServer) -> Iterator[httpx.Client]:
    take_in(server, "words@example.org", "Zaira", "chief")
    with sign_in(server, "words@example.org") as client:
        path = open_coverage(client, "words")
        for status in ("paused", "closed"):
            slug = new_slug()
            open_coverage(client, slug)
            client.patch(f"/v1/coverages/{slug}", json={"status": status}).raise_for_status()
        client.post("/v1/coverages", json={"slug": new_slug(), "title": "…", "status": "planned"})
        entry = client.post(f"{path}/entries", json={"headline": "1"}).json()
        client.post(f"{path}/entries/{entry['id']}/retraction", json={"note": "2"})
        client.post(f"{path}/entries", json={"headline": "3"})
        client.post("/v1/invitations", json={"role": "editor", "coverage": "words"})
        key = client.post("/v1/keys", json={"role": "editor", "name": "4"}).json()
        client.delete(f"/v1/keys/{key['id']}").raise_for_status()
        guest = take_in(server, "guest@example.org", "…", "contributor")
        roles = {"role": None, "coverages": {"words": "editor"}}
        client.patch(f"/v1/people/{guest}", json=roles).raise_for_status()
        yield client


def _drop_names(page: Element) -> None:
    """Remove what is no word of the desk: names for scripts and styles, keys, an entry's words."""
    for element in page.all():
        for name in ("state", "role", "shelf", "count", "mark"):
            element.attributes.pop(f"data-{name}", None)
        if element.tag == "kbd" or (element.attributes.get("data-word") or "").startswith("source"):
            element.children.clear()


PAGES = {
    **dict.fromkeys(("/desk", "/desk/new", "/desk/people", "/desk/keys", "/desk/audit"), 200),
    **dict.fromkeys(("/desk/templates", "/desk/templates?coverage=words"), 200),
    **dict.fromkeys(("/desk/coverages/words", "/desk/coverages/words/settings"), 200),
    "/desk/coverages/words/successor": 200,
    **dict.fromkeys((ACCOUNT, f"{ACCOUNT}/passkeys", f"{ACCOUNT}/second-factor"), 200),
    "/desk/sign-in": 200,
    "/desk/welcome/nothing": 410,
}


def _pages(client: httpx.Client, language: str) -> Iterator[Element]:
    """Every page of the desk in a browser of this language, and forms that are refused."""
    client.headers["Accept-Language"] = language
    for path, status in PAGES.items():
        answer = client.get(path)
        assert answer.status_code == status, path
        yield parse(answer.text)
    refused = [
        send(client, "/desk/new", "/desk/new", title="", slug="", language="no language"),
        send(client, "/desk/keys", "/desk/keys", name="", role="editor"),
        send(client, "/desk/templates", "/desk/templates", name=""),
        send(client, ACCOUNT, f"{ACCOUNT}/name", name=" "),
        send(client, ACCOUNT, f"{ACCOUNT}/password", old="not it", password="short"),
    ]
    for answer in refused:
        assert answer.status_code in {401, 422}, answer.text
        yield parse(answer.text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_english_word_is_left_on_the_desk(chief: httpx.Client, language: str) -> None:
    """Each page has its language and direction, and nothing on it is English but what is marked."""
    for page in _pages(chief, language):
        html = page.one("html").attributes
        assert (html["lang"], html["dir"]) == (language, text_direction(language))
        assert not page.all("span", lang="en"), page.one("h1").text
        _drop_names(page)
        fragments = fragments_of(page)
        left = {
            source
            for source, shown in english(DESK, language).items()
            if any(map(shown.fullmatch, fragments))
        }
        assert left == set()


def test_a_person_is_spoken_to_in_their_own_language_and_nobody_else_is(
    newsroom: Newsroom, newcomer: tuple[str, str]
) -> None:
    """The choice is kept over sessions, holds against the browser's, and is one person's alone."""
    other = f"other-{newcomer[0]}"
    take_in(newsroom.server, other, "Other", "editor")
    russian = {"Accept-Language": "ru"}
    with sign_in(newsroom.server, newcomer[0]) as client:
        assert _language_of(client.get(ACCOUNT)) == ("en", "ltr")
        assert send(client, ACCOUNT, LANGUAGE, language="ar").status_code == 303
        assert _language_of(client.get(ACCOUNT, headers=russian)) == ("ar", "rtl")
    with sign_in(newsroom.server, newcomer[0]) as client, sign_in(newsroom.server, other) as editor:
        page = client.get("/desk")
        assert _language_of(page) == ("ar", "rtl")
        assert _language_of(editor.get("/desk")) == ("en", "ltr")
        selected = parse(client.get(ACCOUNT).text).one("select").all("option", value="ar")
        assert "selected" in selected[0].attributes
        send(client, ACCOUNT, LANGUAGE, language="")
        assert _language_of(client.get("/desk", headers=russian)) == ("ru", "ltr")


@pytest.mark.parametrize("language", ["de", "ar-EG", "../../etc/passwd", "x" * 300])
def test_a_language_that_the_desk_does_not_speak_is_refused(
    newsroom: Newsroom, newcomer: tuple[str, str], language: str
) -> None:
    """Nothing is stored, and the page says why."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        answer = send(client, ACCOUNT, LANGUAGE, language=language)
        assert answer.status_code == 422
        assert "must be one of the languages that are offered" in answer.text
        assert _language_of(client.get(ACCOUNT)) == ("en", "ltr")


def test_the_languages_are_offered_by_their_own_names(chief: httpx.Client) -> None:
    """The account page offers the six languages, and the browser's."""
    chief.headers["Accept-Language"] = "en"
    options = parse(chief.get(ACCOUNT).text).one("select").all("option")
    names = {option.attributes["value"]: option.text for option in options}
    assert names == {
        "": "As the browser says",
        "ar": "العربية",
        "az": "Azərbaycan",
        "en": "English",
        "hy": "Հայերեն",
        "ka": "ქართული",
        "ru": "Русский",
    }


def test_who_signs_in_is_refused_in_their_browsers_language(newsroom: Newsroom) -> None:
    """The sign-in page follows Accept-Language, its refusals as well."""
    with httpx.Client(base_url=newsroom.server.url) as browser:
        browser.headers["Accept-Language"] = "ka,en;q=0.5"
        browser.headers["Origin"] = newsroom.server.url
        form = {"email": "nobody@example.org", "password": "wrong"}
        answer = browser.post("/desk/sign-in", data=form, timeout=120)
    assert answer.status_code == 401
    assert _language_of(answer) == ("ka", "ltr")
    alert = parse(answer.text).one("p", "complaint")
    assert alert.text == "ამ მისამართითა და პაროლით არავინ შედის."
    assert try_sign_in(newsroom.server, "nobody@example.org").status_code == 401


def test_the_audit_is_read_in_each_persons_language(chief: httpx.Client) -> None:
    """One line of the audit is shown in the language of whoever reads it."""
    shown = {}
    for language in ("en", "ru"):
        page = chief.get("/desk/audit?coverage=words", headers={"Accept-Language": language})
        shown[language] = [cell.text for cell in parse(page.text).all("td", "action")]
    assert "retracted an entry" in shown["en"]
    assert shown["ru"][shown["en"].index("retracted an entry")] == "отзыв записи"


def test_problems_of_the_api_stay_in_english(newsroom: Newsroom, newcomer: tuple[str, str]) -> None:
    """The API answers a person of another language in English; the page has their words for it."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        send(client, ACCOUNT, LANGUAGE, language="hy")
        problem = client.get("/v1/coverages/none").json()
        assert problem["detail"] == "There is no such coverage."
        words = parse(client.get(ACCOUNT).text).one("template", "problems")
        told = words.one("p", data_problem=problem["type"].rpartition("/")[2])
        assert told.text == "Այդպիսի լուսաբանում չկա\u0589"
        send(client, ACCOUNT, LANGUAGE, language="en")
        english = parse(client.get(ACCOUNT).text).one("template", "problems")
        assert not english.all("p", data_problem=problem["type"].rpartition("/")[2])


def test_a_sentence_that_the_desk_does_not_know_is_marked_as_english() -> None:
    """It is shown as it is, with its language and direction, and escaped."""
    words = Words("ar")
    marked = '<span lang="en" dir="ltr">A &lt;new&gt; reason</span>'
    assert str(words.say("A <new> reason")) == marked
    refusal = InvalidPayload([("/name", "must not be empty"), ("/x", "A <new> reason")])
    assert str(words.say_refusal(refusal)) == f"الاسم: لا يمكن أن يكون فارغًا; X: {marked}."
    assert Words("en").say("A <new> reason") == "A <new> reason"


@pytest.mark.parametrize("language", sorted(interface_languages()))
def test_the_scripts_find_a_form_for_every_number(chief: httpx.Client, language: str) -> None:
    """What counts has a form for each plural category of the page's language."""
    page = parse(chief.get("/desk/coverages/words", headers={"Accept-Language": language}).text)
    plural_form = find_locale(language).plural_form
    categories = {plural_form(number) for number in range(200)}
    counted: dict[str, set[str]] = {}
    for element in page.all():
        if category := element.attributes.get("data-category"):
            counted.setdefault(element.attributes["data-word"] or "", set()).add(category)
        for name in element.attributes:
            if found := re.fullmatch(r"data-(?:(\w+)-)?(zero|one|two|few|many|other)", name):
                counted.setdefault(found[1] or "editing", set()).add(found[2])
    assert counted.keys() >= {"pictures-under-way", "published", "editing", "day", "second"}
    assert all(found == categories for found in counted.values()), counted


@pytest.mark.parametrize("language", sorted(interface_languages()))
def test_dates_have_a_pattern_for_each_month(language: str) -> None:
    """Each month has a pattern of its own with the day, and with the year where it is wanted."""
    for with_year in (False, True):
        patterns = date_patterns(language, with_year=with_year).split("|")
        assert len(set(patterns)) == 12
        for pattern in patterns:
            assert pattern.count("{day}") == 1
            assert pattern.count("{year}") == with_year
            assert not re.search(r"\d", pattern)
    assert all(pattern.strip() for pattern in countdown_patterns(language).values())
