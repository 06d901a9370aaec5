"""Processor cores that a model may meet, with the source of every figure."""

from __future__ import annotations

from dataclasses import dataclass

RPI_DOC = "raspberrypi.com/documentation/computers/processors.html"
RPI5_DOC = "Raspberry Pi 5 product brief (2.4 GHz, 512 KB L2 per core, 2 MB L3, LPDDR4X-4267)"

A76_GUIDE = (
    "Arm Cortex-A76 Software Optimization Guide (PJDOC-466751330-7215); LLVM's model of its "
    "sibling, AArch64SchedNeoverseN1.td, agrees"
)


@dataclass(frozen=True)
class Sourced:
    """A figure and where it comes from."""

    value: float
    source: str


@dataclass(frozen=True)
class Core:
    """One core at its rated clock.

    int8_macs, float_macs: multiply-accumulates per cycle if every vector pipe that can is busy.
    cache_mb: the largest cache before memory (MB of 10^6 bytes). memory_gb_s: peak of the memory.
    Where sources differ the faster figure stands: the bound must stay a bound.
    """

    name: str
    board: str
    clock_ghz: Sourced
    int8_macs: Sourced
    float_macs: Sourced
    cache_mb: Sourced
    memory_gb_s: Sourced

    def macs_per_second(self, is_int8: bool) -> float:
        """Peak multiply-accumulates per second of this one core."""
        return (self.int8_macs if is_int8 else self.float_macs).value * self.clock_ghz.value * 1e9


CORES = (
    Core(
        name="Cortex-A53",
        board="Raspberry Pi 3B+",
        clock_ghz=Sourced(1.4, f"BCM2837B0, {RPI_DOC}"),
        int8_macs=Sourced(
            8, "SMLAL makes 8 products of int8; one 128-bit vector operation per cycle assumed"
        ),
        float_macs=Sourced(
            4, "FMLA makes 4 products of float32; one 128-bit vector operation per cycle assumed"
        ),
        cache_mb=Sourced(0.524, "512 KB L2, BCM2837: en.wikipedia.org/wiki/Raspberry_Pi"),
        memory_gb_s=Sourced(
            3.6, "32-bit LPDDR2 at 900 MT/s: Raspberry Pi Beginner's Guide, app. F"
        ),
    ),
    Core(
        name="Cortex-A72",
        board="Raspberry Pi 4B",
        clock_ghz=Sourced(
            1.8, "BCM2711 since 2021 (1.5 GHz before): Raspberry Pi OS release notes"
        ),
        int8_macs=Sourced(
            8,
            "SMLAL makes 8 products of int8; integer multiply runs in pipe F0 alone: "
            "Arm Cortex-A72 Software Optimization Guide (UAN 0016A), section 2",
        ),
        float_macs=Sourced(
            8,
            "FMLA makes 4 products of float32; FP multiply runs in pipes F0 and F1: "
            "Arm Cortex-A72 Software Optimization Guide (UAN 0016A), section 2",
        ),
        cache_mb=Sourced(1.049, f"1 MB L2, {RPI_DOC}"),
        memory_gb_s=Sourced(
            12.8, "32-bit LPDDR4 at 3200 MT/s; STREAM reaches 5.6: sci-pi.org.uk/bench/stream.html"
        ),
    ),
    Core(
        name="Cortex-A76",
        board="Raspberry Pi 5",
        clock_ghz=Sourced(2.4, RPI5_DOC),
        int8_macs=Sourced(
            32,
            f"SDOT makes 16 products of int8, in two 128-bit pipes: {A76_GUIDE}",
        ),
        float_macs=Sourced(
            8,
            f"FMLA makes 4 products of float32, in two 128-bit pipes: {A76_GUIDE}",
        ),
        cache_mb=Sourced(2.097, RPI5_DOC),
        memory_gb_s=Sourced(17.1, f"32-bit LPDDR4X at 4267 MT/s: {RPI5_DOC}"),
    ),
    Core(
        name="Cortex-X1",
        board="phone of 2021 (Snapdragon 888)",
        clock_ghz=Sourced(2.84, "Snapdragon 888: gizbot.com, Arm Cortex-X1 explained"),
        int8_macs=Sourced(
            64,
            "SDOT makes 16 products of int8, in four 128-bit pipes: "
            "en.wikipedia.org/wiki/ARM_Cortex-X1",
        ),
        float_macs=Sourced(
            16,
            "FMLA makes 4 products of float32, in four 128-bit pipes: "
            "en.wikipedia.org/wiki/ARM_Cortex-X1",
        ),
        cache_mb=Sourced(8.389, "up to 8 MB L3: en.wikipedia.org/wiki/ARM_Cortex-X1"),
        memory_gb_s=Sourced(
            51.2, "64-bit bus assumed, at LPDDR5's highest rate, 6400 MT/s: JESD209-5"
        ),
    ),
)
