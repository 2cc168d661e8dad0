"""Text, times and names of requests: what `intake/words.py` checks, told in JSON Schema.

The schemas are for the OpenAPI document and check nothing themselves. They say as much as JSON
Schema can: that which they let through is refused only for what no schema can express.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from app.access.people import EMAIL
from app.intake import words

_ONE_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
# Characters that leave nothing to see: spaces, joiners, marks of direction.
_UNSEEN = r"\s\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x20\x7f-\xa0/?#]+[^\s\x00-\x20\x7f-\xa0]*$"

LINE = f"^[^{_ONE_LINE}]*$"
VISIBLE_LINE = f"^[^{_ONE_LINE}]*[^{_ONE_LINE}{_UNSEEN}][^{_ONE_LINE}]*$"
TEXT = f"^[^{_CONTROLS}]*$"
VISIBLE_TEXT = f"^[^{_CONTROLS}]*[^{_CONTROLS}{_UNSEEN}][^{_CONTROLS}]*$"
MEDIA_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"


def _told(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **schema})


def _email(text: str) -> str:
    if not re.fullmatch(EMAIL, text):
        raise ValueError("must be an e-mail address, in ASCII")
    return text


Line = Annotated[words.Line, _told(pattern=LINE)]
ShortLine = Annotated[words.Line, words.at_most(100), _told(pattern=LINE, maxLength=100)]
Name = Annotated[words.Name, _told(pattern=VISIBLE_LINE, minLength=1, maxLength=200)]
Tag = Annotated[words.Tag, _told(pattern=VISIBLE_LINE, minLength=1, maxLength=100)]
Paragraph = Annotated[words.Paragraph, _told(pattern=TEXT, maxLength=2000)]
AltText = Annotated[words.AltText, _told(pattern=TEXT, maxLength=1000)]
Credit = Annotated[words.Credit, _told(pattern=TEXT, maxLength=200)]
PublicNote = Annotated[words.PublicNote, _told(pattern=VISIBLE_TEXT, minLength=1, maxLength=2000)]
Language = words.Language
WebAddress = Annotated[
    words.WebAddress, StringConstraints(pattern=_URL), _told(pattern=_URL, maxLength=2000)
]
EmailAddress = Annotated[str, AfterValidator(_email), _told(pattern=EMAIL)]
Moment = Annotated[words.Moment, _told(format="date-time")]
QueryMoment = Annotated[words.QueryMoment, _told(format="date-time")]
MediaId = Annotated[str, StringConstraints(pattern=MEDIA_ID)]
