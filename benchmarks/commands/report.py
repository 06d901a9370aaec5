"""`face520-bench report`, `report merge`, `report schema`"""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.commands.console import (
    Cores,
    Html,
    InstructionSet,
    Json,
    Markdown,
    Outputs,
    Threads,
    counts,
    duration_seconds,
    print_step,
    thread_counts,
)
from benchmarks.devices.adb_app import AdbApp
from benchmarks.devices.adb_device import AdbDevice
from benchmarks.devices.ssh_device import SshDevice
from benchmarks.full_measurement import Plan, default_models, measure_all
from benchmarks.model_file import ModelFile
from benchmarks.operators.arm_count import ArmRecord
from benchmarks.report.arm_table import arm_table
from benchmarks.report.device_table import device_table
from benchmarks.report.record import Report, report_schema
from edge_runtime.atomic_file import write_whole
from edge_runtime.console import complain, out
from edge_runtime.network.bundled_model import MODELS_FOLDER

HELP = """
Measure everything and write one report: HTML, JSON and Markdown.

Latency of all released models and MediaPipe's, ratios, pipeline stages, memory, operators, a
sustained run, and accuracy if a folder is given; under five minutes. The HTML is one file without
network or scripts. What could not be measured is listed with the reason.

--publish adds the rows that may be published, after MLPerf's rules: each model alone for 60 s,
twice, others in between, its 90th percentile, and in the same row the accuracy of the same file
(--accuracy). A device with a temperature sensor rests before each run until it is as cool as at
first. What stands against a row it says itself: runs that differ by more than 5 percent, other
programs, throttling, a run that was too short, an accuracy that nobody measured.

\b
Examples:
  face520-bench report --html report.html --json report.json
  face520-bench report --accuracy AFLW2000/ --sustain 10m --html report.html
  face520-bench report --accuracy AFLW2000/ --publish --markdown report.md
  face520-bench report --instruction-set avx2 --name "Xeon" --json avx2.json
  face520-bench report --ssh pi@raspberrypi.local --json pi4.json
  face520-bench report --adb --benchmark-model ./benchmark_model --json phone.json
  face520-bench report --adb --app build/android/face520-demo.apk --json phone.json
  face520-bench report merge laptop.json pi4.json phone.json
  face520-bench report merge pi4.json --arm arm.json
  face520-bench report schema

\b
Exit codes:
  0  measured and written
  2  nothing measured: no interpreter, no such model, device absent or lost, or bad options
"""

app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)


@app.callback(help=HELP)
def run(
    context: typer.Context,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="Only these; may be given several times."),
    ] = None,
    runtime: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Interpreters; the first installed if not given."),
    ] = None,
    threads: Threads = "1,2,4",
    cores: Cores = "",
    accuracy: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", exists=True, file_okay=False, help="Folder in AFLW2000-3D's format."
        ),
    ] = None,
    sustain: Annotated[
        str, typer.Option(metavar="TIME", help="Length of the sustained run; 0 for none.")
    ] = "20s",
    compare_seconds: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Per comparison.")
    ] = 10.0,
    instruction_set: InstructionSet = "",
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Rows after MLPerf's rules too: twice 60 s a model."),
    ] = False,
    name: Annotated[str, typer.Option(metavar="NAME", help="What tables call this device.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of the samples.")] = False,
    ssh: Annotated[str, typer.Option(metavar="USER@HOST", help="Measure there.")] = "",
    remote_python: Annotated[
        str, typer.Option(metavar="NAME", help="Python on the ssh device.")
    ] = "python3",
    adb: Annotated[bool, typer.Option("--adb", help="Measure on an Android phone.")] = False,
    serial: Annotated[
        str, typer.Option(metavar="SERIAL", help="Of the phone, if several are connected.")
    ] = "",
    benchmark_model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TFLite's benchmark_model, built for the phone."),
    ] = None,
    app_apk: Annotated[
        Path | None,
        typer.Option("--app", metavar="APK", help="Run the demo app's own benchmark instead."),
    ] = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    if context.invoked_subcommand:
        return
    outputs = Outputs(json, html, markdown)
    if not outputs.paths:
        raise typer.BadParameter("Nothing to write to. Give --html, --json or --markdown FILE.")
    if ssh and adb:
        raise typer.BadParameter("Give --ssh or --adb, not both.")
    if not adb and (serial or benchmark_model or app_apk):
        raise typer.BadParameter("--serial, --benchmark-model and --app go with --adb.")
    if adb and (publish or accuracy or instruction_set):
        raise typer.BadParameter(
            "--adb takes none of --publish, --accuracy, --instruction-set: it gives times alone."
        )
    plan = Plan(
        models=tuple(model or ()),
        threads=thread_counts(threads, "--threads"),
        runtimes=tuple(runtime or ()),
        compare_seconds=compare_seconds,
        sustain_seconds=duration_seconds(sustain, "--sustain"),
        accuracy_folder=accuracy,
        cores=counts(cores, "--cores"),
        device_name=name,
        instruction_set=instruction_set,
        published=publish,
        quick=quick,
    )
    if adb:
        files = [ModelFile.find(one) for one in plan.models] or default_models()
        if app_apk is not None:
            app = AdbApp(app_apk, serial)
            names = _held_by_app(files, was_named=bool(plan.models))
            report = app.measure(names, plan.threads, plan.sustain_seconds, print_step)
        elif benchmark_model is not None:
            report = AdbDevice(benchmark_model, serial).measure(files, plan.threads, print_step)
        else:
            raise typer.BadParameter(
                "--adb needs --benchmark-model FILE, built for the phone, or --app APK."
            )
    elif ssh:
        report = SshDevice(ssh, remote_python).measure(plan, print_step)
    else:
        report = measure_all(plan, print_step)
    if not report.device.is_quiet:
        complain("The machine was not known to be quiet when this began: not figures to publish.")
    outputs.write(report)


def _held_by_app(files: list[ModelFile], was_named: bool) -> list[str]:
    """Names of the files that the app holds, the released ones; one that was asked for must be."""
    others = [one for one in files if one.path.resolve().parent != MODELS_FOLDER]
    if was_named and others:
        raise typer.BadParameter(
            f"{others[0].name}: the app holds face520's released models alone. "
            "Give --benchmark-model FILE instead of --app to measure other files."
        )
    return [one.path.name for one in files if one not in others]


@app.command(short_help="Put reports of several devices into one table.")
def merge(
    reports: Annotated[
        list[Path], typer.Argument(metavar="JSON...", help="Written by report --json.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of printing.")
    ] = None,
    arm: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help="Written by arm --json."),
    ] = None,
) -> None:
    """Put reports of several devices into one Markdown table, a row for each device and model.

    --arm adds a table of times on ARM boards, with what a device of the reports took beside them.
    """
    read = [Report.read(path) for path in reports]
    merged = device_table(read)
    if arm:
        merged += "\n" + arm_table(ArmRecord.read(arm), read)
    if output:
        write_whole(output, merged.encode())
    else:
        out.print(merged, end="")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a report."""
    out.print(json_text.dumps(report_schema(), indent=2))
