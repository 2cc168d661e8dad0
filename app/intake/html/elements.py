"""Names of elements and attributes, as far as parsing foreign HTML depends on them.

Source: HTML Standard, sections 13.1.2 (elements), 13.1.2.4 (optional tags), 15.1 (obsolete ones).
"""

_NAMES = {
    "void": "area base basefont bgsound br col embed frame hr image img input keygen link"
    " meta param source track wbr",
    "optional end": "body colgroup dd dt head html li optgroup option p rb rp rt rtc tbody td"
    " tfoot th thead tr",
    "beside bodies": "acronym address applet area article aside audio base basefont bgsound"
    " big blink body button canvas center col colgroup data datalist details dialog dir embed"
    " fieldset font footer form frame frameset head header hgroup html iframe image input"
    " keygen label legend link listing main map marquee math menu menuitem meta meter nav nobr"
    " noembed noframes noscript object optgroup option output param picture progress rb rp rt"
    " rtc ruby samp search section select slot source strike summary svg template track tt var"
    " video wbr",
    "blocks": "blockquote caption dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p"
    " pre table tbody td tfoot th thead tr ul",
    "attributes": "allow allowfullscreen allowtransparency alt async autofocus autoplay"
    " checked class compact contenteditable controls crossorigin declare default defer dir"
    " disabled download draggable formnovalidate hidden href id inert ismap itemscope lang"
    " loop mozallowfullscreen multiple muted name nohref nomodule noresize noshade novalidate"
    " nowrap open playsinline popover readonly rel required reversed scoped seamless selected"
    " spellcheck src start style target title translate type value webkitallowfullscreen",
}
VOID = frozenset(_NAMES["void"].split())
OPTIONAL_END = frozenset(_NAMES["optional end"].split())
BESIDE_BODIES = frozenset(_NAMES["beside bodies"].split())  # elements that a body may not contain
BLOCKS = frozenset(_NAMES["blocks"].split())
ATTRIBUTES = frozenset(_NAMES["attributes"].split())  # including those that may have no value
FRAMES = frozenset({"iframe", "video", "audio", "embed"})
NOT_WORDS = frozenset({"script", "style", "xml"})  # scripts, styles, properties
TEXT_ONLY = frozenset({"textarea", "title", "xmp"})  # contain text and never markup
FOREIGN = frozenset({"svg", "math"})
TABLE_PARTS = frozenset({"caption", "tbody", "td", "tfoot", "th", "thead", "tr"})
