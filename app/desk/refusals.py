"""Refusals in the languages of the desk: the sentences that it knows.

The program refuses in English, the language of its API. The desk's pages show the sentence in the
reader's language if it is one of `SENTENCES`, and else one for the problem's type; the scripts, to
which refusals come as problem documents (RFC 9457), show the one for the type.
"""

from collections.abc import Callable

# Marks a message for the extraction. The catalogue translates it when it is shown.
_ = str

# The program's own sentences, as it says them; a test compares them with the program. A placeholder
# stands for what differs.
SENTENCES = (
    _("No one signs in with this address and this password."),
    _("Too many wrong tries. Wait a minute, and try again."),
    _("Too many wrong tries. Wait %(minutes)s minutes, and try again."),
    _("Too many people are signing in. Try again in a few seconds."),
    _("Your access has just been changed. Sign in again."),
    _("You are signed out. Sign in again."),
    _("Signing in took too long. Begin again."),
    _("The old password is another one."),
    _("A password needs %(least)s characters at least."),
    _("A password has %(most)s characters at most."),
    _(
        "This password is easily guessed: it is among the common ones, or made of a few common"
        " words, rows of keys, dates, or your own name. Four words that have nothing to do with"
        " each other make a good one."
    ),
    _("That code is wrong or has been used. Wait for the next one."),
    _("That is not the app's present code. Check the clock of its device."),
    _("Too many wrong codes. Wait %(minutes)s minutes, and try again."),
    _("An authenticator app is set up already. Remove it first."),
    _("This passkey is registered already."),
    _("This passkey was refused: there may be a copy of it. Sign in another way, and remove it."),
    _("This passkey is not known here, or was removed. Sign in another way."),
    _("This passkey's answer could not be confirmed. Try again, or use another way."),
    _("This took too long, or was sent before. Try again."),
    _("You have %(most)s passkeys: remove one first."),
    _("There is no such passkey."),
    _(
        "Browsers offer passkeys only over https and at a host name, and this newsroom is"
        " %(address)s. An authenticator app works everywhere."
    ),
    _(
        "Browsers offer no passkeys at an IP address. To try them out open %(address)s instead;"
        " an authenticator app works everywhere."
    ),
    _("%(host)s is not a valid host name for browsers."),
    _("The identity provider does not answer. Try again later."),
    _("The identity provider does not answer as it should. Try again later."),
    _("The identity provider's metadata is invalid, or of another issuer."),
    _("The identity provider's answer could not be verified. Begin again."),
    _("The identity provider does not say who you are. Begin again."),
    _("The identity provider did not confirm who you are. Begin again."),
    _(
        "The identity provider has sent no verified e-mail address of yours, and you have not"
        " signed in here before."
    ),
    _("Nobody who may sign in here has the address %(address)s. Ask a chief to invite you."),
    _("This sign-in was not started here. Begin again."),
    _("This sign-in was not started here, or took too long. Begin again."),
    _("This sign-in has been used. Begin again."),
    _("The database does not answer. Try again later."),
    _("There is no such link, or it is incomplete."),
    _("This link has been used. Each one works once."),
    _("This link has ended."),
    _("The maker of this link may no longer invite anybody. Ask a chief for another one."),
    _("Somebody already has the address %(address)s."),
    _("%(name)s has no access any more."),
    _("%(name)s is the only chief: make somebody else a chief first."),
    _("This would leave the newsroom without a chief: appoint another one first."),
    _("There is no such person."),
    _("There is no such invitation."),
    _("There is no such key."),
    _("There is no such coverage."),
    _("There are %(most)s templates already: delete one first."),
    _("The coverage was never open, so it cannot be closed."),
    _("Readers have seen this coverage: pause or close it instead."),
    _("Made from the title. Check it, since it is permanent, and send the form again."),
    _("This title gives no address: write one with a to z, 0 to 9 and -."),
    _("Another coverage has this address: choose a different one."),
)

# What is wrong about a field, without a capital letter and a full stop.
DETAILS = (
    _("must not be empty"),
    _("must be one line without control characters"),
    _("must not hold control characters"),
    _("must have %(most)s characters at most"),
    _("holds nothing that can be seen"),
    _("must be an http or https address"),
    _("must be an e-mail address, in ASCII"),
    _("must be one of the languages that are offered"),
    _("cannot be changed: this has editions"),
    _("is an edition itself: name %(slug)s"),
    _("is graphic and cannot be the lead image"),
)

# What pydantic, which validates the forms, says in the terms of programmers, and what the desk says
# in its place.
PLAIN = (
    ("Field required", _("must not be empty")),
    ("must be a time as in RFC 3339: 1969-07-20T20:17:40Z", _("must be a date and a time")),
    ("Input should be a valid datetime%(reason)s", _("must be a date and a time")),
    ("Input should have timezone info", _("must be a date and a time")),
    ("Input should be %(choices)s", _("must be one of the choices")),
    ("there is no media of this id", _("the picture does not exist any more")),
    ("String should have at most %(most)s characters", _("must have %(most)s characters at most")),
    (
        "List should have at most %(most)s items after validation, not %(actual)s",
        _("must be %(most)s at most"),
    ),
)

# What a field has to be like, where pydantic would show a regular expression.
SHAPES = {
    "slug": _("may hold a to z, 0 to 9 and - only"),
    "language": _("must be one of the languages in the list"),
    "languages": _("must be one of the languages in the list"),
    "related": _("must be an http or https address"),
    "edition_of": _("must be one of the choices"),
    "coverage": _("must be one of the choices"),
    "default_key": _("must be one of the choices"),
    "lead_image": _("the picture does not exist any more"),
}
ANY_SHAPE = _("is not written as it has to be")


def problem_sentences(gettext: Callable[[str], str]) -> dict[str, str]:
    """Return a sentence for each type of problem but those of media, by the type's slug.

    Args:
        gettext: translates a message.
    """
    _ = gettext
    return {
        "unknown-coverage": _("There is no such coverage."),
        "unknown-entry": _("The entry is not there any more."),
        "withdrawn-coverage": _("The coverage is withdrawn."),
        "slug-taken": _("Another coverage has this address: choose a different one."),
        "coverage-planned": _("The coverage is not open yet."),
        "coverage-closed": _("The coverage is closed: reopen it to write in it."),
        "coverage-public": _("Readers have seen this coverage: it cannot become a plan again."),
        "entry-retracted": _("The entry is retracted, and that is final."),
        "entry-published": _("The entry is published already: amend or correct it."),
        "entry-submitted": _("The draft is handed in: take it back before you change it."),
        "entry-not-submitted": _("The draft is not handed in."),
        "entry-scheduled": _("The entry is scheduled: take it back to go on writing."),
        "entry-not-retracted": _("The entry is not retracted."),
        "words-forgotten": _("The words of this entry are no longer kept."),
        "entry-not-published": _("The entry is not published yet."),
        "stale-revision": _("Somebody else has changed this entry: look at it again."),
        "empty-entry": _("An entry needs a text, a headline, a picture or a figure."),
        "unknown-statement": _("This source or figure is not in the entry any more."),
        "too-many-assessments": _("This was assessed too often: write a new entry."),
        "original-retracted": _(
            "The original is retracted, so its translation cannot be published."
        ),
        "editions-changed": _("An edition was added meanwhile. Try again."),
        "not-signed-in": _("You are signed out. Sign in again."),
        "not-allowed": _("Your role does not allow this."),
        "last-chief": _("The newsroom needs a chief: make somebody else a chief first."),
        "passkeys-unavailable": _("Browsers offer no passkeys at this address."),
        "weak-password": _("This password is too weak."),
        "too-many-sign-ins": _("Too many people are signing in. Try again in a few seconds."),
        "too-many-requests": _("Too many requests: wait a moment, and try again."),
        "request-in-progress": _("This is still being done. Wait a moment."),
        "over-capacity": _("The server is busy. Try again in a few seconds."),
        "payload-too-large": _("This is too large to be sent."),
        "store-unavailable": _("The database does not answer. Try again later."),
        "internal-error": _("The server has failed. Nothing was stored."),
        "other": _("The server has refused this."),
    }


def media_sentences(gettext: Callable[[str], str]) -> dict[str, str]:
    """Return a sentence for each type of problem with a picture or video, by the type's slug.

    Args:
        gettext: translates a message.
    """
    _ = gettext
    return {
        "unknown-media": _("A picture or video of this entry does not exist any more."),
        "no-such-media": _("This picture or video does not exist any more."),
        "unknown-file-type": _(
            "This file cannot be used. Pictures: JPEG, PNG, WebP, AVIF, GIF, HEIC."
            " Videos: MP4, MOV, WebM, MKV."
        ),
        "broken-file": _("The file is damaged or incomplete."),
        "too-many-pixels": _("The picture is too large: send a smaller one."),
        "too-many-frames": _("The animation is too long or too large: send a shorter one."),
        "too-slow-to-read": _("The file could not be read in time: send a simpler one."),
        "video-refused": _("The video is damaged, too long, or of a kind that is not accepted."),
        "media-unavailable": _("The file could not be stored. Try again later."),
        "media-busy": _("Too many files are being sent. Try again in a few seconds."),
    }


def field_sentences(gettext: Callable[[str], str]) -> dict[str, str]:
    """Return a sentence for each field of an entry that a problem points to, by its name.

    Args:
        gettext: translates a message.
    """
    _ = gettext
    return {
        "headline": _("The headline is too long, or has characters that cannot be shown."),
        "body": _("The text is too long, or has parts that cannot be shown."),
        "bylines": _("A byline is too long, or there are too many."),
        "tags": _("A tag is too long, or there are too many."),
        "place": _("The place is not complete: it needs a name, and both coordinates or none."),
        "happened_at": _("The time of the event cannot be used."),
        "embargo_until": _("The time at which it goes out cannot be used."),
        "language": _("The language of the entry is not known."),
        "media": _("A picture or video of this entry does not exist any more."),
        "claims": _("A source or what it says is too long, or its address is no web address."),
        "figures": _("A figure is not complete, or its value is not understood."),
        "translation_of": _("The original of this translation is not published any more."),
        "note": _("The note is too long, or empty."),
        "alt": _("The words beside the picture are too long."),
        "caption": _("The words beside the picture are too long."),
        "credit": _("The words beside the picture are too long."),
    }
