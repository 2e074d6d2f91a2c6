"""cpxl: nine quarterly returns in, one trusted workbook out."""

__version__ = "0.1.0"
