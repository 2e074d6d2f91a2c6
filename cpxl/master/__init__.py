"""The master: its data tables read as strictly as a return, and its file."""
