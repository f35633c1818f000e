"""What all contenders share: `python -m bench.MODULE FUNCTION ARGUMENTS…` does one piece of work, prints its figures.

Contenders are in modules by what they import, so that a peak of memory is of what was needed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clirld.settings import Settings

SETTINGS = Settings.from_environment({})
Figures = dict[str, Any]


def main(*contenders: Callable[..., Figures]) -> None:
    """Run the named contender and print its figures; its seconds are of all it did unless it counted them itself."""
    _, name, *texts = sys.argv
    run = next(contender for contender in contenders if contender.__name__ == name)
    start = time.perf_counter()
    figures = run(*(Path(text) if "/" in text else int(text) for text in texts))
    print(json.dumps({"seconds": time.perf_counter() - start} | figures))
