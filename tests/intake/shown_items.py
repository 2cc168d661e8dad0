"""An item of each type of Live Blog, with the HTML that the import makes of it."""

from tests.intake.foreign import Json
from tests.intake.sourcefabric_sample import item

CARD = """<div class="liveblog--card">
  <div class="st-embed-block embed-preview">{}</div>
  <div class="hidden st-embed-block cover-preview-handler"><div class="cover-preview"></div></div>
  <div class="st-embed-block title-preview">{}</div>
  <div class="st-embed-block credit-preview">{}</div>
  <a class="hidden st-embed-block link-preview" target="_blank"></a>
</div>"""
TWEET = (
    '<blockquote class="twitter-tweet" data-lang="de"><p lang="de" dir="ltr">Sturm</p>&mdash; Ada'
    ' <a href="https://twitter.com/ada/status/12?ref_src=x">1. März</a></blockquote>'
    '<script async src="//platform.twitter.com/widgets.js"></script>'
)
INSTAGRAM = (
    '<blockquote class="instagram-media" style="background:#FFF"><div style="padding:8px"><div>'
    '</div><p><a href="https://www.instagram.com/p/x1/">Ein Foto</a> am'
    ' <time datetime="2026-03-01T12:00:00Z">1. März</time></p></div></blockquote>'
)
FACEBOOK = (
    '<div id="_x"><div class="fb-post" data-href="https://www.facebook.com/a/posts/1"><div>'
    '<a href="https://www.facebook.com/a/posts/1">Post</a> by Ada.</div></div></div>'
    "<script>  if(window.FB) { window.FB.XFBML.parse(); }</script>"
)
SHOWN: dict[str, tuple[Json, str]] = {
    "editor's text": (
        item("text", "Wet&nbsp;<div><br></div><div>and <b>cold</b><br><p><br></p></div>"),
        "<p>Wet</p><p>and <b>cold</b></p>",
    ),
    "text of ends without beginnings": (
        item("text", "One</div><div><br></div><div><b>Two</b>"),
        "<p>One</p><p><b>Two</b></p>",
    ),
    "quote": (
        item("quote", "<blockquote><p>x</p></blockquote>", quote="So", credit="Ada"),
        "<blockquote><p>So</p><p><cite>Ada</cite></p></blockquote>",
    ),
    "quote without parts": (
        item("quote", "<blockquote><p>So</p><ul><li>Ada</li></ul></blockquote>"),
        "<blockquote><p>So</p><ul><li>Ada</li></ul></blockquote>",
    ),
    "tweet": (
        item("embed", CARD.format(TWEET, "", ""), html=TWEET),
        (
            '<blockquote cite="https://twitter.com/ada/status/12"><p lang="de">Sturm</p><p>— Ada'
            ' <a href="https://twitter.com/ada/status/12?ref_src=x">1. März</a></p></blockquote>'
        ),
    ),
    "instagram": (
        item("embed", CARD.format(INSTAGRAM, "", ""), html=INSTAGRAM),
        (
            '<blockquote cite="https://www.instagram.com/p/x1/"><p>'
            '<a href="https://www.instagram.com/p/x1/">Ein Foto</a> am'
            ' <time datetime="2026-03-01T12:00:00Z">1. März</time></p></blockquote>'
        ),
    ),
    "facebook": (
        item(
            "embed",
            CARD.format(FACEBOOK, "", 'by <a href="https://www.facebook.com/a">Ada</a>'),
            html=FACEBOOK,
            original_url="https://www.facebook.com/a/posts/1",
            credit="by Ada",
            author_url="https://www.facebook.com/a",
            author_name="Ada",
        ),
        (
            '<blockquote cite="https://www.facebook.com/a/posts/1"><p>'
            '<a href="https://www.facebook.com/a/posts/1">Post</a> by Ada.</p></blockquote>'
            '<p>by <a href="https://www.facebook.com/a">Ada</a></p>'
        ),
    ),
    "frame": (
        item("embed", CARD.format('<iframe src="https://www.youtube.com/embed/a?rel=0">', "", "")),
        '<p><a href="https://www.youtube.com/watch?v=a">youtube.com/watch?v=a</a></p>',
    ),
    "frame whose page is told": (
        item(
            "embed",
            CARD.format('<iframe src="//cdn.example/frame?x=1"></iframe>', "", ""),
            html='<iframe src="//cdn.example/frame?x=1"></iframe>',
            original_url="https://v.example/watch/1",
            description="High waves",
        ),
        '<p><a href="https://v.example/watch/1">v.example/watch/1</a></p><p>High waves</p>',
    ),
    "frame known by its parts alone": (
        item("embed", "", html='<iframe src="https://player.vimeo.com/video/7"></iframe>'),
        '<p><a href="https://vimeo.com/7">vimeo.com/7</a></p>',
    ),
    "unknown type": (
        item("scorecard", "<table><tr><td>Hull</td><td>2</td></tr></table>"),
        "<table><tbody><tr><td>Hull</td><td>2</td></tr></tbody></table>",
    ),
}
