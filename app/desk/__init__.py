"""The newsroom's HTTP interface: the write API and the desk's pages."""
