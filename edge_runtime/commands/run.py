"""`face520-run`: its options become sources, outputs and the options of a landmarker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from edge_runtime import __version__
from edge_runtime.commands.outputs import RESULT_FOLDER, RunOutputs
from edge_runtime.commands.run_command import run_all
from edge_runtime.commands.sources import RunSources, camera_video, raw_video, sources_of_files
from edge_runtime.commands.video_run import LiveOutputs
from edge_runtime.console import Reporter
from edge_runtime.detection.detector import FaceDetector
from edge_runtime.detection.detector_choice import Detector
from edge_runtime.detection.far_search import SMALLEST_FACE_PX
from edge_runtime.detection.given_box import GivenBox
from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import (
    MIN_SMALLEST_FACE_PX,
    MOST_THREADS,
    FaceLandmarkerOptions,
)
from edge_runtime.live_page.page_address import DEFAULT_HOST, DEFAULT_PORT, PageAddress
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.bundled_model import bundled_models, faster_model, model_file
from edge_runtime.network.interpreter import default_num_threads
from edge_runtime.photos import DEMO_PHOTO
from edge_runtime.tracking.face_tracker import TrackingOptions
from edge_runtime.tracking.one_euro import Smoothing
from edge_runtime.wires.udp_wire import HostPort

STDOUT = "-"
DEMO_ZOOM = 2

HELP = """
Find the faces in photos, videos and camera pictures, and write 520 landmarks of each.

Every photo gets PHOTO_face520.jpg, the photo with the landmarks drawn on it, and PHOTO.json, the
landmarks with head pose and visibility. Every video gets VIDEO_face520.mp4 and VIDEO.jsonl, a line
of JSON a frame. What a file is, its content says, not its name. Folders are searched for photos
with their subfolders. Files of the same name get different results: x.jpg and x.png become x_jpg
and x_png. A face counts, in photos and videos alike, where the model's presence is at least
--min-presence. Faces from 20 px of width on are looked for, near ones first; in a video the small
ones a part of the picture a frame, so that they are found within some seconds, and as soon as there
are --max-faces, nothing is searched: with --max-faces 1 a face costs no search. HEIC, AVIF and GIF
need: pip install 'face520[heic]'; videos with sound and each frame's own time need: pip install
'face520[video]'.

Of the model main two files come along, and the one that this processor runs faster is taken:
main_float16 on x86 with AVX or AVX2 and neither AVX-512 nor AVX-VNNI, main_int8 everywhere else.
What was taken is printed first and stands in the JSON; --model takes another.

\b
Photos:
  face520-run photo.jpg
  face520-run photo.jpg holiday/ --output results --style mesh
  face520-run portraits/ --style none --csv      numbers only
  face520-run face.png --ply                     a mesh for Blender or MeshLab
  face520-run --demo                             the photo that comes with face520

\b
Videos and cameras (Ctrl-C ends the run and finishes the files):
  face520-run --camera 0 --show                  a webcam, or the Raspberry Pi's camera
  face520-run --camera 0 --output desk.mp4
  face520-run --camera 0 --blinks --show         counts blinks and yawns, says PERCLOS
  face520-run --camera 0 --serve                 a web page (pip install 'face520[serve]')
  face520-run --camera 0 --serve --host 0.0.0.0  for every browser that has the printed link
  face520-run --camera 0 --osc 192.168.1.7:39540 moves an avatar (VMC; pip install 'face520[osc]')
  face520-run --camera 0 --udp 127.0.0.1:9520    JSON to another program, a datagram a frame
  face520-run clip.mp4 --output overlay.mp4 --style contours
  face520-run clip.mp4 --json -                  a line of JSON a frame on standard output
  face520-run frames/ --sequence --fps 25        a folder of photos as one video
  ffmpeg -i clip.mp4 -f rawvideo -pix_fmt bgr24 - | face520-run --raw 640x480:bgr24 --json -

\b
Exit codes:
  0  every file was read, and at least one face found (a photo without one is named)
  1  some files could not be read or written; the others are done
  2  nothing could be done: bad options or model, no readable file, no face in any
"""


def run(
    photos: Annotated[
        Optional[list[Path]],  # noqa: UP045 - typer evaluates this on Python 3.10 as well
        typer.Argument(metavar="FILE...", help="Image and video files, or folders of images."),
    ] = None,
    camera: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="N|pi|DEVICE",
            help="A camera: number, `pi` for the Raspberry Pi's own, a device or an address.",
        ),
    ] = None,
    raw: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="WxH[:FORMAT]", help="Raw frames from standard input."),
    ] = None,
    sequence: Annotated[
        bool, typer.Option("--sequence", help="Take the images for frames of one video.")
    ] = False,
    fps: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            min=0, max=1000, help="Frames a second of --sequence, --raw, --camera, bare H.264."
        ),
    ] = None,
    size: Annotated[
        str, typer.Option(metavar="WxH", help="Picture size to ask of the camera.")
    ] = "640x480",
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output",
            "-o",
            metavar="DIR|FILE",
            help="Folder for the results, or the file of a single video.",
            show_default=RESULT_FOLDER.name,
        ),
    ] = None,
    style: Annotated[Style, typer.Option(help="What to draw.")] = Style.POINTS,
    zoom: Annotated[
        int, typer.Option(min=1, max=8, help="Enlarge drawn photos this often, for small faces.")
    ] = 1,
    show: Annotated[bool, typer.Option("--show", help="Show the video in a window.")] = False,
    json: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="-|FILE",
            help="Write JSON to standard output, a line a photo or frame, or a video's to FILE.",
            show_default="beside the other results",
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show the video in a web page; its link is printed.")
    ] = False,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where --serve listens; 0.0.0.0 lets others in who have the link.",
        ),
    ] = DEFAULT_HOST,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of --serve; 0 takes a free one.")
    ] = DEFAULT_PORT,
    token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            envvar="FACE520_TOKEN",
            help="What the link of --serve holds beyond this machine.",
            show_default="a new one each time",
        ),
    ] = None,
    osc: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="HOST:PORT",
            help="Send blendshapes and head pose of a video in the VMC protocol, for avatars.",
        ),
    ] = None,
    udp: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="HOST:PORT", help="Send a video's JSON, a datagram a frame."),
    ] = None,
    udp_points: Annotated[
        bool, typer.Option("--udp-points", help="With the 520 points of each face in --udp.")
    ] = False,
    no_json: Annotated[bool, typer.Option("--no-json", help="Write no JSON.")] = False,
    csv: Annotated[
        bool,
        typer.Option("--csv", help="Write PHOTO.csv, a row per landmark, and PHOTO.faces.csv."),
    ] = False,
    npz: Annotated[bool, typer.Option("--npz", help="Write PHOTO.npz, NumPy arrays.")] = False,
    obj: Annotated[
        bool, typer.Option("--obj", help="Write PHOTO.obj, a mesh per face that wears the photo.")
    ] = False,
    ply: Annotated[bool, typer.Option("--ply", help="Write PHOTO.ply, a coloured mesh.")] = False,
    smoothing: Annotated[
        Smoothing, typer.Option(help="Calm the landmarks of a video over time.")
    ] = Smoothing.SOFT,
    blinks: Annotated[
        bool,
        typer.Option("--blinks", help="Count the blinks and yawns of a video, and closed eyes."),
    ] = False,
    every_frame: Annotated[
        bool, typer.Option("--every-frame", help="Drop no frames of a camera; may lag behind.")
    ] = False,
    max_frames: Annotated[
        int, typer.Option(min=0, help="Stop after this many frames; 0 never stops.")
    ] = 0,
    model: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="FILE|NAME",
            show_default="the faster of main's here",
            help="A .tflite file of face520-convert, or one that comes along: "
            + ", ".join(bundled_models()),
        ),
    ] = None,
    threads: Annotated[
        int,
        typer.Option(
            min=0, max=MOST_THREADS, help="Threads per inference; 0 uses all cores up to four."
        ),
    ] = 1,
    max_faces: Annotated[int, typer.Option(min=1, help="Keep this many faces per picture.")] = 10,
    smallest_face: Annotated[
        float,
        typer.Option(
            metavar="PX",
            min=MIN_SMALLEST_FACE_PX,
            help="Look for faces from this width on; twice the width takes a quarter of the time.",
        ),
    ] = SMALLEST_FACE_PX,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, help="Ignore detections less sure than this.")
    ] = 0.5,
    min_presence: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Leave out faces, in photos and videos, that the model is less sure of than this.",
        ),
    ] = 0.5,
    detector: Annotated[
        Detector, typer.Option(help="What finds faces; blazeface comes with face520.")
    ] = Detector.BLAZEFACE,
    box: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="L,T,R,B", help="Where the face is, px; nothing is searched."),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Run on the photo of face520.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    reporter = Reporter(stdout_is_taken=json == STDOUT)
    if show_version:
        reporter.say(f"face520 {__version__}")
        raise typer.Exit
    texts = {"camera": camera, "raw": raw, "json": json, "box": box, "osc": osc, "udp": udp}
    texts["model"] = model
    for name, value in texts.items():
        if value == "":
            raise Face520Error(f"--{name} is empty. Give it a value, or leave it out.")
    if udp_points and udp is None:
        raise Face520Error("--udp-points says what --udp sends. Give --udp HOST:PORT too.")
    outputs = RunOutputs(
        output=output,
        style=style,
        zoom=max(zoom, DEMO_ZOOM) if demo else zoom,
        live=LiveOutputs(
            show=show,
            page=PageAddress.of(host, port, token) if serve else None,
            osc=HostPort.parse(osc, "--osc") if osc else None,
            udp=HostPort.parse(udp, "--udp") if udp else None,
            udp_points=udp_points,
        ),
        json=json is None and not no_json,
        json_stream=json == STDOUT,
        json_file=None if json is None or json == STDOUT else Path(json),
        csv=csv,
        npz=npz,
        obj=obj,
        ply=ply,
    )
    files = [*(photos or []), *[DEMO_PHOTO] * demo]
    if (camera is not None) + (raw is not None) + bool(files) > 1:
        raise Face520Error("Give either files, or --camera, or --raw.")
    _check_inputs_survive(files, outputs)
    if camera is not None:
        sources = RunSources([], [camera_video(camera, size, fps)])
    elif raw is not None:
        sources = RunSources([], [raw_video(raw, fps)])
    else:
        sources = sources_of_files(files, fps, sequence, outputs.folder)
    sources = replace(sources, every_frame=every_frame, max_frames=max_frames or None)
    outputs.check(sources)
    options = FaceLandmarkerOptions(
        faster_model() if model is None else model_file(model),
        detector=_detector(detector, box, min_score, threads),
        num_threads=threads,
        max_faces=max_faces,
        smallest_face_px=smallest_face,
        min_detection_score=min_score,
        min_presence=min_presence,
        tracking=TrackingOptions(smoothing=smoothing, count_blinks=blinks),
    )
    raise typer.Exit(run_all(sources, outputs, options, reporter))


def _check_inputs_survive(files: list[Path], outputs: RunOutputs) -> None:
    for target in (outputs.output, outputs.json_file):
        if target is not None and target.is_file() and any(map(target.samefile, _there(files))):
            raise Face520Error(f"{target}: the result would replace the input. Name another file.")


def _there(files: list[Path]) -> list[Path]:
    return [path for path in files if path.exists()]


def _detector(choice: Detector, box: str | None, min_score: float, threads: int) -> FaceDetector:
    if box is not None:
        return GivenBox.parse(box)
    with stderr_of_libraries_closed():
        return choice.open(min_score, threads or default_num_threads())
