"""The Excel add-in: what its buttons do, how it is built and installed."""
