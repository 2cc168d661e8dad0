"""Timeline: the model of live coverage as pure values, without a database, clock or HTTP."""
