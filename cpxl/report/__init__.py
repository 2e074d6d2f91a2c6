"""The report of a quarter: its sections from the account (`content.py`), and a Word document of them (`word.py`)."""
