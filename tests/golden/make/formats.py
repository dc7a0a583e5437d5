"""formats.py - little image files as other programs write them.

The value at frame n, row y, column x, channel c is scale * p + offset with
p = (31 n + 7 y + 13 x + 101 c + x y) mod 251, which the tests compute too; 5 rows and 7
columns where nothing else is said. What is made by hand here is what Pillow and tifffile cannot write.
"""
import struct
import zlib

import numpy as np
import skimage.transform
import tifffile
import torch
from PIL import Image

COLOURS = [(0, 0, 0), (230, 159, 0), (86, 180, 233)]


def pattern(frames=1, height=5, width=7, channels=1):
    n, y, x, c = np.ogrid[:frames, :height, :width, :channels]
    return (31 * n + 7 * y + 13 * x + 101 * c + x * y) % 251


def plane(**size):
    return pattern(**size)[0, :, :, 0]


def write_npy(path, array, version=None):
    with open(path, "wb") as file:
        np.lib.format.write_array(file, array, version=version)
    return path


def make_npy(folder):
    p = plane()
    scales = {"u1": (1, 0), "u2": (257, 0), "u4": (65536, 0), "u8": (65536, 0),
              "i1": (1, -125), "i2": (257, -32000), "i4": (65536, -65536),
              "i8": (65536, -65536), "f2": (0.25, -3), "f4": (0.25, -3), "f8": (0.25, -3)}
    for name, (scale, offset) in scales.items():
        yield write_npy(folder / f"{name}.npy", (scale * p + offset).astype("<" + name))
    stack = 0.25 * pattern(frames=6)[..., 0] - 3
    yield write_npy(folder / "big_endian.npy", stack.astype(">f4"))
    yield write_npy(folder / "fortran.npy", np.asfortranarray(stack.astype("<f4")))
    yield write_npy(folder / "fortran_big_endian.npy",
                    np.asfortranarray(stack.astype(">f8")))
    for major in (2, 3):
        yield write_npy(folder / f"version{major}.npy", stack.astype("<f4"), (major, 0))
    yield write_npy(folder / "h_w_3.npy", pattern(channels=3)[0].astype(np.uint8))
    yield write_npy(folder / "n_h_w_6.npy",
                    pattern(frames=2, channels=6).astype(np.uint8))
    yield write_npy(folder / "bool.npy", p > 40)
    extremes = [[0, 2**-24, 1023 * 2**-24, 2**-14], [65504, -65504, np.inf, np.nan]]
    yield write_npy(folder / "half_extremes.npy", np.array(extremes, "<f2"))


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def write_png16(path, array, interlaced=False):
    """Big-endian 16-bit samples, each row with filter 0; Adam7 where interlaced."""
    height, width, channels = array.shape
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
                  (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(
        b"\0" + row.astype(">u2").tobytes()
        for y, x, down, right in passes for row in array[y::down, x::right] if row.size)
    colour = 2 if channels == 3 else 0
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, int(interlaced))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return path


def make_png(folder):
    p, rgb = plane().astype(np.uint8), pattern(channels=3)[0].astype(np.uint8)
    alpha = (np.arange(35, dtype=np.uint8) * 7).reshape(5, 7)
    pictures = {
        "grey8": (Image.fromarray(p), {}),
        "grey8_72dpi": (Image.fromarray(p), {"dpi": (72, 72)}),
        "grey8_1um": (Image.fromarray(p), {"dpi": (25400, 25400)}),
        "grey16": (Image.fromarray(p.astype(np.uint16) * 257), {}),
        "grey_alpha": (Image.merge("LA", [Image.fromarray(p), Image.fromarray(alpha)]), {}),
        "rgb8": (Image.fromarray(rgb), {}),
        "rgba8": (Image.fromarray(np.dstack([rgb, alpha])), {}),
        "mask1": (Image.fromarray(p > 40), {}),
    }
    for bits in (8, 2):
        indexed = Image.fromarray(p % 3, "P")
        indexed.putpalette([value for colour in COLOURS for value in colour])
        pictures[f"indexed{bits}"] = (indexed, {"bits": bits})
    for name, (picture, options) in pictures.items():
        picture.save(folder / f"{name}.png", **options)
        yield folder / f"{name}.png"
    wide = pattern(channels=3)[0] * 257
    yield write_png16(folder / "rgb16.png", wide)
    yield write_png16(folder / "interlaced.png", wide[..., :1], interlaced=True)


def make_other_pictures(folder):
    p = plane().astype(np.uint8)
    grey = Image.fromarray(p)
    grey.save(folder / "grey.bmp")
    grey.save(folder / "grey8.pgm")
    Image.fromarray(p.astype(np.uint16) * 261).save(folder / "grey16.pgm")
    Image.fromarray(pattern(channels=3)[0].astype(np.uint8)).save(folder / "rgb.ppm")
    y, x = np.ogrid[:16, :24]
    smooth = Image.fromarray((40 + 5 * x + 3 * y).astype(np.uint8))
    smooth.save(folder / "smooth.jpg", quality=95)
    smooth.convert("RGB").save(folder / "smooth_rgb.jpg", quality=95, progressive=True)
    names = ["grey.bmp", "grey8.pgm", "grey16.pgm", "rgb.ppm", "smooth.jpg",
             "smooth_rgb.jpg"]
    return [folder / name for name in names]


def write_tiff(path, array, **options):
    options = {"software": False, "metadata": None, **options}
    tifffile.imwrite(path, array, **options)
    return path


def write_tiff_tags(path, tags, strip):
    """A page of one strip from tags {number: value}, all of them LONG."""
    tags = {**tags, 273: 8 + 2 + 12 * (len(tags) + 2) + 4, 279: len(strip)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) +
                     strip)
    return path


def make_tiff_types(folder):
    p = plane()
    scales = {"u1": (1, 0), "u2": (257, 0), "u4": (65536, 0), "i1": (1, -125),
              "i2": (257, -32000), "i4": (65536, -65536), "f2": (0.25, -3),
              "f4": (0.25, -3), "f8": (0.25, -3)}
    for name, (scale, offset) in scales.items():
        yield write_tiff(folder / f"{name}.tif", (scale * p + offset).astype(name))
    bits = "".join(f"{value:012b}" + "0000" * (x == 6)
                   for row in p for x, value in enumerate(row))
    strip = int(bits, 2).to_bytes(len(bits) // 8, "big")
    yield write_tiff_tags(folder / "packed12.tif",
                          {256: 7, 257: 5, 258: 12, 259: 1, 262: 1, 277: 1, 278: 5}, strip)
    Image.fromarray(p > 40).save(folder / "mask1.tif")
    yield folder / "mask1.tif"
    indexed = Image.fromarray((p % 3).astype(np.uint8))
    indexed.putpalette([value for colour in COLOURS for value in colour])
    indexed.save(folder / "indexed8.tif")
    yield folder / "indexed8.tif"


def make_tiff_layouts(folder):
    wide = (257 * pattern(height=21, width=37, channels=3)[0]).astype(np.uint16)
    yield write_tiff(folder / "big_endian.tif", wide[..., 0], byteorder=">")
    yield write_tiff(folder / "bigtiff.tif", wide[..., 0], bigtiff=True)
    yield write_tiff(folder / "strips.tif", wide[..., 0], rowsperstrip=4)
    yield write_tiff(folder / "tiles.tif", wide[..., 0], tile=(16, 16))
    yield write_tiff(folder / "deflate.tif", wide[..., 0], compression="zlib",
                     predictor=False, rowsperstrip=8)
    yield write_tiff(folder / "rgb.tif", wide, photometric="rgb")
    yield write_tiff(folder / "rgb_planes.tif", wide.transpose(2, 0, 1),
                     photometric="rgb", planarconfig="separate")
    yield write_tiff(folder / "rgb_tiled_planes.tif", wide.transpose(2, 0, 1),
                     photometric="rgb", planarconfig="separate", tile=(16, 16))
    alpha = np.full((21, 37, 1), 65535, np.uint16)
    yield write_tiff(folder / "rgba.tif", np.concatenate([wide, alpha], 2),
                     photometric="rgb", extrasamples=["unassalpha"])
    byte = Image.fromarray(pattern(height=21, width=37)[0, :, :, 0].astype(np.uint8))
    byte.save(folder / "lzw.tif", compression="tiff_lzw")
    yield folder / "lzw.tif"
    flat = np.broadcast_to(np.array([200, 120, 40], np.uint8), (16, 16, 3))
    Image.fromarray(flat).save(folder / "jpeg.tif", compression="jpeg")
    yield folder / "jpeg.tif"


def make_tiff_stacks(folder):
    stack = (257 * pattern(frames=4)[..., 0]).astype(np.uint16)
    per_nm = 1 / 0.012
    yield write_tiff(folder / "imagej_stack.tif", stack, imagej=True,
                     resolution=(per_nm, per_nm / 2),
                     metadata={"unit": "nm", "finterval": 0.5, "axes": "TYX"})
    channels = pattern(frames=3, channels=2).transpose(0, 3, 1, 2).astype(np.uint8)
    yield write_tiff(folder / "imagej_channels.tif", channels, imagej=True,
                     metadata={"axes": "TCYX"})
    virtual = folder / "imagej_one_directory.tif"
    write_tiff(virtual, stack[0], metadata=None, byteorder=">",
               description="ImageJ=1.53t\nimages=4\nframes=4\n")
    with open(virtual, "ab") as file:
        file.write(stack[1:].astype(">u2").tobytes())
    yield virtual
    yield write_tiff(folder / "ome.tif", channels, ome=True, metadata={
        "axes": "TCYX", "PhysicalSizeX": 0.02, "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.03, "PhysicalSizeYUnit": "nm", "TimeIncrement": 20,
        "TimeIncrementUnit": "ms", "UUID": "urn:uuid:0"})
    fei = "[User]\r\nUser=x\r\n[Scan]\r\nPixelWidth=1.2e-011\r\nPixelHeight=1.3e-011\r\n"
    yield write_tiff(folder / "fei.tif", stack[0], extratags=[(34682, "s", 0, fei, True)])
    yield write_tiff(folder / "dpi.tif", stack[0], resolution=(300, 300),
                     resolutionunit="inch")
    yield write_tiff(folder / "per_cm.tif", stack[0], resolution=(2e7, 1e7),
                     resolutionunit="centimeter")
    with tifffile.TiffWriter(folder / "thumbnail.tif") as file:
        for array, kind in [(stack[0], 0), (stack[0, ::2, ::2], 1), (stack[1], 0)]:
            file.write(array, subfiletype=kind, software=False, metadata=None)
    yield folder / "thumbnail.tif"
    parameters = np.zeros((1, 512), np.float32)
    parameters[0, 14:16] = 0.25, 0.5
    with tifffile.TiffWriter(folder / "temsim.tif") as file:
        for array in (np.zeros((7, 7), np.uint8), 0.25 * pattern()[0, :, :, 0] - 3, parameters):
            file.write(array.astype(array.dtype if array.dtype == np.uint8 else np.float32),
                       software=False, metadata=None)
    yield folder / "temsim.tif"
    with tifffile.TiffWriter(folder / "unlike.tif") as file:
        for array in (stack[0], stack[0, ::2, ::2]):
            file.write(array, software=False, metadata=None)
    yield folder / "unlike.tif"


def make_resampled(folder):
    """What torch makes of 5 x 7 and 21 x 37 pixels, and the means of 20 x 36."""
    sizes = {"larger": ((5, 7), (13, 16)), "smaller": ((21, 37), (15, 14))}
    for name, (before, after) in sizes.items():
        p = plane(height=before[0], width=before[1])
        for mode in ("linear", "cubic"):
            out = torch.nn.functional.interpolate(
                torch.tensor(p, dtype=torch.float64)[None, None], after, mode="bi" + mode,
                align_corners=False, antialias=True)
            yield write_npy(folder / f"{name}_{mode}.npy", out[0, 0].numpy().astype("<f4"))
    means = skimage.transform.downscale_local_mean(plane(height=20, width=36), (4, 3))
    yield write_npy(folder / "smaller_mean.npy", means.astype("<f4"))


def make(folder):
    folder = folder / "formats"
    folder.mkdir(parents=True, exist_ok=True)
    return [*make_npy(folder), *make_png(folder),
            *make_other_pictures(folder), *make_tiff_types(folder),
            *make_tiff_layouts(folder), *make_tiff_stacks(folder),
            *make_resampled(folder)]
