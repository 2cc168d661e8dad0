"""Bodies as people send them, and the words and HTML that they must become.

REPORTED are reports by users and readers of live blogs; NEIGHBOURS are similar cases.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A body with the words it must show in order, and HTML it must and must not contain."""

    name: str
    body: str | dict[str, Any]
    words: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def _html(name: str, markup: str, *words: str, html: str = "", absent: str = "") -> Case:
    return Case(
        name,
        {"html": markup},
        words,
        (html,) if html else (),
        tuple(absent.split()),
    )


def _text(name: str, text: str, *words: str, html: str = "", absent: str = "") -> Case:
    return Case(name, {"text": text}, words, (html,) if html else (), (absent,) if absent else ())


def _md(name: str, source: str, *words: str, html: str = "", absent: str = "") -> Case:
    return Case(name, source, words, (html,) if html else (), tuple(absent.split()))


_GUID = "docs-internal-guid-0"
_DOCS = (
    f'<b style="font-weight:normal" id="{_GUID}"><p><span style="font-weight:400">Plain words and'
    ' </span><span style="font-weight:700">bold ones</span><span style="font-style:italic"> and'
    " slanted</span></p></b>"
)
_WORD = '<p class="MsoListParagraph">·<span>  </span>{}</p>'
_IGNORED = "<span style='mso-list:Ignore'>{}<span>&nbsp;&nbsp; </span></span>"
_LEVEL = "<p class=MsoListParagraph style='mso-list:l0 level{} lfo1'>" + _IGNORED + "{}</p>"
_PICTURE = "https://example.net/a.jpg"
_MAYOR = "<blockquote>\n<p>We are staying.</p><p>\N{EM DASH} A. Mayor</p>\n</blockquote>"

REPORTED = (
    _md(
        "angle-words",
        "The officer said: we have <unclear> missing, <name withheld> among them.",
        "<unclear>",
        "<name withheld>",
    ),
    _md("guillemets", "The minister said <<Never>> and left.", "<<Never>>"),
    _md("comparison", "When a<b and b>c the valve opens.", "a<b and b>c"),
    _md("mail-in-words", "Write to Ann <ann AT example DOT net> today", "<ann AT example DOT net>"),
    _md(
        "definition",
        "[Latest]: https://example.net/x\n\nMore later",
        "[Latest]: https://example.net/x",
        "More later",
    ),
    _md(
        "definition-times",
        "[09:05]: Shots heard\n[09:06]: Quiet\nEnd",
        "[09:05]: Shots heard",
        "[09:06]: Quiet",
        "End",
    ),
    _md(
        "raw-text-element",
        "She typed <style> into the page.\n\nTwo people were hurt.\n\nMore soon.",
        "Two people were hurt.",
        "More soon.",
    ),
    _md("raw-text-element-2", "A <textarea> and the rest", "and the rest", absent="&lt;/p&gt;"),
    _md("struck", "~~12~~ 14 people were hurt.", "14 people were hurt.", html="<s>12</s>"),
    _html("deleted", "<p><del>12</del> <ins>14</ins> people were hurt.</p>", "14"),
    _html("superscript", "<p>10<sup>6</sup> litres</p>", "10", html="10<sup>6</sup>"),
    _md("ordinal-45", "45. minute: goal for the home side!", "45. minute"),
    _md("ordinal-date", "14. August 2017: the bridge opens", "14. August 2017"),
    _html("quotation-element", "<p>He said <q>we will go</q> today.</p>", "we will go", html="<q>"),
    _md("sign-plus", "+ 3 injured", "+ 3 injured"),
    _md("sign-minus", "- 5 degrees", "- 5 degrees", absent="<li>"),
    _md("sign-more", "> 5,000 people", "> 5,000 people", absent="<blockquote>"),
    _md(
        "slip-dot",
        "Two people are dead.At least five are hurt.In the evening it went on.",
        "dead.At",
        absent='href="http',
    ),
    _md("file-name", "See README.md and main.py", "README.md", absent="href="),
    _md("abbreviation", "The U.S.is ready at 5 p.m.to begin", "U.S.is", absent="href="),
    Case(
        "docs-bold",
        {"html": _DOCS},
        ("Plain words and bold ones and slanted",),
        ("<strong>bold ones</strong><em> and slanted</em>",),
        ("<b>", "<strong>Plain"),
    ),
    _html(
        "word-bullets",
        _WORD.format("First point") + _WORD.format("Second point") + "<p>&nbsp;</p>",
        html="<ul><li>First point</li><li>Second point</li></ul>",
        absent="·",
    ),
    _md(
        "typed-bullets",
        "• First point\n• Second point\n\N{EN DASH} Third point",
        html="<ul>\n<li>First point</li>\n<li>Second point</li>\n<li>Third point</li>\n</ul>",
    ),
    _md("layout-control", "First line\vSecond line\f and more", "First line", "Second line"),
    _html("html-control", "<p>First\vSecond</p>", "First Second"),
    _html(
        "lazy-picture",
        f'<p>Before</p><img data-src="{_PICTURE}" alt="A bridge"><noscript><img src="{_PICTURE}"'
        ' alt="A bridge"></noscript><p>After</p>',
        html=f'<p>Before</p><img alt="A bridge" src="{_PICTURE}"><p>After</p>',
        absent="&lt;",
    ),
    _md("attribution", "> We are staying.\n\N{EM DASH} A. Mayor", html=_MAYOR),
)
NEIGHBOURS = (
    _md("tag first in a line", "<inaudible> he *said*", "<inaudible> he said", html="<em>said"),
    _md("end tag of nothing", "and </unclear> on", "</unclear>"),
    _md("tag of a form", "Fill in the <form> or <input>", "<form>", "<input>"),
    _md("allowed tag unclosed", "He typed <b> and went", "<b> and went", absent="<b>"),
    _md("end of an allowed tag", "He closed </b> too", "</b> too"),
    _md("allowed tag closed", "H<sub>2</sub>O", "H2O", html="H<sub>2</sub>O"),
    _md("attributes that are words", "When x <a and y> z", "<a and y>"),
    _md("comment unclosed", "He wrote <!-- and left\n\nMore", "<!-- and left", "More"),
    _md("comment", "Seen <!-- not for readers --> today", "Seen today", absent="readers"),
    _md("processing instruction", "<?php and more ?>", "<?php and more ?>"),
    _md("declaration", "<!Wow> they said", "<!Wow> they said"),
    _md("title element", "The <title> is open\n\nThen more", "<title>", "Then more"),
    _md("script in a sentence", "<i>So</i> <script> is a tag </script> too", "is a tag", "too"),
    _md("plain text element", "A <plaintext> and **b**", "<plaintext> and b", html="<strong>b"),
    _md("arrow and heart", "<- left, <3 and >:(", "<- left, <3 and >:("),
    _md("code", "`<b>` and\n\n```\n<unclear>\n```", "<b>", "<unclear>"),
    _md("frame", '<iframe src="https://www.youtube.com/embed/abc"></iframe>', html="watch?v=abc"),
    _md("picture of data", "![A bridge](data:image/png;base64,x)", "A bridge", absent="<img"),
    _md("footnote", "As said[^1]\n\n[^1]: by the mayor", "[^1]: by the mayor"),
    _md("sic", "The [mayor](sic) said", "[mayor](sic)", absent="href"),
    _md("link to a page here", "[more](/coverages/x)", html='href="/coverages/x"'),
    _md("link of another scheme", "[x](ftp://a.example/)", "(ftp://a.example/)", absent="<a"),
    _md("table with a cell too many", "a|b\n-|-\n1|2|3", "1|2|3"),
    _md("table", "| a | b |\n|---|---|\n| 1 | 2 |", html="<td>2</td>"),
    _md("side of a column", "| a | b |\n|---|--:|\n| 1 | 2 |", html='<td align="right">2</td>'),
    _md("words behind a fence", "```Breaking news\nx", "Breaking news", "x"),
    _md("a fence of no language", "```brainfuck\n+++\n```\n\nMore *soon*.", html="<em>soon</em>"),
    _md("an open fence", "~~~\nTwo are *hurt*.", html="<em>hurt</em>"),
    _md("deep", "> " * 40 + "deep", "deep"),
    _md("underlined", "Not a heading\n=====", "Not a heading =====", absent="<h1>"),
    _md("underlined by dashes", "Not a heading\n---\nx", "Not a heading", absent="<h2>"),
    _md("indented", "    four blanks and *marks*", html="<em>marks</em>", absent="<pre>"),
    _md("indented behind a paragraph", "One\n\n\tTwo", "One", "Two", absent="<pre>"),
    _md("plus in lines", "+ 3 injured\n+ 4 dead", "+ 3 injured", "+ 4 dead", absent="<li>"),
    _md("minus behind a paragraph", "Overnight:\n- 5 degrees", "- 5 degrees", absent="<li>"),
    _md("minus dollars", "- $3m", "- $3m", absent="<li>"),
    _md("dashes", "- one\n- two", html="<li>two</li>", absent="-"),
    _md("stars", "* 5 degrees", html="<li>5 degrees</li>"),
    _md("more than, in lines", "> 5,000 people\n> 200 cars", "> 200 cars", absent="<blockquote>"),
    _md("more than money", "> $5m", "> $5m", absent="<blockquote>"),
    _md("more than, in a paragraph", "There were\n> 5 of them", "> 5 of them", absent="<blockq"),
    _md("quotation that begins with a figure", "> 14 people\n> said she", html="<blockquote>"),
    _md("quoted list", "> 1. One\n> 2. Two", html="<blockquote>\n<ol>"),
    _md("first of the month", "1. August 2017", "1. August 2017", absent="<ol>"),
    _md("year", "1986. A year", "1986. A year"),
    _md("ordered", "1. One\n2. Two", html="<ol>\n<li>One</li>"),
    _md("ordered with parentheses", "1) One\n2) Two", html="<ol>\n<li>One</li>"),
    _md("second", "2. Bundesliga\n3. Liga", "2. Bundesliga", "3. Liga", absent="<ol"),
    _md("ordinal behind a list", "1. One\n2. Two\n\n14. August", "14. August"),
    _md("product", "2*3*4 = 24", "2*3*4 = 24", absent="<em>"),
    _md("stars within words", "Leser*innen und Autor*innen", "Leser*innen und Autor*innen"),
    _md("stars for letters", "f***ing s**t, M*A*S*H", "f***ing s**t, M*A*S*H"),
    _md("star in a marked word", "**Alle Leser*innen** da", html="<strong>Alle Leser*innen</"),
    _md(
        "marks without blanks",
        "\u3053\u308c\u306f**\u5f37\u8abf**\u3067\u3059",
        html="<strong>\u5f37\u8abf</strong>",
    ),
    _md("handle", "@_ann_ and #_x_", "@_ann_ and #_x_", absent="<em>"),
    _md("marked handle", "_@ann_", html="<em>@ann</em>"),
    _md("guillemets of German", ">>Nie<<, sagte er", ">>Nie<<, sagte er", absent="<blockquote>"),
    _md("simple guillemets", ">Nie<, sagte er", ">Nie<, sagte er", absent="<blockquote>"),
    _md("at least", ">= 5 people", ">= 5 people", absent="<blockquote>"),
    _md("link without its words", "See [](https://example.net/x)", "example.net/x"),
    _md(
        "addresses in quotation marks",
        "\u201ehttps://example.net/a\u201c, \u00abhttps://example.net/b\u00bb",
        html='"https://example.net/b"',
        absent="%",
    ),
    _md("address before a full stop", "https://example.net/a\u3002\u6b21", absent="%"),
    _md("bullet alone", "• First point", "• First point", absent="<li>"),
    _md("bullets behind a paragraph", "Points:\n• One\n• Two", "Points:", html="<li>One</li>"),
    _md("dashes before figures", "\N{EN DASH} 5 in Oslo\n\N{EN DASH} 7 here", absent="<li>"),
    _md("bullets in code", "```\n• One\n• Two\n```", "• One", "• Two"),
    _md("www", "See www.example.net/x.", html='href="http://www.example.net/x"'),
    _md("www of a new domain", "www.city.africa/a_b", html='href="http://www.city.africa/a_b"'),
    _md("www and no more", "the www.s and www. of it", absent="href="),
    _md("mail", "ann@example.net", html='href="mailto:ann@example.net"'),
    _md("scheme", "https://dead.At/x", html='href="https://dead.At/x"'),
    _md("domain alone", "example.com and //example.com", "example.com", absent="href="),
    _md("next line separator", "One\u2028Two\x85Three\x01Four", "One Two Three Four"),
    _md("NUL", "One\0Two", "One Two"),
    _md(
        "name behind a blank line",
        "> We are staying.\n\n\N{EM DASH} A. Mayor",
        html="<blockquote>\n<p>We are staying.</p>\n<p>\N{EM DASH} A. Mayor</p>\n</blockquote>",
    ),
    _md("name in the quotation", "> We are staying.\n> \N{EM DASH} A. Mayor", html=_MAYOR),
    _html("unknown tag", "<p>we have <unclear> missing</p>", "<unclear> missing"),
    _html("comparison in HTML", "<p>a<b and b>c, x<y and y>z</p>", "a<b and b>c, x<y and y>z"),
    _html("style unclosed", "<p>She typed <style> here.</p><p>More</p>", "<style> here.", "More"),
    _html(
        "sign in Word",
        '<p class="MsoListParagraph">- 5 degrees</p>',
        "- 5 degrees",
        absent="<li>",
    ),
    _html("HTML link without words", '<a href="https://example.net/x"></a>', "example.net/x"),
    _html("style", "<style>p {color: red}</style><p>a</p>", "a", absent="color"),
    _html("script", "<p>a</p><script>alert(1)</script>", "a", absent="alert"),
    _html("comment unclosed in HTML", "<p>a <!-- b</p><p>c</p>", "a <!-- b", "c"),
    _html("text element", "<textarea>a <b>x</b></textarea>", "a <b>x</b>", absent="<b>"),
    _html("sections", "<section>a</section><section>b</section>", "a b", absent="<section>"),
    _html("options", "<select><option>One<option>Two</select>", "One Two"),
    _html("cells without a table", "<td>One</td><td>Two</td>", "One Two"),
    _html("frame in HTML", '<iframe src="//e.example/v" title="Waves"></iframe>', "Waves"),
    _html(
        "video",
        '<video controls><source src="https://a.example/v.mp4"></video>',
        html='href="https://a.example/v.mp4"',
    ),
    _html("picture of a mail", '<p><img src="cid:1" alt="A wall"></p>', "A wall", absent="<img"),
    _html("words of Office", "<p>One<o:p> two</o:p></p>", "One two"),
    _html("no script", "<noscript><p>Without</p></noscript>", html="<p>Without</p>"),
    _html("template", "<template><p>Within</p></template>", html="<p>Within</p>"),
    _html("character data", "<![CDATA[<p>Within</p>]]>", html="<p>Within</p>"),
    _html("drawing", "<svg><title>A map</title><style>x{}</style></svg>b", "A map", "b"),
    _html("badly quoted", "<a href='https://a.example/' title='it's'>l</a>", html="<a href="),
    _html("control by reference", "<p>a&#11;b&#1;c</p>", "a b c"),
    _html("struck by style", '<span style="text-decoration:line-through">x</span>', html="<s>x"),
    _html("side by style", "<table><tr><td style='text-align: center'>x", html='align="center">x'),
    _html("side by attribute", "<table><tr><td align=RIGHT>x", html='<td align="right">x'),
    _html("no side", "<table><tr><td align='x\"y'>x", html="<td>x"),
    _html("raised by style", '10<span style="vertical-align:super">6</span>', html="<sup>6"),
    _html("bold paragraph", '<p style="font-weight:bold">x</p>', html="<p><strong>x</strong></p>"),
    _html(
        "nested list of Word",
        _LEVEL.format(1, "·", "a") + _LEVEL.format(2, "o", "b") + _LEVEL.format(1, "·", "c"),
        html="<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    ),
    _html(
        "ordered list of Word",
        _LEVEL.format(1, "1.", "a") + _LEVEL.format(1, "2.", "b"),
        html="<ol><li>a</li><li>b</li></ol>",
    ),
    _html(
        "name behind a line end",
        "<blockquote><p>We stay.<br>\N{EM DASH} A. Mayor</p></blockquote>",
        html="<p>We stay.</p><p>\N{EM DASH} A. Mayor</p>",
    ),
    _html(
        "name in a footer",
        "<blockquote><p>We stay.</p><footer>A. Mayor</footer></blockquote>",
        html="<p><cite>A. Mayor</cite></p>",
    ),
    _text("prose", "One *two*\nthree\n\n- four <b>", html="<p>One *two*<br>\nthree</p>"),
    _text("prose with signs", "+ 3\n> 5\n45. minute", "+ 3 > 5 45. minute"),
    _text("prose with tags", "<unclear> & &amp; <b>x</b>", "<unclear> & &amp; <b>x</b>"),
    _text("prose with links", "See www.a.example and dead.At", html='href="http://www.a.example"'),
    _text("prose with controls", "One\vTwo\0Three", "One Two Three"),
)
CASES = REPORTED + NEIGHBOURS
