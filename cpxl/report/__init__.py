"""The report in Word (`word.py`) and as PDF (`pdf.py`). What stands in it is in `layout/report.py`."""
