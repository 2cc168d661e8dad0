"""The pages' style sheets, and the parts that each is made of, in the order in which they count.

`entry.css` knows nothing of a page: another site's page takes it too, with the entries in it. Few
and small: a page waits for both before it shows anything.
"""

SHEETS = {
    "entry.css": (
        "entry/variables.css",
        "entry/ground.css",
        "entry/entry.css",
        "entry/body.css",
        "entry/media.css",
    ),
    "page.css": (
        "page/page.css",
        "page/head.css",
        "page/key-events.css",
        "page/bar.css",
        "page/days.css",
        "page/since.css",
        "page/viewer.css",
        "page/index.css",
        "page/print.css",
    ),
}
