"""cpxl: quarterly returns in, one trusted workbook out."""

import os

__version__ = "0.2.0"

# Nobody else's plugins look at what is read; to look for them takes longer than to read config.yaml.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"
# openpyxl writes other XML where lxml is installed, as it is for Word: what is put back after it is told by that XML.
os.environ["OPENPYXL_LXML"] = "False"
