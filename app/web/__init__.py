"""HTTP behaviour that the desk and the readers' endpoints share."""
