"""The log of a server: one form, one place, no secrets."""

from copy import deepcopy
from typing import Any

from uvicorn.config import LOGGING_CONFIG


def log_config(level: str) -> dict[str, Any]:
    """The configuration of Python's logging, for the server and its workers.

    Args:
        level: what this program writes, as `DATELINE_LOG_LEVEL` has it. Of the libraries that it
            uses, warnings are written, and errors only where it is `error`: their debug messages
            tell of addresses and headers.
    """
    config: dict[str, Any] = deepcopy(LOGGING_CONFIG)
    config["filters"] = {"redaction": {"()": "app.web.redaction.Redaction"}}
    for handler in config["handlers"].values():
        handler["filters"] = ["redaction"]
    config["root"] = {
        "handlers": ["default"],
        "level": "ERROR" if level == "error" else "WARNING",
    }
    config["loggers"]["app"] = {"level": level.upper()}
    return config
