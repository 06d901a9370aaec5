"""Image or video: told by a file's first bytes, and by its name only where those say nothing."""

from __future__ import annotations

import stat
from enum import Enum
from pathlib import Path

# What an unreadable or absent file is taken for.
IMAGE_ENDINGS = "jpg jpeg jpe jfif png webp bmp tif tiff ppm pgm pbm pnm jp2 gif heic heif hif avif"
VIDEO_ENDINGS = (
    "mp4 m4v mov qt 3gp 3g2 avi mkv webm mpg mpeg vob ts mts m2ts wmv asf flv ogv "
    "h264 264 h265 265 hevc mjpeg mjpg y4m ivf"
)
IMAGE_SUFFIXES = frozenset("." + ending for ending in IMAGE_ENDINGS.split())
VIDEO_SUFFIXES = frozenset("." + ending for ending in VIDEO_ENDINGS.split())

HEAD_BYTES = 4096
JPEG_STREAM_BYTES = 1 << 25  # a longer first picture is a photo's
JPEG_MAGIC = b"\xff\xd8\xff"
# What may follow 0xFF within the entropy-coded data: a stuffed zero, a fill byte, a restart.
JPEG_DATA = frozenset({0x00, 0xFF, *range(0xD0, 0xD8)})
IMAGE_MAGICS = (
    JPEG_MAGIC,
    b"\x89PNG\r\n\x1a\n",
    b"BM",
    b"GIF87a",
    b"GIF89a",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"P1",
    b"P2",
    b"P3",
    b"P4",
    b"P5",
    b"P6",
)
TIFF_MAGICS = (b"II*\0", b"MM\0*")
VIDEO_MAGICS = (
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"FLV\x01",
    b"OggS",
    b"0&\xb2u\x8ef\xcf\x11",  # ASF, WMV
    b"\0\0\x01\xba",  # MPEG program stream, VOB
    b"\0\0\x01\xb3",  # MPEG-1 and 2 video
    b"YUV4MPEG2 ",
    b"DKIF",
)
# Brands of ISO base media files (ISO/IEC 14496-12) that hold pictures, not films.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AVIF_BRANDS = (b"avif", b"avis")
QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
TS_PACKETS = ((0, 188), (4, 192))  # offset of the sync byte 0x47, and the packet's length
# First units of H.264 (SEI, SPS, access unit delimiter) and of HEVC (VPS, SPS, PPS, AUD, SEI).
H264_UNITS, HEVC_UNITS = frozenset({6, 7, 9}), frozenset({32, 33, 34, 35, 39})


class FileKind(Enum):
    """What face520-run does with a file."""

    IMAGE = "image"
    VIDEO = "video"


def why_no_file(path: Path) -> str | None:
    """What is wrong with a path that is no ordinary file, and what to do; None for a file."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return f"{path}: no such file. Check the spelling of the path."
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror}). Check the path and its permissions."
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return f"{path}: a folder, not an image. Give a file in it."
    # Nobody may ever write into a pipe: opening it could wait forever.
    return f"{path}: a pipe or a device, not a file. Save what comes out of it and give that file."


def kind_of(path: Path) -> FileKind | None:
    """The kind of a file; None for another one, and for folders.

    What is absent or cannot be read, and content that says nothing, is judged by the name.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return None if stat.S_ISDIR(mode) else kind_by_name(path)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if head.startswith(JPEG_MAGIC):
                is_video = _is_jpeg_stream(head + file.read(JPEG_STREAM_BYTES))
                return FileKind.VIDEO if is_video else FileKind.IMAGE
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return kind_by_name(path)
    # Cameras' raw files (DNG, CR2, NEF) are TIFFs too, with a thumbnail as the first picture.
    if head.startswith(TIFF_MAGICS):
        return kind_by_name(path)
    return kind_by_content(head) or kind_by_name(path)


def kind_by_name(path: Path) -> FileKind | None:
    """What the name's ending says."""
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return FileKind.IMAGE
    return FileKind.VIDEO if suffix in VIDEO_SUFFIXES else None


def kind_by_content(head: bytes) -> FileKind | None:
    """What the first bytes of a file say."""
    if head.startswith(IMAGE_MAGICS) or is_heic(head) or is_avif(head):
        # Two letters are a thin sign: text may begin with them.
        return None if head.startswith((b"BM", b"P")) and head.isascii() else FileKind.IMAGE
    if head[:4] == b"RIFF":
        kinds = {b"WEBP": FileKind.IMAGE, b"AVI ": FileKind.VIDEO}
        return kinds.get(head[8:12])
    is_iso = head[4:8] == b"ftyp" or head[4:8] in QUICKTIME_BOXES
    is_video = is_iso or head.startswith(VIDEO_MAGICS) or _is_raw_video(head)
    return FileKind.VIDEO if is_video or _is_transport_stream(head) else None


def is_heic(head: bytes) -> bool:
    """Whether a file that begins so is a HEIC picture."""
    return head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS and not is_avif(head)


def is_avif(head: bytes) -> bool:
    """Whether a file that begins so is an AVIF picture."""
    brands = head[8 : int.from_bytes(head[:4], "big")] if head[4:8] == b"ftyp" else b""
    return any(brands[at : at + 4] in AVIF_BRANDS for at in range(0, len(brands), 4))


def is_raw_stream(path: Path) -> bool:
    """Whether a video has neither header nor times: bare H.264, HEVC or Motion JPEG."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return head.startswith(JPEG_MAGIC) or _is_raw_video(head)


def _is_raw_video(head: bytes) -> bool:
    """H.264 or HEVC in the byte stream format (ITU-T H.264, annex B), as rpicam-vid writes it."""
    start = head.find(b"\0\0\x01", 0, 5)
    if start < 0 or head[:start].strip(b"\0") or len(head) < start + 5:
        return False
    first, second = head[start + 3], head[start + 4]
    is_h264 = first < 0x80 and first & 0x1F in H264_UNITS
    is_hevc = first < 0x80 and first >> 1 in HEVC_UNITS and not first & 1 and second == 1
    return is_h264 or is_hevc


def _is_transport_stream(head: bytes) -> bool:
    return any(
        len(head) > offset + 3 * length and head[offset : offset + 4 * length : length] == b"GGGG"
        for offset, length in TS_PACKETS
    )


def _is_jpeg_stream(content: bytes) -> bool:
    """Whether a second picture of the same size follows at once, as in rpicam-vid's MJPEG.

    Phones, too, hang pictures to a photo (a gain map, the other eye's view), but announce them in
    it (CIPA DC-007, multi-picture format).
    """
    end = jpeg_end(content)
    if end is None or content[end : end + 3] != JPEG_MAGIC or b"MPF\0" in content[:end]:
        return False
    return jpeg_size(content) == jpeg_size(content[end:])


def jpeg_end(content: bytes) -> int | None:
    """Where the first JPEG in the content ends; None where it does not."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:  # entropy-coded data until a marker that is none of its own
            at = content.find(b"\xff", at)
            while 0 <= at < len(content) - 1 and content[at + 1] in JPEG_DATA:
                at = content.find(b"\xff", at + 1)
            if at < 0:
                return None
        elif marker == 0xFF:
            return None
    return at + 2 if content[at : at + 2] == b"\xff\xd9" else None


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height in a JPEG's header; 0, 0 where there is none."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        # Start-of-frame segments hold the size; C4, C8 and CC are tables (ITU T.81, table B.1).
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(content[at + 5 : at + 7], "big")
            return int.from_bytes(content[at + 7 : at + 9], "big"), height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0, 0
