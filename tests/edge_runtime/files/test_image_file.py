import os
import struct
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageReadError, read_image
from edge_runtime.image_file import to_rgb

# One colour per quarter, left to right and top to bottom: red, green, blue, white.
QUARTERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
PICTURE = QUARTERS.repeat(32, axis=0).repeat(32, axis=1)
PICTURE_BGR = np.ascontiguousarray(PICTURE[:, :, ::-1])


def quarters(image: np.ndarray) -> np.ndarray:
    """Colours (2, 2, 3) in the middle of each quarter."""
    height, width = image.shape[:2]
    return image[height // 4 :: height // 2, width // 4 :: width // 2].astype(int)


def write(path: Path, pixels: np.ndarray, *options: int) -> Path:
    done, encoded = cv2.imencode(path.suffix, pixels, options)
    assert done
    path.write_bytes(encoded.tobytes())
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff", ".ppm"])
def test_formats(tmp_path, suffix):
    image = read_image(write(tmp_path / f"a{suffix}", PICTURE_BGR))
    assert image.dtype == np.uint8 and image.shape == (64, 64, 3)
    np.testing.assert_allclose(quarters(image), QUARTERS, atol=12)


def test_paths_beyond_ascii_and_without_suffix(tmp_path):
    path = write(tmp_path / "a.png", PICTURE_BGR).rename(tmp_path / "Gesicht \u00e9 \u9854 [1]")
    assert read_image(str(path)).shape == (64, 64, 3)


def test_grey(tmp_path):
    image = read_image(write(tmp_path / "a.png", np.full((5, 7), 90, np.uint8)))
    assert image.shape == (5, 7, 3) and (image == 90).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit(tmp_path, channels):
    deep = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    if channels == 3:
        deep = np.stack([deep] * 3, axis=-1)
    image = read_image(write(tmp_path / "a.png", deep))
    np.testing.assert_array_equal(image[:, :, 1], np.arange(256).reshape(16, 16))


def test_float_is_zero_to_one():
    pixels = np.array([[[0, 0.5, 1]], [[-1, 2, np.nan]]], np.float32)
    assert to_rgb(pixels).tolist() == [[[255, 128, 0]], [[0, 255, 0]]]


def test_transparent_pixels_lie_on_white(tmp_path):
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, :, 3] = 255
    pixels[1, 0, 3] = 128
    image = read_image(write(tmp_path / "a.png", pixels))
    assert image[:, :, 0].tolist() == [[0, 0], [127, 255]]


TURNED = {
    1: QUARTERS,
    2: QUARTERS[:, ::-1],
    3: QUARTERS[::-1, ::-1],
    4: QUARTERS[::-1],
    5: QUARTERS.transpose(1, 0, 2),
    6: np.rot90(QUARTERS, -1),
    7: QUARTERS.transpose(1, 0, 2)[::-1, ::-1],
    8: np.rot90(QUARTERS),
}


def with_orientation(pillow, path: Path, orientation: int, mode: str, **options) -> Path:
    """The picture in a file that says how it was taken."""
    exif = pillow.Exif()
    exif[0x0112] = orientation
    pillow.fromarray(PICTURE).convert(mode).save(path, exif=exif, **options)
    return path


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize(
    ("ending", "mode"),
    [
        ("jpg", "RGB"),
        ("png", "RGB"),
        ("png", "RGBA"),
        ("webp", "RGB"),
        ("webp", "RGBA"),
        ("tif", "RGB"),
        ("tif", "RGBA"),
        ("avif", "RGB"),
    ],
)
def test_exif_orientation(tmp_path, orientation, ending, mode):
    """The same in every OpenCV, whatever it turns by itself."""
    pillow = pytest.importorskip("PIL.Image")
    path = tmp_path / f"a.{ending}"
    with_orientation(pillow, path, orientation, mode, quality=95)
    np.testing.assert_allclose(quarters(read_image(path)), TURNED[orientation], atol=40)


def test_exif_orientation_of_grey_tiffs_and_of_the_other_byte_order(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    grey = with_orientation(pillow, tmp_path / "a.tif", 6, "L")
    expected = cv2.cvtColor(TURNED[6].astype(np.uint8), cv2.COLOR_RGB2GRAY)
    assert np.abs(quarters(read_image(grey))[:, :, 0] - expected).max() <= 1
    path = write(tmp_path / "a.jpg", PICTURE_BGR, cv2.IMWRITE_JPEG_QUALITY, 95)
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
    segment = b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff
    encoded = path.read_bytes()
    path.write_bytes(encoded[:2] + segment + encoded[2:])
    np.testing.assert_allclose(quarters(read_image(path)), TURNED[6], atol=12)


@pytest.mark.parametrize("ending", ["heic", "avif", "gif"])
def test_pictures_that_take_pillow(tmp_path, monkeypatch, ending):
    pillow = pytest.importorskip("PIL.Image")
    pytest.importorskip("pillow_heif").register_heif_opener()
    path = tmp_path / f"a.{ending}"
    pillow.fromarray(PICTURE).save(path)
    np.testing.assert_allclose(quarters(read_image(path)), QUARTERS, atol=40)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ImageReadError, match="not an image, or a damaged one"):
        read_image(path)


@pytest.mark.parametrize("ending", ["heic", "avif", "gif"])
def test_without_pillow_the_format_and_the_remedy_are_named(tmp_path, monkeypatch, ending):
    pillow = pytest.importorskip("PIL.Image")
    pytest.importorskip("pillow_heif").register_heif_opener()
    path = tmp_path / f"a.{ending}"
    pillow.fromarray(PICTURE).save(path)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setattr(cv2, "imdecode", lambda *arguments: None)  # as OpenCV before 4.12
    with pytest.raises(ImageReadError, match=f"a {ending.upper()} picture.*face520"):
        read_image(path)


@pytest.mark.parametrize(
    ("dtype", "white"),
    [("f4", 1), ("f4", 255), ("f4", 65535), ("i4", 255), ("i4", 65535), ("f8", 1), ("f8", 255)],
)
def test_wide_tiffs(tmp_path, dtype, white):
    """Programs write floats from 0 to 1 and from 0 to 255, and small numbers into 32 bits."""
    grey = np.linspace(0, white, 256).reshape(16, 16).astype(dtype)
    image = read_image(write(tmp_path / "a.tif", grey))
    assert np.abs(image[:, :, 1].astype(int) - np.arange(256).reshape(16, 16)).max() <= 1


def test_a_cameras_raw_file_is_no_thumbnail(tmp_path):
    path = write(tmp_path / "a.tif", PICTURE_BGR).rename(tmp_path / "a.dng")
    with pytest.raises(ImageReadError, match="raw file"):
        read_image(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(ImageReadError, match="a pipe"):
        read_image(tmp_path / "a.jpg")


def test_cmyk_jpeg(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    pillow.fromarray(PICTURE).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    np.testing.assert_allclose(quarters(read_image(tmp_path / "a.jpg")), QUARTERS, atol=25)


def test_palette_png(tmp_path):
    pillow = pytest.importorskip("PIL.Image")
    pillow.fromarray(PICTURE).convert("P").save(tmp_path / "a.png")
    np.testing.assert_allclose(quarters(read_image(tmp_path / "a.png")), QUARTERS, atol=60)


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + struct.pack(">I", zlib.crc32(chunk)) + b"\0" * 20


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b"hello", "not an image"),
        (b"\xff\xd8\xff", "not an image"),
        (png_header(30000, 30000), "30000 x 30000 px is too large"),
        (png_header(40000, 10), "too large"),
        (png_header(50, 50), "not an image"),
    ],
)
def test_bad_files(tmp_path, content, complaint):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageReadError, match=complaint) as error:
        read_image(path)
    assert str(path) in str(error.value)


def test_jpeg_too_large_is_refused_by_its_header(tmp_path):
    path = write(tmp_path / "a.jpg", PICTURE_BGR)
    encoded = bytearray(path.read_bytes())
    start_of_frame = encoded.index(b"\xff\xc0")
    encoded[start_of_frame + 5 : start_of_frame + 9] = struct.pack(">HH", 65000, 65000)
    path.write_bytes(encoded)
    with pytest.raises(ImageReadError, match="65000 x 65000"):
        read_image(path)


def test_folder_and_absent_file(tmp_path):
    with pytest.raises(ImageReadError, match="a folder"):
        read_image(tmp_path)
    with pytest.raises(ImageReadError, match="no such file"):
        read_image(tmp_path / "absent.jpg")


def test_arrays_of_one_channel():
    assert to_rgb(np.full((4, 5, 1), 7, np.uint8)).shape == (4, 5, 3)


def test_a_png_that_claims_more_than_it_has(tmp_path):
    """Two gigabytes for a chunk would be taken before the file is found too short."""
    path = write(tmp_path / "x.png", PICTURE_BGR)
    content = bytearray(path.read_bytes())
    at = content.index(b"IDAT") - 4
    content[at : at + 4] = (2**31 - 1).to_bytes(4, "big")
    path.write_bytes(content)
    with pytest.raises(ImageReadError, match="damaged PNG"):
        read_image(path)


def test_jpeg_2000_is_read_by_its_codestream_alone(tmp_path, photo, capfd):
    """A damaged header there ended the process: OpenCV 4.11 read the boxes around it as well."""
    path, encoded = (
        tmp_path / "a.jp2",
        bytearray(cv2.imencode(".jp2", photo[:64, :80])[1].tobytes()),
    )
    path.write_bytes(encoded)
    whole = read_image(path)
    assert whole.shape == (64, 80, 3)
    np.testing.assert_allclose(whole[:, :, ::-1], photo[:64, :80], atol=8)
    width = encoded.index(b"ihdr") + 8
    encoded[width : width + 4] = (9_175_200).to_bytes(4, "big")
    path.write_bytes(encoded)
    np.testing.assert_array_equal(read_image(path), whole)
    start = encoded.index(b"\xff\x4f\xff\x51")
    encoded[start + 8 : start + 12] = bytes(4)
    for damaged in (encoded, encoded[:start]):
        path.write_bytes(damaged)
        with pytest.raises(ImageReadError, match=r"a\.jp2: .*damaged"):
            read_image(path)
    assert capfd.readouterr().err == ""
