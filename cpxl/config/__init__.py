"""config.yaml to typed settings, with errors that name the file, the line and what to write instead.

The settings as a whole are in `settings.py`.
"""

from cpxl.config.breakdowns import Breakdown as Breakdown
from cpxl.config.extracts import Conditions as Conditions
from cpxl.config.extracts import Extract as Extract
from cpxl.config.measures import Measures as Measures
from cpxl.config.scoring import RiskScoring as RiskScoring
from cpxl.config.sections import Numbered as Numbered
from cpxl.config.settings import Headings as Headings
from cpxl.config.settings import Settings as Settings
from cpxl.config.settings import Thresholds as Thresholds
from cpxl.config.settings import load as load
from cpxl.config.settings import parse as parse
from cpxl.config.strands import Plan as Plan
from cpxl.config.strands import Strand as Strand
