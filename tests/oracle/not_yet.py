"""What rules.py asks for and the library does not do yet. Each function names cases that are left out until it does; then it goes."""


def copy_moves_components(file):
    """A copy of a NRRD file whose components are another axis than the first has them first."""
    return file.format == "NRRD" and file.component_axis() not in (None, 0)


def unit_without_spacing(file):
    """A MetaImage file with DistanceUnits and without a spacing has a spacing of 1 in that unit; swr takes it for 1 mm."""
    return file.format == "MetaImage" and file.find("DistanceUnits") not in (None, "mm") and file.find("ElementSpacing", "ElementSize") is None


def bare_copy_flattens(picture):
    """swr copy --no-metadata keeps the place of a flat image only if that lies in the plane z = 0."""
    axes = sum(1 for _ in picture.size)
    while axes > 1 and picture.size[axes - 1] == 1:
        axes -= 1
    return axes < 3 and any(len(a.first) > axes for a in picture.affines)


def line_loses_its_direction(axes):
    """An image of one axis that runs against x does so no longer in a copy to another format."""
    return axes == 1
