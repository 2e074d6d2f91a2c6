"""The rules that returns are checked by. One rule is one function: to add a check, add a function.

The modules are groups; their order here is the order of findings.
"""

from cpxl.returns.rules import file, structure, elsewhere, progress, risks, insights, breakdowns, delivery, text  # noqa: F401, I001
