"""Excel without Excel: xlwings' own engines for Windows and Mac, over stand-ins that LibreOffice plays.

`manners` is what Excel does and LibreOffice does not. `windows` is Excel's COM objects with pywin32 stubbed, `mac` its
AppleScript with appscript stubbed; both are as strict as Excel about names. `basic` runs the add-in's VBA.
"""
