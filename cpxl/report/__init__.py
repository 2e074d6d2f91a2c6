"""The report of a quarter: sections from the account (`content.py`), in Word (`word.py`), as a sheet (`sheet.py`)."""
