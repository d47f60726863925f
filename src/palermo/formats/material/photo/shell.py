"""What a photo's file format says around the picture: its size, its EXIF block, its comments."""

from dataclasses import dataclass, field

from palermo.formats.material.photo.window import Window


@dataclass(slots=True)
class Shell:
    """A photo without its pixels. `exif` are the TIFF structures found, the first counts."""

    media: str
    width: int | None = None
    height: int | None = None
    exif: list[Window] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    has: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def size(self, width: int, height: int) -> None:
        """Keep the largest size stated: previews are smaller."""
        if width * height > (self.width or 0) * (self.height or 0):
            self.width, self.height = width, height
