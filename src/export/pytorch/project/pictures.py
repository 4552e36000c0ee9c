"""Reading of pictures. PNG files as the page writes them need no further package; Pillow reads the rest."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Optional

import numpy

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")


def read_picture(path: str, height: int, width: int, channels: int) -> numpy.ndarray:
    """[H,W,C] bytes of a file, in the size and channels that are asked for."""
    with open(path, "rb") as file:
        return read_bytes(file.read(), path, height, width, channels)


def read_bytes(content: bytes, name: str, height: int, width: int, channels: int) -> numpy.ndarray:
    """The same of a file's content; `name`: of the file, for a message."""
    try:
        array = plain_png(content)
    except (struct.error, zlib.error, ValueError):
        # Of a file that is cut off.
        array = None
    if array is not None and array.shape == (height, width, channels):
        return array
    try:
        from PIL import Image
    except ImportError:
        raise SystemExit(
            f"{name} is not an 8-bit PNG of {width}x{height} with {channels} channel(s). "
            "Install pillow (pip install pillow) to have it converted."
        ) from None
    try:
        with Image.open(io.BytesIO(content)) as file:
            picture = file.convert("L" if channels == 1 else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise SystemExit(f"{name} cannot be read as a picture.") from None
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return numpy.asarray(picture).reshape(height, width, channels)


def plain_png(content: bytes) -> Optional[numpy.ndarray]:
    """[H,W,C] of an 8-bit grey or RGB PNG whose rows are stored without filters, else None."""
    if not content.startswith(SIGNATURE):
        return None
    at, header, packed = len(SIGNATURE), None, b""
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", content[at + 8 : at + 8 + length])
        if kind == b"IDAT":
            packed += content[at + 8 : at + 8 + length]
        at += length + 12
    if header is None:
        return None
    width, height, depth, colour, _, _, interlaced = header
    channels = {0: 1, 2: 3}.get(colour)
    if depth != 8 or channels is None or interlaced:
        return None
    rows = numpy.frombuffer(zlib.decompress(packed), dtype="uint8").reshape(height, 1 + width * channels)
    # The first byte of a row is its filter; 0 is none.
    return None if rows[:, 0].any() else rows[:, 1:].reshape(height, width, channels)
