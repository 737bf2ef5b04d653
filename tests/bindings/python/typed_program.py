"""A program for mypy --strict, which must accept it and find the errors that it is told of."""
from typing import Any, Tuple

import numpy as np
import swr


def ramp(region: Tuple[slice, ...]) -> "np.ndarray[Any, Any]":
    return np.zeros((1, 2), "u1")


with swr.Writer("a.nrrd", (2, 3), "u1", spacing=(1, 2), existing="update") as writer:
    writer[0] = 1
figures = swr.write("a.nrrd", ramp, (2, 3), "u1", divisions=2, fill=1.5)
image: swr.Image = swr.open("a.nrrd")
spacing: Tuple[float, ...] = image.spacing
swr.copy(image, "b.nii.gz", region=np.s_[:1], compression=6)
swr.write("a.nrrd", ramp, (2, 3), "u1", spacings=(1, 2))  # type: ignore[call-arg]
swr.write("a.nrrd", ramp, (2, 3), "u1", compression="6")  # type: ignore[arg-type]
swr.Writer(3, (2, 3))  # type: ignore[arg-type]
swr.open("a.nrrd").spacings  # type: ignore[attr-defined]
