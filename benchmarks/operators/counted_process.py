"""The process that valgrind or qemu watches: loads a model, and runs it more often in a fork.

Run as a file, not as a module: the less it imports, the shorter the count.
"""

from __future__ import annotations

import os
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def run(model: str, first_calls: int, more_calls: int) -> None:
    """Both processes print their count when they end; the child's holds more_calls more.

    Everything before the fork is in both counts and cancels out.
    """
    interpreter = Interpreter(model, num_threads=1)
    interpreter.allocate_tensors()
    for details in interpreter.get_input_details():
        interpreter.set_tensor(details["index"], np.zeros(details["shape"], details["dtype"]))
    for _ in range(first_calls):
        interpreter.invoke()
    child = os.fork()
    if child == 0:
        for _ in range(more_calls):
            interpreter.invoke()
        # Python's and LiteRT's long good-bye is no part of an inference.
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os._exit(1 if status else 0)


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
