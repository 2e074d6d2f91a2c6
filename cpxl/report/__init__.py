"""The report of a quarter: its sections from the account (`content.py`), in Word (`word.py`), as a sheet (`sheet.py`)."""
