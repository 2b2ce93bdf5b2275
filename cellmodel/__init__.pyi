"""The public names of cellmodel: what a type checker and an editor read, and what is imported on first use."""

from . import analysis as analysis
from .assessment import claims_table as claims_table
from .assessment import list_claims as list_claims
from .assessment import run_claims as run_claims
from .assessment import validate as validate
from .characterisation import cell_impedance as cell_impedance
from .characterisation import galvanostatic_polarisation as galvanostatic_polarisation
from .characterisation import limiting_current as limiting_current
from .characterisation import potentiostatic_polarisation as potentiostatic_polarisation
from .characterisation import restricted_diffusion as restricted_diffusion
from .characterisation import symmetric_impedance as symmetric_impedance
from .design import OptimalDesign as OptimalDesign
from .design import optimise_design as optimise_design
from .design import ragone_front as ragone_front
from .energy import energy_budget as energy_budget
from .errors import CellModelError as CellModelError
from .errors import ExecutionError as ExecutionError
from .errors import ParameterError as ParameterError
from .errors import ProtocolError as ProtocolError
from .errors import ResultsError as ResultsError
from .errors import SolveError as SolveError
from .errors import StudyError as StudyError
from .errors import ValidityWarning as ValidityWarning
from .models import DFN as DFN
from .models import SPM as SPM
from .models import Mesh as Mesh
from .models import SPMe as SPMe
from .models import SymmetricCell as SymmetricCell
from .models import build_model as build_model
from .parameters import Cell as Cell
from .parameters import list_cells as list_cells
from .parameters import load_cell as load_cell
from .parameters import load_format as load_format
from .parameters import load_vehicle as load_vehicle
from .plotting import plot_budget as plot_budget
from .plotting import plot_claims as plot_claims
from .plotting import plot_collapse as plot_collapse
from .plotting import plot_design as plot_design
from .plotting import plot_discharge as plot_discharge
from .plotting import plot_impedance as plot_impedance
from .plotting import plot_polarisation as plot_polarisation
from .plotting import plot_profiles as plot_profiles
from .plotting import plot_results as plot_results
from .prepared_run import RunOptions as RunOptions
from .protocols import Protocol as Protocol
from .protocols import list_protocols as list_protocols
from .protocols import load_protocol as load_protocol
from .simulation import simulate as simulate
from .store import open_results as open_results
from .study import Study as Study
from .study import list_studies as list_studies
from .study import load_study as load_study
from .study import run_study as run_study

__version__: str

ParameterSet = Cell  # the former name; gone in the next release
