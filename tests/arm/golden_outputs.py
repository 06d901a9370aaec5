"""What the released model answers, bit for bit, on this machine and on ARM.

Needs numpy and one interpreter, no OpenCV, so that it runs on 32-bit ARM as well. check exits 1 if
anything differs from golden_outputs.npz, which holds what x86 answers:

    python tests/arm/golden_outputs.py check ai_edge_litert

After a new model is released, write the answers anew (with LiteRT on x86):

    python tests/arm/golden_outputs.py write

The reference kernels of tflite-runtime differ from LiteRT's; tests/arm/run.sh has x86's answers
written to a file of its own and compares ARM's with them:

    python tests/arm/golden_outputs.py write-reference FILE
    python tests/arm/golden_outputs.py check-reference FILE
"""

from __future__ import annotations

import importlib
import platform
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "edge_runtime" / "models" / "face520_main_int8.tflite"
GOLDEN = Path(__file__).with_name("golden_outputs.npz")

# LiteRT runs int8 in XNNPACK, which rounds alike everywhere. tflite-runtime has its own kernels:
# the integers agree with x86's, but the last, float operation may round differently by one bit. An
# integer that differs would show as a step of the output, about 0.009. On x86 tflite-runtime 2.14
# itself rounds some sums otherwise than LiteRT's kernels do: by up to two steps.
FLOAT_ROUNDING = 1e-5
X86_STEPS = 2
LANDMARKS = 520 * 3  # the largest output, and so the first
# Behind them stand probabilities, 1 / 256 apart. Their logits are 1 / 16 apart, and a sigmoid is at
# most a quarter as steep.
LOGIT_STEP, PROBABILITY_STEP = 1 / 16, 1 / 256


def inputs(size_px: int) -> np.ndarray:
    """Six images (6, S, S, 3) uint8: smooth blobs, noise and blanks; the same on every machine."""
    rng = np.random.default_rng(520)
    noise = rng.integers(0, 256, (2, size_px, size_px, 3), dtype=np.uint8)
    y, x = np.mgrid[:size_px, :size_px]
    blobs = [
        np.stack([(x * a + y * b + x * y // c) % 256 for c in (9, 14, 23)], axis=-1)
        for a, b in ((1, 2), (3, 1))
    ]
    blanks = [np.full((size_px, size_px, 3), level) for level in (0, 200)]
    return np.concatenate([noise, np.array(blobs + blanks, np.uint8)])


def run(interpreter) -> np.ndarray:
    """All outputs (6, N) of an interpreter, as stored in its tensors."""
    interpreter.allocate_tensors()
    (entry,) = interpreter.get_input_details()
    answers = []
    for image in inputs(int(entry["shape"][1])):
        # As the network takes pixels; exact in float32, and never halfway between two integers of
        # its input, where one kernel rounds up and another down. Integers where the input is one.
        values = (image.astype(np.float32) - 127.5) / 128
        if entry["dtype"] == np.int8:
            values = (image.astype(np.int16) - 128).astype(np.int8)
        interpreter.set_tensor(entry["index"], values[None].astype(entry["dtype"]))
        interpreter.invoke()
        outputs = sorted(interpreter.get_output_details(), key=lambda one: -np.prod(one["shape"]))
        tensors = [interpreter.get_tensor(one["index"]).reshape(-1) for one in outputs]
        answers.append(np.concatenate(tensors))
    return np.array(answers)


def answers_of(module: str, resolver: str = "AUTO") -> np.ndarray:
    """What an interpreter with one of its sets of kernels answers on this machine."""
    runtime = importlib.import_module(f"{module}.interpreter")
    kernels = getattr(runtime.OpResolverType, resolver)
    return run(
        runtime.Interpreter(
            model_path=str(MODEL), num_threads=1, experimental_op_resolver_type=kernels
        )
    )


def difference(found: np.ndarray, expected: np.ndarray, rounding: np.ndarray | float = 0.0) -> str:
    """Empty where both agree, in every bit unless rounding is given; else what differs.

    rounding: how far values (N,) may be apart.
    """
    if found.shape != expected.shape:
        return f"outputs of shape {found.shape}, stored are {expected.shape}: write them anew"
    if found.tobytes() == expected.tobytes():
        return ""
    apart = np.abs(found.astype(float) - expected)
    if (apart <= rounding).all():
        return ""
    far = float((apart - rounding).max())
    share = (found != expected).mean()
    return (
        f"{share:.2%} of the values differ, by up to {far:.4g} more than allowed; "
        "write them anew for a new model"
    )


def check(module: str) -> str:
    """Compare an interpreter with the stored answers, as `difference` does."""
    stored = np.load(GOLDEN)[module]
    if module != "tflite_runtime":
        return difference(answers_of(module), stored)
    steps = X86_STEPS if platform.machine() == "x86_64" else 0
    allowed = np.full(stored.shape[1], steps * (LOGIT_STEP / 4 + PROBABILITY_STEP))
    allowed[:LANDMARKS] = steps * output_step(stored)
    return difference(answers_of(module), stored, allowed + FLOAT_ROUNDING)


def output_step(answers: np.ndarray) -> float:
    """What two neighbouring integers of the landmarks are apart."""
    return float(np.diff(np.unique(answers[:, :LANDMARKS])).min())


def main() -> int:
    """Write or check; returns the exit code."""
    action, name = (*sys.argv[1:], "")[:2]
    if action == "write":
        kernels = {"ai_edge_litert": "AUTO", "tflite_runtime": "BUILTIN_WITHOUT_DEFAULT_DELEGATES"}
        stored = {name: answers_of("ai_edge_litert", used) for name, used in kernels.items()}
        np.savez_compressed(GOLDEN, **stored)
        return 0
    if action == "write-reference":
        np.save(name, answers_of("tflite_runtime", "BUILTIN_REF"))
        return 0
    if action == "check":
        problem, what = check(name), name
    else:
        found = answers_of("tflite_runtime", "BUILTIN_REF")
        problem, what = difference(found, np.load(name)), "tflite_runtime, reference kernels"
    print(f"{what}: {problem or 'as stored'}")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
