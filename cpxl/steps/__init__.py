"""The steps of a quarter on a working folder: read the files, call the pure functions, save what they give.

The command line and the add-in both call these.
"""
