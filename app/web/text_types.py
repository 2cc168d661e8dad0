"""Text types: the checks of `intake/text_types.py`, described in JSON Schema.

The schemas are for the OpenAPI document and validate nothing themselves. They are as strict as JSON
Schema allows: the server refuses a value that they accept only for a reason that no schema can
express. Of the invisible characters (`timeline/visible_text.py`) they omit the combining marks of
single scripts and everything beyond the Basic Multilingual Plane, for which portable regular
expressions have no class.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from app.access.people import EMAIL
from app.intake import text_types as words

_ONE_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
# Invisible characters: spaces, joiners, directional marks, fillers, variation selectors, and
# combining marks that any letter may have.
_UNSEEN = (
    r"\s\x80-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
)
# Characters that are stripped from both ends.
_BLANK = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x20\x7f-\xa0/?#]+[^\s\x00-\x20\x7f-\xa0]*$"

LINE = f"^[^{_ONE_LINE}]*$"
_SEEN_LINE = f"[^{_ONE_LINE}]*[^{_ONE_LINE}{_UNSEEN}][^{_ONE_LINE}]*"
VISIBLE_LINE = f"^{_SEEN_LINE}$"
VISIBLE_OR_EMPTY_LINE = f"^(?:[{_BLANK}]*|{_SEEN_LINE})$"
TEXT = f"^[^{_CONTROLS}]*$"
_SEEN_TEXT = f"[^{_CONTROLS}]*[^{_CONTROLS}{_UNSEEN}][^{_CONTROLS}]*"
VISIBLE_TEXT = f"^{_SEEN_TEXT}$"
VISIBLE_OR_EMPTY_TEXT = f"^(?:[\\t\\n\\r\\x85\\u2028\\u2029{_BLANK}]*|{_SEEN_TEXT})$"
MEDIA_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"


def _schema(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **schema})


def _email(text: str) -> str:
    if not re.fullmatch(EMAIL, text):
        raise ValueError("must be an e-mail address, in ASCII")
    return text


Line = Annotated[words.Line, _schema(pattern=LINE)]
ShortLine = Annotated[
    str,
    words.at_most(100),
    AfterValidator(words.check_line),
    AfterValidator(words.check_visible_or_empty),
    _schema(pattern=VISIBLE_OR_EMPTY_LINE, maxLength=100),
]
Name = Annotated[words.Name, _schema(pattern=VISIBLE_LINE, minLength=1, maxLength=200)]
Statement = Annotated[words.Statement, _schema(pattern=VISIBLE_LINE, minLength=1, maxLength=500)]
Tag = Annotated[words.Tag, _schema(pattern=VISIBLE_LINE, minLength=1, maxLength=100)]
Paragraph = Annotated[words.Paragraph, _schema(pattern=VISIBLE_OR_EMPTY_TEXT, maxLength=2000)]
AltText = Annotated[words.AltText, _schema(pattern=VISIBLE_OR_EMPTY_TEXT, maxLength=1000)]
Credit = Annotated[words.Credit, _schema(pattern=VISIBLE_OR_EMPTY_TEXT, maxLength=200)]
PublicNote = Annotated[words.PublicNote, _schema(pattern=VISIBLE_TEXT, minLength=1, maxLength=2000)]
Language = words.Language
WebAddress = Annotated[
    words.WebAddress, StringConstraints(pattern=_URL), _schema(pattern=_URL, maxLength=2000)
]
EmailAddress = Annotated[str, AfterValidator(_email), _schema(pattern=EMAIL)]
Moment = Annotated[words.Moment, _schema(format="date-time")]
QueryMoment = Annotated[words.QueryMoment, _schema(format="date-time")]
Revision = Annotated[int, Field(ge=1, lt=2**31), words.Integral]
AsOf = Annotated[
    words.AsOf,
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]
MediaId = Annotated[str, StringConstraints(pattern=MEDIA_ID)]
