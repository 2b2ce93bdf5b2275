"""The names of this room: what a type checker and an editor read, and what is imported on first use."""

from .checks.check import Check as Check
from .checks.check import Finding as Finding
from .checks.check import check as check
from .checks.check import curves as curves
from .checks.validation import Report as Report
from .checks.validation import all_checks as all_checks
from .checks.validation import validate as validate
from .claims.assess import run_claim as run_claim
from .claims.assess import run_claims as run_claims
from .claims.definition import Claim as Claim
from .claims.definition import list_claims as list_claims
from .claims.definition import load_claim as load_claim
from .claims.explanation import Section as Section
from .claims.explanation import explain_claim as explain_claim
from .claims.report import claims_table as claims_table
from .published.reading import PublishedCell as PublishedCell
from .published.reading import list_published as list_published
from .published.reading import load_published as load_published
