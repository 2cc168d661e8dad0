"""Logging of a server: one format, one destination, no secrets."""

from copy import deepcopy
from typing import Any

from uvicorn.config import LOGGING_CONFIG


def log_config(level: str) -> dict[str, Any]:
    """Return the logging configuration for the server and its workers.

    Args:
        level: the level of this program's messages, from `DATELINE_LOG_LEVEL`. Libraries log
            warnings, or errors only if the level is `error`: their debug messages would contain
            addresses and headers.
    """
    config: dict[str, Any] = deepcopy(LOGGING_CONFIG)
    config["filters"] = {"redaction": {"()": "app.web.log_redaction.Redaction"}}
    for handler in config["handlers"].values():
        handler["filters"] = ["redaction"]
    config["root"] = {
        "handlers": ["default"],
        "level": "ERROR" if level == "error" else "WARNING",
    }
    config["loggers"]["app"] = {"level": level.upper()}
    return config
