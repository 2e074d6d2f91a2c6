"""The ribbon in Excel: what its buttons do, the add-in that has it, and installing that."""
