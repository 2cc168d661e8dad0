"""The error of a wrong setting, apart from the settings, whose imports take half a second."""


class SettingsError(Exception):
    """A setting is wrong; the message is one line with its name and the expected value."""
