"""Where layouts meet files: writing new workbooks, reading what came back."""
