"""An element of each type of the Guardian's pages, with the HTML that the import makes of it."""

from tests.intake.foreign import Json
from tests.intake.guardian_sample import HOST, element, text

TWEET = (
    '<blockquote class="twitter-tweet"><p lang="cy" dir="ltr">Diolch</p>&mdash; Ada (@ada)'
    ' <a href="https://twitter.com/ada/status/12?ref_src=twsrc">1 March</a></blockquote>'
    '<script src="https://platform.twitter.com/widgets.js">var spoken;</script>'
)
SHOWN: dict[str, tuple[Json, str]] = {
    "Blockquote": (
        element("BlockquoteBlockElement", html='<blockquote class="quoted"><p>So</p></blockquote>'),
        "<blockquote><p>So</p></blockquote>",
    ),
    "Pullquote": (
        element("PullquoteBlockElement", html="So", attribution="Ada, pilot"),
        "<blockquote><p>So</p><p><cite>Ada, pilot</cite></p></blockquote>",
    ),
    "Tweet": (
        element("TweetBlockElement", html=TWEET, url="https://twitter.com/ada/status/12"),
        (
            '<blockquote cite="https://twitter.com/ada/status/12"><p lang="cy">Diolch</p><p>— Ada'
            ' (@ada) <a href="https://twitter.com/ada/status/12?ref_src=twsrc">1 March</a></p>'
            "</blockquote>"
        ),
    ),
    "Instagram": (
        element("InstagramBlockElement", html="", url="https://www.instagram.com/p/x1/"),
        '<p><a href="https://www.instagram.com/p/x1/">instagram.com/p/x1</a></p>',
    ),
    "RichLink": (
        element("RichLinkBlockElement", prefix="Related: ", text="Tides ", url=f"{HOST}/tides"),
        f'<p>Related: <a href="{HOST}/tides">Tides</a></p>',
    ),
    "Subheading": (
        element("SubheadingBlockElement", html='<h2 id="x">Tides</h2>'),
        "<h2>Tides</h2>",
    ),
    "bare Subheading": (element("SubheadingBlockElement", html="Tides"), "<h2>Tides</h2>"),
    "Table": (
        element("TableBlockElement", html="<table><tr><th>Tide<td></td></table>"),
        "<table><tbody><tr><th>Tide</th><td></td></tr></tbody></table>",
    ),
    "Code": (
        element("CodeBlockElement", html="if x &lt; 1:\n  y"),
        "<pre><code>if x &lt; 1:\n  y</code></pre>",
    ),
    "Embed": (
        element(
            "EmbedBlockElement",
            html='<iframe src="https://www.youtube.com/embed/abc?rel=0"></iframe>',
            caption='By <a href="https://o.example/">us</a>',
        ),
        (
            '<p><a href="https://www.youtube.com/watch?v=abc">youtube.com/watch?v=abc</a></p>'
            '<p>By <a href="https://o.example/">us</a></p>'
        ),
    ),
    "VideoYoutube": (
        element(
            "VideoYoutubeBlockElement",
            url="https://www.youtube.com/watch?v=abc",
            originalUrl="https://www.youtube.com/watch?v=abc",
            title="Waves",
            caption="High ones",
        ),
        '<p><a href="https://www.youtube.com/watch?v=abc">Waves</a></p><p>High ones</p>',
    ),
    "Youtube": (
        element("YoutubeBlockElement", assetId="abc", mediaTitle="Waves", id="x"),
        '<p><a href="https://www.youtube.com/watch?v=abc">Waves</a></p>',
    ),
    "Interactive": (
        element("InteractiveBlockElement", url="https://i.example/map", alt="A tide map"),
        '<p><a href="https://i.example/map">A tide map</a></p>',
    ),
    "Map": (
        element("MapBlockElement", originalUrl="https://m.example/1", title="Here", caption="Bay"),
        '<p><a href="https://m.example/1">Here</a></p><p>Bay</p>',
    ),
    "AudioAtom": (
        element("AudioAtomBlockElement", kicker="Podcast", title="Sea", trackUrl=f"{HOST}/a.mp3"),
        f'<h3>Podcast</h3><p><a href="{HOST}/a.mp3">Sea</a></p>',
    ),
    "GuideAtom": (
        element("GuideAtomBlockElement", label="Guide", title="Tides", html="<p>Twice a day</p>"),
        "<h3>Guide</h3><h3>Tides</h3><p>Twice a day</p>",
    ),
    "Comment": (
        element(
            "CommentBlockElement",
            body="<p>Wet</p>",
            profileName="Ada",
            permalink="https://c.example/1",
        ),
        (
            '<blockquote cite="https://c.example/1"><p>Wet</p><p><cite>Ada</cite></p></blockquote>'
            '<p><a href="https://c.example/1">c.example/1</a></p>'
        ),
    ),
    "List": (
        element("ListBlockElement", items=[{"title": "One", "elements": [text("<p>Wet</p>")]}]),
        "<h3>One</h3><p>Wet</p>",
    ),
    "Timeline": (
        element(
            "TimelineAtomBlockElement", title="So far", events=[{"date": "1 May", "body": "A"}]
        ),
        "<h3>So far</h3><p>1 May</p><p>A</p>",
    ),
    "StarRating": (element("StarRatingBlockElement", rating=4, size="large"), "<p>4/5</p>"),
    "GuVideo without files": (
        element("GuVideoBlockElement", assets=[], html="", caption="Waves", url=f"{HOST}/v"),
        f'<p><a href="{HOST}/v">{HOST[8:]}/v</a></p><p>Waves</p>',
    ),
}
