"""The rules that returns are checked by. One rule is one function: to add a check, add a function.

The modules are groups; their order here is the order of findings.
"""

# fmt: off
from cpxl.returns.rules import file, structure, elsewhere, progress, risks, insights, months  # noqa: F401, I001
from cpxl.returns.rules import breakdowns, pictures, delivery, text  # noqa: F401
# fmt: on
