"""The refusals of the timeline as exceptions."""

import inspect

import pytest

from app.timeline import errors

REFUSALS = [
    refusal
    for _, refusal in inspect.getmembers(errors, inspect.isclass)
    if refusal is not errors.TimelineError and refusal.__module__ == errors.__name__
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_says_what_it_means(refusal: type[Exception]):
    """Every refusal is a `TimelineError` with a docstring of its own, shown by `/problems/SLUG`."""
    assert issubclass(refusal, errors.TimelineError)
    assert refusal.__doc__ != errors.TimelineError.__doc__
    assert (refusal.__doc__ or "").endswith(".")
