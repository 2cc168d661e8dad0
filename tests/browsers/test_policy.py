"""The content security policy in Chromium: injected content does not run, and pages work."""

from collections.abc import Iterator

import pytest

from tests.browsers.chromium import Chromium, chromium
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

_RECORD_VIOLATIONS = """
globalThis.broken = [];
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
  broken.push(`${effectiveDirective} ${blockedURI}`));
"""
# What unescaped text could do in a page whose nonce its author knows.
_INJECT = """async () => {
  const nonce = document.querySelector('script[type="application/ld+json"]').nonce;
  const settled = () => new Promise((done) => setTimeout(done, 50));
  const put = (name, attributes, text = "") => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(text);
    document.body.append(element);
    return element;
  };
  globalThis.ran = [];
  put("script", {}, "ran.push('inline')");
  put("script", { nonce }, "ran.push('with the nonce')");
  put("script", { src: "data:text/javascript,ran.push('data')" });
  put("script", { src: "/v1/coverages" });
  put("img", { src: "data:,", onerror: "ran.push('handler')" });
  put("iframe", { srcdoc: `<script nonce="${nonce}">parent.ran.push('frame')</script>` });
  put("a", { href: "javascript:ran.push('link')" }).click();
  const style = put("p", { style: "color: rgb(1, 2, 3)" });
  put("style", {}, "body { color: rgb(1, 2, 3) }");
  put("base", { href: "https://other.example/" });
  // In a timer: an expression evaluated by DevTools may itself use eval.
  setTimeout(() => eval("ran.push('eval')"));
  await settled();
  const colours = [style, document.body].map((element) => getComputedStyle(element).color);
  return {
    ran,
    nonce,
    colours: colours.filter((colour) => colour === "rgb(1, 2, 3)"),
    base: document.baseURI,
    broken: [...new Set(broken.map((line) => line.split(" ")[0]))],
  };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Chromium with a script that records policy violations."""
    with chromium() as browser:
        browser.page.add_init_script(_RECORD_VIOLATIONS)
        yield browser


@pytest.fixture
def timeline(newsroom: Newsroom) -> Timeline:
    """A coverage with text in every part of its page."""
    timeline = new_timeline(newsroom, new_slug(), standfirst="Words.", bylines=["A desk"])
    for number in range(3):
        timeline.publish(f"Number {number}", body="*Words*", tags=["a"], key_event=True)
    return timeline


def test_what_got_into_a_page_does_not_run(browser: Chromium, timeline: Timeline) -> None:
    """Injected scripts, handlers, frames, styles and a base do not work, even with the nonce."""
    address = f"{timeline.newsroom.server.url}/coverages/{timeline.slug}"
    browser.open(address)
    outcome = browser.page.evaluate(_INJECT)
    assert outcome["nonce"]
    assert outcome["ran"] == []
    assert outcome["colours"] == []
    assert outcome["base"] == address
    assert {"script-src-elem", "script-src-attr", "style-src-attr", "style-src-elem"} <= {
        *outcome["broken"]
    }
    assert "base-uri" in outcome["broken"]
    assert browser.page.url == address


def test_the_policy_hinders_no_page(browser: Chromium, timeline: Timeline) -> None:
    """No page violates the policy by itself, also while entries arrive, change and go."""
    messages: list[str] = []
    browser.page.on("console", lambda message: messages.append(message.text))
    url, page = timeline.newsroom.server.url, f"/coverages/{timeline.slug}"
    first = timeline.shown()[0]
    for address in (page, f"{page}/entries/{first}", f"{page}?tag=a", f"{page}?key_events=true"):
        browser.open(url + address)
        _change_entries(timeline, f"For {address}")
        browser.page.wait_for_selector(f"main[data-coverage] .head[data-title='For {address}']")
        assert browser.page.evaluate("broken") == []
    for address in ("/", f"{page}?lite=true", f"{page}?at=2100-01-01T00:00:00Z", "/docs"):
        browser.open(url + address)
        assert browser.page.evaluate("broken") == []
    browser.open(f"{url}{page}/entries/nothing")
    assert browser.page.evaluate("broken") == []
    assert [message for message in messages if "Content Security Policy" in message] == []


def _change_entries(timeline: Timeline, title: str) -> None:
    entry = timeline.publish("New", body="> Words\n>\n> — somebody", tags=["a"], key_event=True)
    timeline.pin(entry["id"])
    timeline.correct(entry["id"], headline="Otherwise")
    timeline.retract(entry["id"])
    timeline.change(title=title)
