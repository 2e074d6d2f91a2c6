"""A lead's return: reading one back, and the rules that it is checked by."""
