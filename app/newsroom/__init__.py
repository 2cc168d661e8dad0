"""The newsroom's writes, each in one transaction. Nothing here depends on HTTP."""
