"""The newsroom's part of the API under `/v1`, for authenticated callers."""
