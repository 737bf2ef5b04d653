"""What the files of all formats have in common for the rules."""


class PixelFile:
    """A format says otherwise where its files are text, list data files, give the components an axis or order their fields."""

    listed = ()

    def is_text(self):
        return False

    def component_axis(self):
        return None

    def order(self):
        return []
