"""cpxl: nine quarterly returns in, one trusted workbook out."""

import os

__version__ = "0.1.0"

# openpyxl writes other XML where lxml is installed, as it is for Word: what is put back after it is told by that XML.
os.environ["OPENPYXL_LXML"] = "False"
