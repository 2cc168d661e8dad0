"""Generated bodies as people and their editors write them, with the words that they contain.

A source is a pair of the text that is sent and its words in the order in which they are shown.
"""

from collections.abc import Callable
from itertools import chain

from hypothesis import strategies as st

Source = tuple[str, list[str]]

_LETTERS = st.text("abcdeghkmnoprtuvyäéßжに9\u0570\u0627", min_size=1, max_size=6)
WORD = _LETTERS.map(lambda letters: f"w{letters}z")
SENTENCE = st.lists(WORD, min_size=1, max_size=5).map(" ".join)

# Text that resembles markup, all of which is words.
_LOOKALIKES = [
    *("<inaudible>", "<name withheld>", "<<Never>>", "x<y and y>z", "a<b and b>c", "p<0.05"),
    *("<style>", "<textarea>", "<title>", "<script>", "<!-- not", "<plaintext>", "<form>", "<svg>"),
    *("<ann AT example DOT net>", "</ unclear>", "<?why", "<!sic", "<3", "<->", "<b", "[sic](sic)"),
    *(
        "[Latest]: https://example.net/x",
        "[09:05]: heard",
        "dead.At",
        "README.md",
        "U.S.is",
        "&foo;",
    ),
    *("2*3*4", "5 * 3", "snake_case_word", "C:\\temp", "#1", "@ann", "50%", "R&D", "1/2", "~5"),
]


def _inline(word: str) -> st.SearchStrategy[Source]:
    marks = ["*{}*", "**{}**", "~~{}~~", "`{}`", "<b>{}</b>", "[{}](https://a.example/)", "_{}_"]
    marks += ["<sup>{}</sup>", '<span lang="de">{}</span>', "[{}](/place)", "***{}***"]
    return st.sampled_from(marks).map(lambda mark: (mark.format(word), [word]))


_PHRASE: st.SearchStrategy[Source] = st.one_of(
    WORD.map(lambda word: (word, [word])),
    WORD.flatmap(_inline),
    st.sampled_from(_LOOKALIKES).map(lambda text: (text, text.split())),
)
_LINE: st.SearchStrategy[Source] = st.tuples(WORD, st.lists(_PHRASE, min_size=1, max_size=5)).map(
    lambda drawn: _join([(drawn[0], [drawn[0]]), *drawn[1]], " ")
)
# Lines that start with a CommonMark marker but are meant as text.
_SIGNED = [
    *(
        "+ 3 injured",
        "+ more of them",
        "- 5 degrees",
        "> 5,000 people",
        ">5",
        "> $3m",
        "\u2013 5 degrees",
    ),
    *("45. minute", "14. August 2017", "1. FC Union", "1986. A year", "0. start"),
    *(
        "    four blanks",
        "\ttab",
        "-5 degrees",
        "— A. Mayor",
        "[^1]: note",
        "[a]: /b 'c'",
        "+",
        "1.",
    ),
    *(
        "```Breaking news",
        "<inaudible> first",
        "<<first>>",
        "<style> first",
        "<!-- first",
        "<section> in",
    ),
]


def _join(sources: list[Source], glue: str) -> Source:
    return glue.join(s for s, _ in sources), list(
        chain.from_iterable(words for _, words in sources)
    )


def _each(lines: list[Source], form: Callable[[int, str], str]) -> Source:
    return _join([(form(n, line), words) for n, (line, words) in enumerate(lines)], "\n")


_LINES = st.lists(_LINE, min_size=2, max_size=4)
_BLOCK: st.SearchStrategy[Source] = st.one_of(
    st.lists(_LINE, min_size=1, max_size=3).map(lambda lines: _join(lines, "\n")),
    # After a paragraph: after a list the line would be one more item.
    st.tuples(WORD, st.sampled_from(_SIGNED)).map(
        lambda drawn: ("\n\n".join(drawn), " ".join(drawn).split())
    ),
    _LINES.map(lambda lines: _each(lines, lambda _, line: f"- {line}")),
    _LINES.map(lambda lines: _each(lines, lambda _, line: f"• {line}")),
    _LINES.map(lambda lines: _each(lines, lambda n, line: f"{n + 1}. {line}")),
    _LINES.map(lambda lines: _each(lines, lambda _, line: f"> {line}")),
    _LINE.map(lambda line: (f"## {line[0]}", line[1])),
    SENTENCE.map(lambda text: (f"```\n{text} <b>\n```", [*text.split(), "<b>"])),
    SENTENCE.map(lambda text: (f"> {text}\n— {text}", [*text.split(), "—", *text.split()])),
    SENTENCE.map(lambda text: (f"{text}\n====", [*text.split(), "===="])),
    st.tuples(SENTENCE, SENTENCE).map(
        lambda s: (f"| {s[0]} | b |\n|---|---|\n| 1 | {s[1]} | 3 |", [*s[0].split(), *s[1].split()])
    ),
    SENTENCE.map(
        lambda text: (f"<div>{text}\n\n<inaudible></div>", [*text.split(), "<inaudible>"])
    ),
)
MARKDOWN: st.SearchStrategy[Source] = st.lists(_BLOCK, min_size=1, max_size=6).map(
    lambda blocks: _join(blocks, "\n\n")
)

# Words among Markdown markers in random order. Each word is unique and names nothing.
_MARKS = [
    *list("<>[]()*_~`#-+|:&\\ \n\t.'\"=/?"),
    "\n\n",
    "\n> ",
    "\n- ",
    "\n1. ",
    "](",
    "</",
    "\x0b",
]
SOUP: st.SearchStrategy[list[str]] = st.lists(
    st.sampled_from(_MARKS) | st.none(), min_size=1, max_size=40
).map(lambda pieces: [f"q{n}z" if piece is None else piece for n, piece in enumerate(pieces)])


def _element(name: str, attributes: str = "") -> Callable[[Source], Source]:
    opened = f"<{name} {attributes}>" if attributes else f"<{name}>"
    return lambda source: (f"{opened}{source[0]}</{name}>", source[1])


_PLAIN: st.SearchStrategy[Source] = SENTENCE.map(lambda text: (text, text.split()))
_IN_HTML = [
    *(
        "<inaudible>",
        "<name withheld>",
        "x<y and y>z",
        "<style>",
        "<textarea>",
        "<title>",
        "<script>",
    ),
    *(
        "<!-- not",
        "&lt;b&gt;",
        "a<b and b>c",
        "<form>",
        "<quote>",
        "</quote>",
        "<svg>",
        "<3",
        "<<so>>",
    ),
]
_TEXT: st.SearchStrategy[Source] = st.one_of(
    _PLAIN,
    st.sampled_from(_IN_HTML).map(
        lambda text: (text, text.replace("&lt;", "<").replace("&gt;", ">").split())
    ),
)


def _styled(style: str) -> st.SearchStrategy[Source]:
    return _PLAIN.map(_element("span", f'style="{style}"'))


_INLINE: st.SearchStrategy[Source] = st.one_of(
    _TEXT,
    _styled("font-weight:400"),
    _styled("font-weight:700;font-style:italic"),
    _styled("text-decoration:line-through"),
    _styled("vertical-align:super"),
    *(_PLAIN.map(_element(name)) for name in ("b", "em", "u", "o:p", "font", "my-mark", "label")),
    _PLAIN.map(_element("a", 'href="https://a.example/"')),
    _PLAIN.map(_element("b", 'style="font-weight:normal"')),
    WORD.map(lambda word: (f'<img src="cid:1" alt="{word}">', [word])),
    WORD.map(
        lambda word: (f'<iframe src="https://a.example/{word}" title="{word}"></iframe>', [word])
    ),
)
_RUN = st.lists(_INLINE, min_size=1, max_size=4).map(lambda parts: _join(parts, " "))
_IGNORED = (
    "<span style='mso-list:Ignore'>·<span style='font:7pt \"Times\"'>&nbsp;&nbsp; </span></span>"
)
_HTML_BLOCK: st.SearchStrategy[Source] = st.one_of(
    *(
        _RUN.map(_element(name))
        for name in ("p", "div", "h2", "section", "li", "td", "center", "noscript", "template")
    ),
    _RUN.map(_element("blockquote")),
    _RUN.map(
        lambda run: (
            f"<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>{_IGNORED}{run[0]}</p>",
            run[1],
        )
    ),
    _RUN.map(lambda run: (f"<p class=MsoListParagraph>·<span>  </span>{run[0]}</p>", run[1])),
    st.tuples(_RUN, SENTENCE).map(
        lambda s: (
            f"<blockquote><p>{s[0][0]}<br>— {s[1]}</p></blockquote>",
            [*s[0][1], "—", *s[1].split()],
        )
    ),
    st.lists(_RUN, min_size=1, max_size=3).map(
        lambda runs: (
            f"<ul>{''.join(f'<li>{run}' for run, _ in runs)}</ul>",
            list(chain.from_iterable(words for _, words in runs)),
        )
    ),
    _RUN.map(lambda run: (f"<table><tr><td>{run[0]}<td>x</table>", run[1])),
    _RUN.map(lambda run: (f"<div>{run[0]}<br></div><div><br></div>", run[1])),
    st.just(
        ("<style><!-- p {margin:0} --></style><!--[if gte mso 9]><xml>a</xml><![endif]-->", [])
    ),
)
_WRAPS = ["{}", '<b style="font-weight:normal" id="docs-internal-guid-0">{}</b>', "<body>{}</body>"]
_WRAPS += ['<meta charset="utf-8"><div class="WordSection1">{}</div>', "{}</div>", "<article>{}"]
EDITOR_HTML: st.SearchStrategy[Source] = st.tuples(
    st.lists(_HTML_BLOCK, min_size=1, max_size=5), st.sampled_from(_WRAPS)
).map(lambda drawn: (drawn[1].format(_join(drawn[0], "\n")[0]), _join(drawn[0], "\n")[1]))

# Tags in random order, among unique words. End tags of elements without visible text (script,
# style, a frame's fallback, a comment) are left out, so that all words have to be shown.
_NAMES = """
    p br hr div span h2 ul ol li dl dt dd blockquote q cite em b s sub code pre time a table caption
    thead tbody tr th td figure figcaption img svg math form select option textarea title template
    noscript button section center font nobr ruby rt body html plaintext xmp details object input
    inaudible o:p my-mark label main
"""
_TAGS = [f"<{name}>" for name in _NAMES.split()] + [f"</{name}>" for name in _NAMES.split()]
_TAGS += [
    "<script>",
    "<style>",
    "<!--",
    '<iframe src="https://a.example/">',
    '<img alt="x">',
    "<",
    ">",
]
_TAGS += [
    '<b style="font-weight:400">',
    "<p class=MsoListParagraph>",
    "<p and so>",
    "&lt;",
    "<![if x]>",
]
HTML_SOUP: st.SearchStrategy[list[str]] = st.lists(
    st.sampled_from(_TAGS) | st.none(), min_size=1, max_size=30
).map(lambda pieces: [f" q{n}z " if piece is None else piece for n, piece in enumerate(pieces)])
