"""The newsroom's requests: `/v1` for who may write."""
