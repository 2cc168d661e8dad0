"""Tests of editions: coverages in several languages, and translations that fall behind."""

import re
from dataclasses import dataclass
from html import unescape

import pytest

from tests.conftest import Newsroom
from tests.contract.problem import check_problem
from tests.contract.timeline import Json, Timeline


@dataclass
class Story:
    """An original coverage, and an edition of it in Russian."""

    original: Timeline
    edition: Timeline

    def translate(self, entry: Json, **members: object) -> Json:
        """Publish a translation of an entry."""
        of = {"coverage": self.original.slug, "entry_id": entry["id"], **members}
        return self.edition.publish("По-русски", translation_of=of)

    def outdated(self, translation: Json) -> Json | None:
        """Return why a translation is outdated, if it is."""
        mark: Json | None = self.edition.entry(translation["id"])["translation_of"]["outdated"]
        return mark


@pytest.fixture
def story(newsroom: Newsroom, timeline: Timeline) -> Story:
    """Open an edition of the coverage."""
    slug = f"{timeline.slug}-ru"
    _open(newsroom, slug, timeline.slug)
    return Story(timeline, Timeline(newsroom, slug))


def _open(newsroom: Newsroom, slug: str, original: str, **members: object) -> None:
    form = {"slug": slug, "title": "Луна", "language": "ru", "edition_of": original, **members}
    answer = newsroom.chief.post("/v1/coverages", json=form)
    assert answer.status_code == 201, answer.text


def _editions(coverage: Timeline) -> list[str]:
    return [edition["slug"] for edition in coverage.read()["editions"]]


def test_each_edition_lists_all_of_them(story: Story, newsroom: Newsroom) -> None:
    """Original and editions list all public editions with address, language and title."""
    slugs = [story.original.slug, story.edition.slug]
    for coverage in (story.original, story.edition):
        document = coverage.read()
        assert [edition["slug"] for edition in document["editions"]] == slugs
        assert document["editions"][1] == {
            "slug": story.edition.slug,
            "language": "ru",
            "title": "Луна",
            "url": f"{newsroom.server.url}/coverages/{story.edition.slug}",
        }
    assert story.edition.read()["edition_of"] == story.original.slug
    assert story.original.read()["edition_of"] is None


def test_a_new_title_reaches_the_other_editions_as_an_event(story: Story) -> None:
    """A change of title is an event in every edition, so that caches and open pages follow."""
    head = story.original.head
    story.edition.change(title="Высадка на Луну")
    [event] = story.original.journal(head)
    assert event["type"] == "coverage.changed"
    assert event["details"]["editions"][1]["title"] == "Высадка на Луну"


def test_a_planned_edition_is_told_by_nothing(timeline: Timeline, newsroom: Newsroom) -> None:
    """A planned edition changes nothing that readers of the others get, until it is open."""
    before = timeline.read()
    planned = Timeline(newsroom, f"{timeline.slug}-ru")
    _open(newsroom, planned.slug, timeline.slug, status="planned")
    assert timeline.read() == before
    planned.change(status="live")
    assert _editions(timeline) == [timeline.slug, planned.slug]


def test_an_open_edition_of_a_planned_coverage_does_not_name_it(
    newsroom: Newsroom, slug: str
) -> None:
    """Readers of an edition do not learn of the original before it is open."""
    plan = {"slug": f"{slug}-plan", "title": "Plan", "status": "planned"}
    assert newsroom.chief.post("/v1/coverages", json=plan).status_code == 201
    _open(newsroom, f"{slug}-ru", f"{slug}-plan")
    edition = Timeline(newsroom, f"{slug}-ru")
    assert edition.read()["edition_of"] is None
    assert f"{slug}-plan" not in edition.get().text + edition.get("/events", after="0").text
    Timeline(newsroom, f"{slug}-plan").change(status="live")
    assert edition.read()["edition_of"] == f"{slug}-plan"


@pytest.mark.parametrize("name", ["itself", "an edition", "nothing"])
def test_only_an_original_has_editions(story: Story, newsroom: Newsroom, name: str) -> None:
    """An edition of itself, of an edition or of nothing is refused, and nothing is stored."""
    slug = f"{story.original.slug}-{name.replace(' ', '')}"
    original = {"itself": slug, "an edition": story.edition.slug, "nothing": "no-such"}[name]
    form = {"slug": slug, "title": "Луна", "edition_of": original}
    problem = check_problem(newsroom.chief.post("/v1/coverages", json=form), 422, "invalid-payload")
    assert [error["pointer"] for error in problem["errors"]] == ["/edition_of"]
    assert newsroom.chief.get(f"/v1/coverages/{slug}").status_code == 404


def test_a_coverage_becomes_an_edition_later(timeline: Timeline, newsroom: Newsroom) -> None:
    """A coverage that stands alone becomes an edition; one with editions does not."""
    other = Timeline(newsroom, f"{timeline.slug}-hy")
    form = {"slug": other.slug, "title": "Լուսին", "language": "hy"}
    assert newsroom.chief.post("/v1/coverages", json=form).status_code == 201
    other.change(edition_of=timeline.slug)
    assert _editions(timeline) == _editions(other) == [timeline.slug, other.slug]
    for coverage, original in ((timeline, other.slug), (other, None)):
        answer = newsroom.chief.patch(coverage.path, json={"edition_of": original})
        check_problem(answer, 422, "invalid-payload")


def test_a_correction_marks_the_translation(story: Story) -> None:
    """The edition's journal gets the translation with the reason, and its revision stays."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    assert translation["translation_of"]["outdated"] is None
    assert translation["translation_of"]["revision"] == 1
    head = story.edition.head
    corrected = story.original.correct(entry["id"], "It was two.", headline="Two")
    [event] = story.edition.journal(head)
    assert event["type"] == "entry.outdated"
    assert event["entry"] == story.edition.entry(translation["id"])
    assert event["entry"]["revision"] == 1
    assert event["entry"]["translation_of"]["outdated"] == {
        "because": "corrected",
        "revision": 2,
        "note": "It was two.",
        "language": "en",
        "at": corrected["correction"]["at"],
    }


def test_an_amendment_marks_nothing(story: Story) -> None:
    """An amendment of the original is no reason to look at the translation."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    story.original.amend(entry["id"], headline="One, spelt better")
    assert story.outdated(translation) is None


def test_an_assessment_marks_the_translation(story: Story, newsroom: Newsroom) -> None:
    """An assessment of the original marks the translation, with its note."""
    entry = story.original.publish("One", claims=[{"source": "Ministry"}])
    translation = story.translate(entry)
    form = {"claim": entry["claims"][0]["id"], "status": "disputed", "note": "They deny it."}
    story.original.act(entry["id"], "assessment", form)
    mark = story.outdated(translation)
    assert mark is not None
    assert (mark["because"], mark["note"]) == ("assessed", "They deny it.")
    late = story.translate(entry, revision=1)
    assert late["translation_of"]["outdated"] == mark


@pytest.mark.parametrize("way", ["amended", "corrected", "looked at"])
def test_a_mark_is_cleared_by_revision(story: Story, newsroom: Newsroom, way: str) -> None:
    """Only a comparison with the original's last revision clears the mark."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    for number in (2, 3):
        story.original.correct(entry["id"], f"It was {number}.", headline=f"{number}")

    def compare(revision: int) -> None:
        of = {"revision": revision}
        if way == "amended":
            story.edition.amend(translation["id"], translation_of=of)
        elif way == "corrected":
            story.edition.correct(translation["id"], translation_of=of)
        else:
            address = f"{story.edition.path}/entries/{translation['id']}/translation"
            assert newsroom.editor.put(address, json=of).status_code == 200

    compare(2)
    mark = story.outdated(translation)
    assert mark is not None
    assert mark["revision"] == 3
    compare(3)
    assert story.outdated(translation) is None
    assert story.edition.entry(translation["id"])["translation_of"]["revision"] == 3


def test_an_outdated_translation_is_a_net_change(story: Story, newsroom: Newsroom) -> None:
    """It is told with the note on the original, until the translation says what that says.

    Then it is an amendment, whatever came after that.
    """
    entry = story.original.publish("One")
    translation = story.translate(entry)
    left = story.edition.head
    story.original.correct(entry["id"], "It was two.", headline="Two")
    story.edition.amend(translation["id"], headline="Иначе")
    changes = story.edition.read("/changes", **{"from": left})
    (change,) = changes["changes"]
    assert (change["kind"], change["note"]) == ("outdated", "It was two.")
    assert (changes["counts"]["outdated"], changes["counts"]["amended"]) == (1, 0)
    address = f"/coverages/{story.edition.slug}"
    page = newsroom.reader.get(address, params={"from": left}).text
    assert f"/coverages/{story.original.slug}/entries/{entry['id']}" in page
    assert "It was two." in page
    amended = story.edition.amend(translation["id"], translation_of={"revision": 2})
    story.edition.pin(translation["id"])
    changes = story.edition.read("/changes", **{"from": left})
    (change,) = changes["changes"]
    assert (change["kind"], change["note"], change["at"]) == (
        "amended",
        None,
        amended["updated_at"],
    )
    assert (changes["counts"]["outdated"], changes["counts"]["amended"]) == (0, 1)
    story.edition.retract(translation["id"], "Nor that.")
    to = story.edition.journal(left)[0]["cursor"]
    (change,) = story.edition.read("/changes", **{"from": left, "to": to})["changes"]
    assert (change["kind"], change["note"]) == ("retracted", "Nor that.")


def test_the_register_lists_outdated_translations(story: Story, newsroom: Newsroom) -> None:
    """An outdated translation is listed with the note, until the original is retracted.

    The page leads to the original as long as the translation is outdated.
    """
    entry = story.original.publish("One")
    translation = story.translate(entry)
    story.original.correct(entry["id"], "It was two.", headline="Two")
    register = f"/coverages/{story.edition.slug}/corrections"
    (listed,) = story.edition.read("/corrections")["corrections"]
    told = (listed["kind"], listed["entry_id"], listed["note"])
    assert told == ("outdated", translation["id"], "It was two.")
    feed = newsroom.reader.get(f"{register}.atom").text
    page = newsroom.reader.get(register).text
    for shown in (page, unescape(feed)):
        assert 'lang="en" dir="ltr">It was two.</bdi>' in " ".join(shown.split())
    original = f"/coverages/{story.original.slug}/entries/{entry['id']}"
    assert original in page
    updated = _updates(feed)[-1]
    form = {"note": "It was not so.", "translations": "mark"}
    story.original.act(entry["id"], "retraction", form)
    notes = [each["note"] for each in story.edition.read("/corrections")["corrections"]]
    assert len(notes) == 2
    feed = newsroom.reader.get(f"{register}.atom").text
    assert "It was two." not in f"{notes}{newsroom.reader.get(register).text}{feed}"
    assert _updates(feed)[-1] > updated


def _updates(feed: str) -> list[str]:
    """Return the time of the last change of each item of a feed."""
    return re.findall("<updated>(.*?)</updated>", feed)[1:]


def test_other_words_do_not_clear_a_mark(story: Story) -> None:
    """An amendment of the translation that names no revision leaves the mark."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    story.original.correct(entry["id"], headline="Two")
    story.edition.amend(translation["id"], headline="Два?")
    assert story.outdated(translation) is not None


def test_an_editor_with_the_translation_open_can_still_save(story: Story) -> None:
    """A mark makes another ETag, and If-Match with the revision before it still holds."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    address = f"/entries/{translation['id']}"
    before = story.edition.get(address).headers["etag"]
    story.original.correct(entry["id"], headline="Two")
    assert story.edition.get(address).headers["etag"] != before
    assert story.edition.amend(translation["id"], before, headline="Два")["revision"] == 2


def test_a_draft_is_marked_too(story: Story) -> None:
    """A draft in the edition learns of a correction of its original before it is published."""
    entry = story.original.publish("One")
    of = {"coverage": story.original.slug, "entry_id": entry["id"]}
    draft = story.edition.draft("По-русски", translation_of=of)
    story.original.correct(entry["id"], headline="Two")
    [stored] = story.edition.drafts
    assert stored["translation_of"]["outdated"]["revision"] == 2
    published = story.edition.act(draft["id"], "publication")
    assert published["translation_of"]["outdated"]["revision"] == 2


def test_a_retraction_takes_the_translations_with_it(story: Story) -> None:
    """Retracting the original retracts its translations with the same note."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    story.original.retract(entry["id"], "It was not so.")
    gone = story.edition.entry(translation["id"])
    assert gone["status"] == "retracted"
    assert gone["retraction"]["note"] == "It was not so."
    assert "По-русски" not in story.edition.get("/events", after="0").text


def test_a_retraction_may_leave_marked_translations(story: Story) -> None:
    """With `translations: "mark"` they stay, marked, without the notes on the original."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    story.original.correct(entry["id"], "Zarquon said so.", headline="Two")
    form = {"note": "It was not so.", "translations": "mark"}
    story.original.act(entry["id"], "retraction", form)
    mark = story.outdated(translation)
    assert mark is not None
    assert (mark["because"], mark["note"]) == ("retracted", "It was not so.")
    for address in ("/entries", f"/entries/{translation['id']}", "/events"):
        assert "Zarquon" not in story.edition.get(address).text


def test_a_draft_of_a_retracted_original_is_not_published(story: Story, newsroom: Newsroom) -> None:
    """What must not stand in one language cannot be published in another."""
    entry = story.original.publish("One")
    of = {"coverage": story.original.slug, "entry_id": entry["id"]}
    drafts = [
        story.edition.draft("Позже", translation_of=of),
        story.edition.publish("Скоро", translation_of=of, embargo_until="2999-01-01T00:00:00Z"),
    ]
    story.original.retract(entry["id"])
    assert {draft["status"] for draft in story.edition.drafts} == {"draft"}
    for draft in drafts:
        address = f"{story.edition.path}/entries/{draft['id']}/publication"
        check_problem(newsroom.editor.post(address), 409, "original-retracted")
    story.edition.amend(drafts[0]["id"], translation_of=None)
    assert story.edition.act(drafts[0]["id"], "publication")["translation_of"] is None


def _refused(story: Story, of: Json) -> list[str]:
    form = {"headline": "По-русски", "translation_of": of}
    head = story.edition.head
    answer = story.edition.newsroom.editor.post(f"{story.edition.path}/entries", json=form)
    problem = check_problem(answer, 422, "invalid-payload")
    assert story.edition.head == head
    return [error["pointer"] for error in problem["errors"]]


def test_a_translation_needs_a_published_original(story: Story) -> None:
    """An original that is not in another edition, or not public, is refused with its place."""
    entry, draft = story.original.publish("One"), story.original.draft("Later")
    retracted = story.original.publish("Gone")
    story.original.retract(retracted["id"])
    own = story.edition.publish("Своё")
    slug = story.original.slug
    for coverage, entry_id, revision, place in (
        (story.edition.slug, own["id"], 1, "coverage"),
        ("no-such", entry["id"], 1, "coverage"),
        ("", entry["id"], 1, "coverage"),
        (slug, "nothing", 1, "entry_id"),
        (slug, "", 1, "entry_id"),
        (slug, draft["id"], 1, "entry_id"),
        (slug, retracted["id"], 1, "entry_id"),
        (slug, entry["id"], 2, "revision"),
        (slug, entry["id"], 0, "revision"),
    ):
        of = {"coverage": coverage, "entry_id": entry_id, "revision": revision}
        assert _refused(story, of) == [f"/translation_of/{place}"], of


def test_translations_make_no_ring(story: Story, newsroom: Newsroom) -> None:
    """An entry does not become the translation of its own translation."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    of = {"coverage": story.edition.slug, "entry_id": translation["id"]}
    answer = newsroom.editor.patch(
        f"{story.original.path}/entries/{entry['id']}",
        json={"translation_of": of},
        headers={"If-Match": "*"},
    )
    problem = check_problem(answer, 422, "invalid-payload")
    assert [error["pointer"] for error in problem["errors"]] == ["/translation_of"]


def test_a_comparison_needs_a_translation(story: Story, newsroom: Newsroom) -> None:
    """An entry that translates nothing, or a revision that there was not, is refused."""
    entry = story.original.publish("One")
    translation = story.translate(entry)
    for coverage, entry_id, revision in (
        (story.original, entry["id"], 1),
        (story.edition, translation["id"], 2),
    ):
        address = f"{coverage.path}/entries/{entry_id}/translation"
        answer = newsroom.editor.put(address, json={"revision": revision})
        check_problem(answer, 422, "invalid-payload")
