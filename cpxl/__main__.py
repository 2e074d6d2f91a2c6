"""`python -m cpxl` is the command `cpxl`."""

from cpxl.cli import main

if __name__ == "__main__":
    main()
