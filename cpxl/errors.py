"""The one exception that a user is meant to see."""


class Refused(Exception):
    """A request that cannot be carried out.

    Its text is one plain sentence for the coordinator: what happened, where, and what to do.
    """
