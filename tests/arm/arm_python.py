"""A pytest plugin for tests under qemu: programs that tests start run under it as well."""

import os
import sys

# sys.executable is the ARM interpreter, which the host cannot start; the wrapper can.
if "FACE520_ARM_PYTHON" in os.environ:
    sys.executable = os.environ["FACE520_ARM_PYTHON"]
