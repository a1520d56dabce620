"""What every test rests on."""

from __future__ import annotations

import os

# before numpy and the runtime are imported: tests fork jobs, which needs a process without threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from hypothesis import settings

settings.register_profile("scalpel", deadline=None)  # machines are shared: a slow example is no failure
settings.load_profile("scalpel")
