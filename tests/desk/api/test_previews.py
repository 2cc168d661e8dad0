"""Tests of the preview: it is rendered like the public page, and stores nothing."""

from tests.conftest import Newsroom
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline
from tests.desk.desks import written


def test_a_preview_is_what_the_page_will_show(newsroom: Newsroom, slug: str) -> None:
    """A preview equals the entry's text on the public page, except for its id."""
    timeline = Timeline(newsroom, slug)
    form = {
        "headline": "Eagle & Columbia",
        "body": "They have *parted*.\n\n- one\n- two",
        "kind": "roundup",
        "bylines": ["Ada"],
        "place": {"name": "Sea of Tranquillity"},
    }
    preview = written(newsroom.contributor.post(f"{timeline.path}/preview", json=form))["html"]
    entry = timeline.publish(None, **form)
    page = newsroom.reader.get(f"/coverages/{slug}").text

    def entry_html(html: str, entry_id: str) -> str:
        article = html[html.index("<article") :]
        inner = article[article.index('<div class="words">') : article.index("</article>")]
        return inner.replace(entry_id, "ID")

    assert "<em>parted</em>" in preview
    assert entry_html(preview, "preview") == entry_html(page, entry["id"])


def test_a_preview_shows_html_as_html(newsroom: Newsroom, slug: str) -> None:
    """A body given as Markdown is rendered as Markdown, and one given as HTML as HTML."""
    path = f"/v1/coverages/{slug}/preview"
    for body, shown in (
        ("*a* <b>c</b>", "<em>a</em> <b>c</b>"),
        ({"html": "*a* <b>c</b>"}, "*a* <b>c</b>"),
    ):
        assert shown in written(newsroom.contributor.post(path, json={"body": body}))["html"]


def test_a_preview_stores_nothing(newsroom: Newsroom, slug: str) -> None:
    """A preview stores no draft and no event; an empty form is accepted."""
    timeline = Timeline(newsroom, slug)
    head = timeline.head
    for form in {}, {"headline": "x", "draft": True}, {"body": {"html": "<p>x</p>"}}:
        written(newsroom.contributor.post(f"{timeline.path}/preview", json=form))
    assert timeline.drafts == []
    assert timeline.head == head


def test_a_preview_is_sanitised(newsroom: Newsroom, slug: str) -> None:
    """The headline's markup is escaped, and a script in the body is removed."""
    form = {"headline": "<b>x</b>", "body": "<script>alert(1)</script>y"}
    answer = newsroom.contributor.post(f"/v1/coverages/{slug}/preview", json=form)
    preview = written(answer)["html"]
    assert "&lt;b&gt;x" in preview
    assert "<script" not in preview


def test_a_preview_refuses_what_a_publication_would(newsroom: Newsroom, slug: str) -> None:
    """Unknown media, members, coverages and wrong ids are refused, and readers get a 401."""
    path = f"/v1/coverages/{slug}/preview"
    problem = check_problem(newsroom.contributor.post(path, json={"media": ["m9"]}), 422)
    assert pointers(problem) == {"/media/0"}
    of = {"coverage": slug, "entry_id": ""}
    problem = check_problem(newsroom.contributor.post(path, json={"translation_of": of}), 422)
    assert pointers(problem) == {"/translation_of/entry_id"}
    check_problem(newsroom.contributor.post(path, json={"nothing": 1}), 422)
    check_problem(newsroom.contributor.post("/v1/coverages/none/preview", json={}), 404)
    check_problem(newsroom.reader.post(path, json={"headline": "x"}), 401)
