"""Column types and primary keys."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables import CoverageRow, Timestamp
from tests.strategies import moments

DIALECTS = [sqlite.dialect(), postgresql.dialect()]


@given(moments())
def test_a_time_is_kept_to_the_millisecond(moment: datetime):
    """A time is stored in both databases to the millisecond."""
    for dialect in DIALECTS:
        stored = Timestamp().process_bind_param(moment, dialect)
        assert isinstance(stored, int)
        assert Timestamp().process_result_value(stored, dialect) == moment


def test_stored_times_are_in_the_order_of_the_times():
    """Stored times are ordered like the times, before 1970 too."""
    moment = datetime(1969, 7, 20, tzinfo=UTC)
    times = [moment + timedelta(milliseconds=step) for step in (-1, 0, 1)]
    stored = [Timestamp().process_bind_param(time, DIALECTS[0]) for time in times]
    assert stored == [-14_256_000_001, -14_256_000_000, -14_255_999_999]


def test_a_time_of_another_zone_is_the_same_moment():
    """A time in another zone is stored as the same moment."""
    utc = datetime(1969, 7, 20, 20, 17, tzinfo=UTC)
    local_time = utc.astimezone(timezone(timedelta(hours=-4)))
    bind = Timestamp().process_bind_param
    assert bind(local_time, DIALECTS[0]) == bind(utc, DIALECTS[0])


def test_no_time_is_no_time():
    """None is stored as None."""
    assert Timestamp().process_bind_param(None, DIALECTS[0]) is None
    assert Timestamp().process_result_value(None, DIALECTS[0]) is None


@pytest.mark.parametrize("table", CoverageRow.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_row_has_a_name(table):
    """Every table has a primary key, so that no fact is stored twice."""
    assert len(table.primary_key) > 0
