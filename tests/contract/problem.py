"""Checks of problem documents (RFC 9457)."""

from typing import Any

import httpx


def check_problem(answer: httpx.Response, status: int, kind: str | None = None) -> dict[str, Any]:
    """Check that a response is a complete problem document with this status.

    Args:
        answer: the response.
        status: the expected status.
        kind: the last part of the problem's type; None for any.

    Returns:
        The problem document.
    """
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"].startswith("/problems/"), problem
    assert kind is None or problem["type"] == f"/problems/{kind}", problem
    assert problem["status"] == status
    assert problem["title"], problem
    assert problem["detail"], problem
    for error in problem.get("errors", []):
        assert isinstance(error["pointer"], str), problem
        assert error["pointer"] == "" or error["pointer"].startswith("/"), problem
        assert error["detail"], problem
    return problem


def pointers(problem: dict[str, Any]) -> set[str]:
    """Return the JSON Pointers of a problem's errors."""
    return {error["pointer"] for error in problem["errors"]}
