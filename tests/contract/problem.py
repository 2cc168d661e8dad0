"""Refusals as RFC 9457 has them."""

from typing import Any

import httpx


def check_problem(answer: httpx.Response, status: int, kind: str | None = None) -> dict[str, Any]:
    """See that an answer is a whole problem document of that status.

    Args:
        answer: any answer.
        status: what it must be.
        kind: the last part of its type; None for any.

    Returns:
        The document.
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
    """Where a problem says that something is wrong."""
    return {error["pointer"] for error in problem["errors"]}
