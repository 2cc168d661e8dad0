"""The file of a script: reads it, and refuses a script that could not be played."""

import tomllib
from datetime import datetime
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from app.demo.rehearsal import rehearse
from app.demo.script import Script

FOLDER = Path(__file__).parent
STORIES = {"apollo": FOLDER / "apollo11.toml", "front": FOLDER / "front.toml"}


class ScriptError(Exception):
    """The script is invalid; the message says where, and why."""


def read_script(path: Path = STORIES["apollo"]) -> Script:
    """Read and validate a script.

    Raises:
        ScriptError: the script is invalid.
    """
    try:
        document = tomllib.loads(path.read_text())
        zero = document.get("zero")
        if not isinstance(zero, datetime) or zero.tzinfo is None:
            raise ScriptError(f"{path.name}: zero: must be a date and time with its offset")
        # Converted to JSON first: strict validation takes JSON's lists and objects for dataclasses.
        script = TypeAdapter(Script).validate_json(orjson.dumps(document), context={"zero": zero})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(map(str, first["loc"]))
        raise ScriptError(f"{path.name}: {place}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path.name}: {error}") from error
    for complaint in rehearse(script):
        raise ScriptError(f"{path.name}: {complaint}")
    return script
