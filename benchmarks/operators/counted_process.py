"""The process that valgrind or qemu watches: loads models, and runs each more often in a fork.

Run as a file, not as a module: the less it imports, the shorter the count.
"""

from __future__ import annotations

import os
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def run(first_calls: int, more_calls: int, models: list[str]) -> None:
    """For each model two processes print their count when they end; the second holds more_calls.

    Everything before the fork is in both counts and cancels out, and so does the fork.
    """
    for model in models:
        interpreter = Interpreter(model, num_threads=1)
        interpreter.allocate_tensors()
        for details in interpreter.get_input_details():
            interpreter.set_tensor(details["index"], np.zeros(details["shape"], details["dtype"]))
        for _ in range(first_calls):
            interpreter.invoke()
        for calls in (0, more_calls):
            child = os.fork()
            if child == 0:
                for _ in range(calls):
                    interpreter.invoke()
                # Python's and LiteRT's long good-bye is no part of an inference.
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if status:
                os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
