"""What the add-in starts: python -m cpxl.addin BUTTON --hwnd=WINDOW"""

import sys

from cpxl.addin.actions import press

if __name__ == "__main__":
    press(sys.argv[1])
