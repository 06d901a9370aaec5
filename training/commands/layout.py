"""`face520-train layout` and `import-layout`: which points of a face are the landmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from edge_runtime.console import out
from edge_runtime.layout import IBUG68_COUNT, LAYOUT520_PATH, Layout
from training.commands.data_options import FaceModelOption
from training.face.face_model import FACE_MODEL_PATH

PictureOption = Annotated[
    Path | None, typer.Option("--picture", metavar="PNG", help="Also draw the layout.")
]


def choose_keypoints(
    face_model: FaceModelOption = FACE_MODEL_PATH,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="JSON", help="Layout file to write.")
    ] = LAYOUT520_PATH,
    picture: PictureOption = None,
) -> None:
    """Choose the 520 keypoints: 68 iBUG landmarks and 452 spread evenly over the facial mask.

    Reports the distance to the nearest neighbour on the neutral face. Writes the layout that the
    runtime reads; every dataset and model is tied to its version.
    """
    from edge_runtime.layout import write_layout
    from training.face.face_model import FaceModel
    from training.face.position_map import PositionMapRenderer
    from training.layout.keypoints import Spacing, choose_layout, keypoints_on_neutral

    model = FaceModel.load(face_model)
    renderer = PositionMapRenderer.build(model)
    layout = choose_layout(model, renderer)
    write_layout(layout, output)
    points_cm = keypoints_on_neutral(layout, model, renderer)
    for name, chosen in (("all 520", points_cm), ("the 452 surface points", points_cm[68:])):
        spacing = Spacing.of(chosen)
        out.print(
            f"nearest neighbour of {name}: min {spacing.min_mm:.2f}, median "
            f"{spacing.median_mm:.2f}, max {spacing.max_mm:.2f} mm"
        )
    out.print(str(output), style="green")
    _draw(layout, picture)


def import_index_files(
    index_files: Annotated[
        Path, typer.Argument(metavar="INDEX_DIR", help="Folder of the index files.")
    ],
    position_maps: Annotated[
        Path,
        typer.Option("--position-maps", metavar="DIR", help="Maps of face3d or PRNet."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="JSON", help="Layout file to write.")
    ],
    picture: PictureOption = None,
) -> None:
    """Make a layout of the 520 points of arXiv:2308.15170, for maps of face3d or PRNet.

    INDEX_DIR holds PRNet's face_ind.txt (and uv_kpt_ind.txt, compared where present) and the
    paper's vertices_520_sel_from_blender.txt and vertices_68_fil_520.txt. The 68 landmarks come
    first; source_order in the file that is written tells each point's number in the paper's file.
    The maps show where on a face the points lie.
    """
    from edge_runtime.layout import has_mirror_pairs, mirror_error, write_layout
    from training.face.position_map_folder import PositionMapFolder
    from training.layout.imported_layout import import_layout
    from training.layout.index_files import IndexFiles

    files = IndexFiles.read(index_files)
    imported = import_layout(files, PositionMapFolder(position_maps))
    write_layout(imported.layout, output, source_order=files.order.tolist())
    error_percent = 100 * mirror_error(imported.layout)[IBUG68_COUNT:]
    out.print(
        f"mean face of {imported.faces} maps; mirrored, half of the surface points lie further "
        f"than {np.median(error_percent):.1f} % of the face's size from their partners"
    )
    if not has_mirror_pairs(imported.layout):
        out.print(
            "They are no mirror pairs: training on them will not mirror faces.", style="yellow"
        )
    out.print(str(output), style="green")
    _draw(imported.layout, picture)


def _draw(layout: Layout, picture: Path | None) -> None:
    from training.layout.layout_picture import draw_layout

    if picture is not None:
        draw_layout(layout, picture)
        out.print(str(picture), style="green")
