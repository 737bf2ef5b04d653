"""elastix and plastimatch, as Debian has them, read and write through the plug-in, and get the results that they get without it."""

import os
import shutil
import subprocess
import unittest

import nibabel
import numpy as np

PLUGIN, SWR = os.environ["PLUGIN"], os.environ["SWR"]

REGISTRATION = """(Registration "MultiResolutionRegistration") (Interpolator "LinearInterpolator") (ResampleInterpolator "FinalBSplineInterpolator")
(Resampler "DefaultResampler") (FixedImagePyramid "FixedSmoothingImagePyramid") (MovingImagePyramid "MovingSmoothingImagePyramid")
(Optimizer "RegularStepGradientDescent") (Transform "TranslationTransform") (Metric "AdvancedMeanSquares") (ImageSampler "Random")
(NumberOfResolutions 1) (MaximumNumberOfIterations 20) (NumberOfSpatialSamples 2000) (RequiredRatioOfValidSamples 0.05) (MaximumStepLength 1.0)
(FinalBSplineInterpolationOrder 1) (WriteResultImage "true") (ResultImagePixelType "short") (ResultImageFormat "nrrd") (CompressResultImage "true")
""".replace(") (", ")\n(")


def run(plugin, *words):
    variables = {k: v for k, v in os.environ.items() if k != "ITK_AUTOLOAD_PATH"} | {"SWR_ITK_VERBOSE": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=variables | ({"ITK_AUTOLOAD_PATH": PLUGIN} if plugin else {}))
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    return done.stderr


def blob(x0):
    z, y, x = np.mgrid[0:16, 0:32, 0:32]
    values = 1000 * np.exp(-((x - x0) ** 2 + (y - 16) ** 2 + (z - 8) ** 2) / 40.0)
    return nibabel.Nifti1Image(values.astype("int16").T.copy(), np.diag([-1, -1, 2, 1]))


class Programs(unittest.TestCase):
    def setUp(self):
        for name in os.listdir("."):
            shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
        for name, x0 in (("fixed", 15), ("moving", 17)):
            nibabel.save(blob(x0), f"{name}.nii.gz")

    def pixels(self, path):
        """As swr reads them."""
        subprocess.run([SWR, "copy", path, path + ".npy", "--option", "geometry=drop", "-q"], check=True, capture_output=True)
        return np.load(path + ".npy")

    def test_elastix(self):
        with open("parameters.txt", "w") as file:
            file.write(REGISTRATION)
        for plugin, out in ((True, "with"), (False, "without")):
            os.mkdir(out)
            said = run(plugin, "elastix", "-f", "fixed.nii.gz", "-m", "moving.nii.gz", "-p", "parameters.txt", "-out", out)
            for words in ("swr_itk: fixed.nii.gz: reads", f"swr_itk: {out}/result.0.nrrd: created"):
                self.assertEqual(words in said, plugin, said)
            subprocess.run([SWR, "verify", f"{out}/result.0.nrrd"], check=True, capture_output=True)
        self.assertTrue((self.pixels("with/result.0.nrrd") == self.pixels("without/result.0.nrrd")).all())
        self.assertGreater(self.pixels("with/result.0.nrrd").max(), 900)

    def test_plastimatch(self):
        for plugin, out in ((True, "with.nii.gz"), (False, "without.nii.gz")):
            said = run(plugin, "plastimatch", "resample", "--input", "fixed.nii.gz", "--output", out, "--subsample", "2 2 1")
            self.assertEqual(f"swr_itk: {out}: created" in said, plugin, said)
        ours, theirs = nibabel.load("with.nii.gz"), nibabel.load("without.nii.gz")
        self.assertEqual(ours.shape, (16, 16, 16))
        self.assertTrue((np.asarray(ours.dataobj) == np.asarray(theirs.dataobj)).all())
        self.assertTrue(np.allclose(ours.affine, theirs.affine, atol=1e-5))


if __name__ == "__main__":
    unittest.main()
