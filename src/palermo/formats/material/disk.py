"""Disk images: recognised here; read where the optional extra `palermo[disks]` is installed.

Guarantees that an image is recognised with or without the extra, so that it is never taken for
something else or passed over: without it, the file is refused with the command that installs it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from palermo.formats.material.found import Reader, Records, Source
from palermo.model import Unreadable


class ImageForm(NamedTuple):
    """A kind of image: its name, the ending under which the libraries know it, its media type."""

    name: str
    ending: str
    media: str = "application/octet-stream"


E01 = ImageForm("Expert Witness (E01)", ".E01", "application/x-ewf")
RAW = ImageForm("raw", ".raw")

_MAGIC: tuple[tuple[bytes, ImageForm], ...] = (
    (b"EVF\x09\x0d\x0a\xff\x00", E01),
    (b"EVF2\x0d\x0a\x81\x00", ImageForm("Expert Witness 2 (Ex01)", ".Ex01", E01.media)),
    (b"LVF\x09\x0d\x0a\xff\x00", ImageForm("logical Expert Witness (L01)", ".L01", E01.media)),
    (b"QFI\xfb", ImageForm("QCOW", ".qcow2", "application/x-qemu-disk")),
    (b"vhdxfile", ImageForm("VHDX", ".vhdx")),
    (b"conectix", ImageForm("VHD", ".vhd")),
    (b"KDMV", ImageForm("VMDK", ".vmdk")),
    (b"# Disk DescriptorFile", ImageForm("VMDK descriptor", ".vmdk")),
)
#: Images that show nothing at their start are known by the ending of their name alone.
_BY_ENDING = {
    ".dmg": ImageForm("Apple disk image (DMG)", ".dmg", "application/x-apple-diskimage"),
    ".vhd": ImageForm("VHD", ".vhd"),
}
_RAW_ENDINGS = (".dd", ".raw", ".img", ".001", ".iso", ".bin")
#: What stands at the start of a disk or of a file system: offset -> pattern.
_STARTS: tuple[tuple[int, re.Pattern[bytes]], ...] = (
    (510, re.compile(rb"\x55\xaa")),  # MBR, and the boot sectors of FAT and NTFS
    (512, re.compile(rb"EFI PART")),
    (3, re.compile(rb"NTFS    |EXFAT   |-FVE-FS-")),
    (1080, re.compile(rb"\x53\xef")),  # ext2, ext3, ext4
    (1024, re.compile(rb"H\+\x00\x04|HX\x00\x05|BD")),
    (32, re.compile(rb"NXSB")),
    (0, re.compile(rb"XFSB|LUKS\xba\xbe|ER\x02\x00")),
    (32769, re.compile(rb"CD001")),
)


def image_form(source: Source) -> ImageForm | None:
    """Return what kind of disk image `source` is, or None."""
    for magic, form in _MAGIC:
        if source.head.startswith(magic):
            return form
    for ending, form in _BY_ENDING.items():
        if source.ends(ending):
            return form
    starts = any(pattern.match(source.head, offset) for offset, pattern in _STARTS)
    return RAW if source.ends(*_RAW_ENDINGS) and starts else None


def read_disk(source: Source) -> Records:
    """Read the files of a disk image.

    Raises:
        Unreadable: when the extra is not installed, or nothing in the image can be read.
    """
    form = image_form(source)
    if form is None:  # whoever chose this reader asked `recognises` before
        raise Unreadable(f"{source.name}: this is no disk image of a kind that can be read")
    yield from _loaded(source.name, form)(source, form)


def _loaded(name: str, form: ImageForm) -> Callable[[Source, ImageForm], Records]:
    try:
        # Thirty compiled packages, which most installations do not have.
        from palermo.formats.material.disk_image import read_image  # noqa: PLC0415
    except ImportError as error:
        raise Unreadable(
            f"{name}: this is a disk image ({form.name}); the libraries that read it are not "
            f"installed ({error.name} is missing); install them with: pip install 'palermo[disks]'"
        ) from error
    return read_image


DISK = Reader(
    name="disk image",
    media="application/octet-stream",
    recognises=lambda source: image_form(source) is not None,
    read=read_disk,
)
