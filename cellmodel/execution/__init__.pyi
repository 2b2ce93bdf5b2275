from .batches import Block as Block
from .choosing import check_workers as check_workers
from .choosing import make_executor as make_executor
from .choosing import number_of_workers as number_of_workers
from .dispatching import map_points as map_points
from .dispatching import solve_runs as solve_runs
from .workers import Workers as Workers
from .workers import available_cores as available_cores
