"""A program of ITK that does not know swr streams, pastes and reads through the plug-in; ITK's own classes see the same images."""

import glob
import os
import pathlib
import random
import shutil
import subprocess
import time
import unittest

import nibabel
import numpy as np

PROGRAM, PLUGIN, SWR = os.environ["ITK_PROGRAM"], os.environ["PLUGIN"], os.environ["SWR"]
ITK_TOOL = os.environ.get("ITK_TOOL")
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")

# Files that ITK has too, and those that only swr has.
SHARED = [".mha", ".mhd", ".nrrd", ".nhdr", ".nii", ".nii.gz", ".hdr"]
OWN = [".vti", ".npy"]
COMPRESSED = [".mha", ".mhd", ".nrrd", ".nhdr"]
SIZE, PIXELS = "20,18,16", 20 * 18 * 16
BOX, BOX_PIXELS = "3,4,5,9,8,6", 9 * 8 * 6
TYPES = ["int64_3", "double_2", "float_4", "rgb", "vector", "vectorimage", "complex", "tensor"]


def environment(plugin, **more):
    variables = {k: v for k, v in os.environ.items() if k != "ITK_AUTOLOAD_PATH"} | more
    return variables | ({"ITK_AUTOLOAD_PATH": PLUGIN} if plugin else {})


def ask(jobs, plugin=True, program=PROGRAM, **more):
    """The answers of one process to several jobs."""
    done = subprocess.run([program], input="\n".join(jobs) + "\n", capture_output=True, text=True, env=environment(plugin, **more))
    if done.returncode != 0:
        raise AssertionError(f"{program} ended with {done.returncode}: {done.stderr}")
    ask.said = done.stderr
    return done.stdout.splitlines() if program == PROGRAM else done.stdout


def files():
    return {name: pathlib.Path(name).read_bytes() for name in os.listdir(".") if os.path.isfile(name)}


class Plugin(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        for name in os.listdir("."):
            if os.path.isdir(name):
                shutil.rmtree(name)
            else:
                os.remove(name)

    def write(self, path, *words, plugin=True, **more):
        return ask([f"write path={path} size={SIZE} " + " ".join(words)], plugin, **more)[0]

    def assert_image(self, path, words="", plugin=False):
        """ITK's own class, or swr's, reads the pixels that are expected, and the geometry."""
        answer = ask([f"read path={path} {words}"], plugin)[0]
        self.assertIn(" wrong 0 ", answer, path)
        self.assertEqual(answer.startswith("SwrImageIO"), plugin, answer)
        return answer

    def assert_verified(self, path):
        done = subprocess.run([SWR, "verify", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, path + done.stdout + done.stderr)

    def test_without_the_plugin_itk_uses_its_own_classes(self):
        self.assertEqual(self.write("a.nrrd", "divisions=4", plugin=False), "NrrdImageIO pulls 1")

    def test_every_format_streams(self):
        paths = [f"s{i}{suffix}" for i, suffix in enumerate(SHARED + OWN)] + [f"z{i}{suffix}" for i, suffix in enumerate(COMPRESSED)]
        jobs = [f"write path={p} size={SIZE} divisions=8" + (" compress=1" if p[0] == "z" else "") for p in paths]
        self.assertEqual(ask(jobs), ["SwrImageIO pulls 8"] * len(paths))
        raw = set()
        for path in paths:
            with self.subTest(path):
                itk_reads = not path.endswith(tuple(OWN))
                self.assert_verified(path)
                facts = self.assert_image(path, plugin=not itk_reads).split(" origin ")[1]
                if not path.endswith(".npy"):
                    self.assertTrue(facts.startswith("-10 20 30 spacing 0.5 0.75 2 direction 0 -1 0 1 0 0 0 0 1"), facts)
                if path[0] == "z":
                    raw.add(os.path.getsize(path) < 2 * PIXELS)
        self.assertEqual(raw, {True})

    def test_formats_of_itk_alone_stay_its_own(self):
        """The program has no class of ITK for these: with the plug-in, nobody writes them."""
        for path in ("a.gipl", "a.vtk", "a.mrc", "a.tif", "a.h5"):
            self.assertIn("Could not create IO object", self.write(path))

    def test_numpy_arrays_lose_the_geometry_with_a_warning(self):
        self.write("a.npy")
        self.assertIn("spacing", ask.said)
        self.assertEqual(np.load("a.npy").shape, (16, 18, 20))

    def test_paste_changes_its_region_and_no_other_pixel(self):
        suffixes = SHARED + [".vti"]
        for compress in ("", "compress=1"):
            for i, suffix in enumerate(suffixes if not compress else COMPRESSED):
                for whole in ("", "whole=1"):  # a source that delivers the whole image for any request
                    path = f"p{i}{len(compress)}{len(whole)}{suffix}"
                    with self.subTest(path):
                        answers = ask([f"write path={path} size={SIZE} divisions=2 {compress}",
                                       f"write path={path} size={SIZE} add=1000 paste={BOX} divisions=3 {whole} {compress}"])
                        self.assertEqual(answers[1], f"SwrImageIO pulls {1 if whole else 3}")
                        self.assert_image(path, f"add=1000 paste={BOX}", plugin=suffix == ".vti")
                        self.assert_verified(path)

    def test_paste_into_a_file_that_is_not_there_makes_it(self):
        for path, compress in (("n.nrrd", "compress=1"), ("n.nii.gz", ""), ("n.mha", "")):
            self.assertEqual(self.write(path, f"paste={BOX}", compress), "SwrImageIO pulls 1")
            answer = ask([f"read path={path} paste={BOX}"], plugin=False)[0]
            self.assertIn(f" wrong {PIXELS - BOX_PIXELS} ", answer)
            self.assert_image(path, f"region={BOX}")

    def test_paste_into_files_of_itk(self):
        for path, compress in (("i.mha", ""), ("i.nrrd", "compress=1"), ("i.nii.gz", ""), ("i.mhd", "compress=1")):
            with self.subTest(path):
                self.write(path, compress, plugin=False)
                self.assertEqual(self.write(path, f"add=1000 paste={BOX}"), "SwrImageIO pulls 1")
                self.assert_image(path, f"add=1000 paste={BOX}")

    def test_a_program_that_is_killed_leaves_the_old_file_or_the_new_one(self):
        size, box = "200,180,90", "10,20,5,150,140,80"
        moments = random.Random(int(os.environ.get("SWR_TEST_SEED", "1")))
        for path, words in (("k.nii.gz", ""), ("k.nii.gz", f"paste={box}"), ("k.mha", f"paste={box}"), ("k.nrrd", "compress=1")):
            ask([f"write path={path} size={size} {words.replace('paste=' + box, '')}"])
            old = files()[path]
            job = f"write path={path} size={size} add=1000 divisions=16 {words}"
            begun = time.monotonic()
            ask([job])
            seconds, new = time.monotonic() - begun, files()[path]
            for _ in range(3):
                pathlib.Path(path).write_bytes(old)
                process = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment(True))
                process.stdin.write(job.encode() + b"\n")
                process.stdin.close()
                time.sleep(moments.uniform(0.3, 1) * seconds)
                process.kill()
                process.wait()
                subprocess.run([SWR, "recover", path], capture_output=True, check=True)
                self.assertIn(files()[path], (old, new), f"{path} {words}")
                self.assertEqual(list(files()), [path])
            os.remove(path)

    def test_scenarios_of_itks_own_writer(self):
        """Sizes, divisions and regions of ITK's streaming and pasting tests: the same numbers of pieces."""
        whole = "size=48,62,42"
        for path in ("w.mha", "w.nrrd", "w.nii.gz"):
            compress = "compress=1" if path != "w.mha" else ""
            steps = [("divisions=4", 4), ("divisions=10", 9), ("divisions=42", 42), ("divisions=4 whole=1", 1)]
            boxes = [("24,31,21,1,1,1", 4, 1), ("25,32,22,2,2,2", 4, 2), ("0,0,0,1,1,42", 4, 4), ("0,0,0,1,62,1", 4, 4), ("0,0,0,48,62,42", 4, 4), ("16,20,14,16,20,1", 10, 10)]
            steps += [(f"divisions={n} paste={box}", pieces) for box, n, pieces in boxes]
            answers = ask([f"write path={path} {whole} {compress} {words}" for words, _ in steps] + [f"read path={path}"])
            self.assertEqual(answers[:-1], [f"SwrImageIO pulls {pieces}" for _, pieces in steps], path)
            self.assertIn(" wrong 0 ", answers[-1])
            # A file that does not exist, made of ten pastes; and regions that are not inside the image.
            os.remove(path)
            ask([f"write path={path} {whole} {compress} paste=0,0,{z},48,62,{min(4, 42 - z)}" for z in range(0, 40, 4)] + [f"write path={path} {whole} paste=0,0,40,48,62,2"])
            self.assert_image(path)
            before = files()
            for box in ("-1,0,0,4,4,4", "25,32,22,48,62,43"):
                self.assertIn("error: ", ask([f"write path={path} {whole} paste={box}"])[0])
            self.assertEqual(files(), before)

    def test_failed_writes_leave_the_old_files(self):
        for path, how in (("f.mha", ""), ("f.nii.gz", ""), ("f.nrrd", "compress=1"), ("f.mha", f"paste={BOX}"), ("f.nii.gz", f"paste={BOX}")):
            with self.subTest(f"{path} {how}"):
                self.write(path)
                before = files()
                self.assertIn("the source fails", self.write(path, how, "add=7 divisions=4 fail=2"))
                self.assertEqual(files(), before)

    def test_a_writer_that_failed_writes_again(self):
        answers = ask([f"write path=a.mha size={SIZE} fail=1 divisions=4", f"write path=a.mha size={SIZE} divisions=4"])
        self.assertIn("error", answers[0])
        self.assertEqual(answers[1], "SwrImageIO pulls 4")
        self.assert_image("a.mha")

    def test_what_does_not_fit_the_file_is_refused(self):
        self.write("a.nrrd")
        before = files()
        answer = ask([f"write path=a.nrrd size=20,18,17 paste={BOX}"])[0]
        self.assertRegex(answer, "error: .*a.nrrd.*MISMATCH")
        answer = self.write("nothere/a.nrrd")
        self.assertRegex(answer, "error: .*nothere")
        self.assertRegex(self.write("a.mgh"), "error: .*MGH")  # which has no uint16
        self.assertEqual(files(), before)

    def test_start_index_is_folded_into_the_origin_and_files_that_have_one_are_pasted_into(self):
        first = self.write("a.mha", "index=3,5,7 divisions=3") and self.assert_image("a.mha").split(" origin ")[1]
        # The first pixel lies at origin + direction * spacing * (3, 5, 7).
        self.assertTrue(first.startswith("-13.75 21.5 44 "), first)
        self.write("b.mha")
        data = pathlib.Path("b.mha").read_bytes()
        with open("b.mha", "wb") as file:
            file.write(data.replace(b"ElementDataFile", b"swr_index = 3 -2 10\nElementDataFile", 1))
        self.assertEqual(self.write("b.mha", f"add=1000 paste={BOX} divisions=2"), "SwrImageIO pulls 2")
        for plugin in (True, False):
            self.assertIn("origin -10 20 30 ", self.assert_image("b.mha", f"add=1000 paste={BOX}", plugin))
        self.assertIn(b"swr_index = 3 -2 10\n", pathlib.Path("b.mha").read_bytes())

    def test_regions_are_read_alone(self):
        jobs = []
        for path, compress in (("r.nrrd", ""), ("r.mha", "compress=1"), ("r.nii.gz", "")):
            self.write(path, compress)
            jobs += [f"read path={path} region={BOX}", f"read path={path} pieces=5"]
        for job, answer in zip(jobs, ask(jobs)):
            expected = BOX_PIXELS if "region" in job else 20 * 18 * 4
            self.assertTrue(answer.startswith(f"SwrImageIO wrong 0 buffered {expected} "), job + answer)
        # Foreign compressed files too.
        self.write("i.nii.gz", plugin=False)
        self.assertIn(f"wrong 0 buffered {BOX_PIXELS}", ask([f"read path=i.nii.gz region={BOX}"])[0])

    def test_a_file_that_is_replaced_is_read_again(self):
        answers = ask([f"write path=a.mha size={SIZE}", "reread path=a.mha", "reread path=a.mha type=float"])
        self.assertEqual(answers[1], "second reading has new pixels")
        self.assertRegex(answers[2], "error: .*a.mha.*other pixels")

    def test_every_type_of_pixel_goes_both_ways(self):
        for writes, reads in ((True, False), (True, True), (False, True)):
            for suffix in (".mha", ".nrrd", ".nii.gz"):
                paths = {t: f"{t}{suffix}" for t in TYPES}
                ask([f"types mode=w path={p} type={t}" for t, p in paths.items()], writes)
                # ITK's own class crashes where it reads a part of a vector in NIfTI.
                for slab in ("", "slab=1") if reads else ("",):
                    name = "SwrImageIO" if reads else {".mha": "MetaImageIO", ".nrrd": "NrrdImageIO", ".nii.gz": "NiftiImageIO"}[suffix]
                    answers = ask([f"types mode=r path={p} type={t} {slab}" for t, p in paths.items()], reads)
                    self.assertEqual(dict(zip(TYPES, answers)), {t: f"{name} same" for t in TYPES}, f"{suffix} {writes} {reads} {slab}")

    def test_formats_that_itk_lacks_are_read_again(self):
        for path, kind in (("a.mgz", "float_4"), ("a.npy", "float_4"), ("a.npy", "double_2"), ("a.vti", "vector"), ("a.vti", "rgb")):
            answers = ask([f"types mode=w path={path} type={kind}", f"types mode=r path={path} type={kind}", f"types mode=r path={path} type={kind} slab=1"])
            self.assertEqual(answers, ["SwrImageIO written"] + 2 * ["SwrImageIO same"], path + kind)

    def test_scaled_values_are_those_of_itk(self):
        rng = np.random.default_rng(3)
        for number, (dtype, slope, intercept) in enumerate([("int16", 0.1, -7.3), ("uint8", 3, 0), ("float32", 0.3, 1), ("float64", 1e-3, 5), ("int32", 1, 4), ("uint16", 0, 0)]):
            values = rng.integers(0, 200, (4, 3, 5)).astype(dtype)
            image = nibabel.Nifti1Image(values, np.diag([1, 2, 3, 1]))
            image.header.set_data_dtype(dtype)
            nibabel.save(image, f"v{number}.nii")
            with open(f"v{number}.nii", "r+b") as file:
                file.seek(112)
                file.write(np.array([slope, intercept], "<f4").tobytes())
            with self.subTest(dtype):
                ours, theirs = (ask([f"dump path=v{number}.nii"], plugin)[0].split(" ", 1) for plugin in (True, False))
                self.assertEqual(ours[0], "SwrImageIO")
                self.assertEqual(ours[1], theirs[1])
        # Scales of other formats are no business of ITK's.
        with open("m.mha", "wb") as file:
            file.write(b"ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementToIntensityFunctionSlope = 3\nElementType = MET_SHORT\nElementDataFile = LOCAL\n" + bytes(range(16)))
        ours, theirs = (ask(["dump path=m.mha"], plugin)[0].split(" ", 1)[1] for plugin in (True, False))
        self.assertEqual(ours, theirs)

    def test_paste_into_a_scaled_file_is_refused(self):
        self.write("a.nii")
        with open("a.nii", "r+b") as file:
            file.seek(112)
            file.write(np.array([0.5, 0], "<f4").tobytes())
        before = files()
        self.assertRegex(self.write("a.nii", f"paste={BOX}"), "error: .*a.nii: real values are .*MISMATCH")
        self.assertEqual(files(), before)

    def test_measurement_frame_is_that_of_itk(self):
        for space in ("left-posterior-superior", "right-anterior-superior"):
            with open("m.nrrd", "wb") as file:
                file.write(f"NRRD0005\ntype: int16\ndimension: 3\nspace: {space}\nsizes: 2 2 2\nspace directions: (1,0,0) (0,2,0) (0,0,3)\n"
                           "endian: little\nencoding: raw\nmeasurement frame: (0,1,0) (1,0,0) (0,0.25,-1)\n\n".encode() + bytes(range(16)))
            ours, theirs = (ask(["dump path=m.nrrd"], plugin)[0].split(" ", 1) for plugin in (True, False))
            self.assertEqual(ours[0], "SwrImageIO")
            self.assertEqual(ours[1], theirs[1])

    def test_metadata_goes_into_the_file_and_back(self):
        for path, patient in (("m.mha", True), ("m.nrrd", True), ("m.nii.gz", False), ("m.vti", False)):
            with self.subTest(path):
                self.assertIn("SwrImageIO", self.write(path, "note=knee7"))
                self.assertIn("Odd", ask.said)  # an entry that is no text
                self.assertEqual("bad" in ask.said, path in ("m.mha", "m.nrrd"))
                answer = self.assert_image(path, plugin=True)
                self.assertIn(" Study=knee7 Dose=2.5", answer)
                self.assertEqual(" 0010|0010=Doe^Jane" in answer, patient, answer)
                self.assertEqual(" ITK_FileNotes=knee7" in answer, path == "m.nii.gz")
                own = ask([f"read path={path}"], plugin=False)[0]
                if path in ("m.mha", "m.nrrd"):
                    self.assertIn(" Study=knee7", own)
                if path == "m.nii.gz":
                    self.assertIn(" ITK_FileNotes=knee7", own)
        # A paste leaves the metadata as they are.
        self.write("m.nrrd", f"note=other paste={BOX}")
        self.assertIn(" Study=knee7", self.assert_image("m.nrrd"))

    def test_compression_has_the_level_that_is_asked_for(self):
        sizes = []
        for level in (1, 9):
            ask([f"write path=c{level}.mha size=64,64,64 compress=1 level={level}"])
            sizes.append(os.path.getsize(f"c{level}.mha"))
        self.assertLess(sizes[1], sizes[0])
        # For NIfTI the suffix decides, and the level counts if it is set.
        ask([f"write path=c{i}.nii.gz size=64,64,64 {words}" for i, words in enumerate(("", "compress=1", "compress=1 level=1"))] + ["write path=c.nii size=64,64,64 compress=1"])
        plain, same, fast = (os.path.getsize(f"c{i}.nii.gz") for i in range(3))
        self.assertEqual(plain, same)
        self.assertGreater(fast, plain)
        self.assertGreater(os.path.getsize("c.nii"), 2 * 64**3)

    def test_programs_without_divisions_can_be_divided(self):
        self.assertEqual(self.write("a.nrrd", SWR_ITK_DIVISIONS="6"), "SwrImageIO pulls 6")
        self.assert_image("a.nrrd")

    def test_verbose_says_what_is_done(self):
        self.write("a.nrrd", "divisions=4", SWR_ITK_VERBOSE="1")
        self.assertIn("swr_itk: a.nrrd: 4 pieces\n", ask.said)
        self.assertIn("swr_itk: a.nrrd: created, ", ask.said)
        with open("text.nrrd", "w") as file:
            file.write("NRRD0004\ntype: block\n")
        self.assertIn("error", ask(["read path=text.nrrd"], SWR_ITK_VERBOSE="1")[0])
        self.assertIn("swr_itk: text.nrrd: is left to ITK: ", ask.said)

    def test_another_itk_is_left_alone(self):
        """A caller that is not the ITK of the plug-in, such as a program with ITK inside."""
        code = ("import ctypes, glob; lib = ctypes.CDLL(glob.glob('%s/*.so')[0]); lib.itkLoad.restype = ctypes.c_void_p; "
                "print(bool(lib.itkLoad()))" % PLUGIN)
        done = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True)
        self.assertEqual(done.stdout, "True\n", done.stderr)
        self.assertIn("copy of ITK inside", done.stderr)

    def test_real_files_of_itk_are_read_alike(self):
        # ITK's class gives the negative spacing of s5*.mha as it is; its readers make the axis the other way round of it, as swr does.
        paths = [p for p in sorted(glob.glob(f"{DATA}/itk/*")) if not p.endswith((".raw", ".zraw", ".raw.gz")) and "/s5" not in p] + sorted(glob.glob(f"{DATA}/analyze/*.hdr"))
        self.assertGreater(len(paths), 80)
        ours, theirs = (ask([f"read path={p}" for p in paths], plugin, ITK_TOOL) for plugin in (True, False))
        self.assertEqual(facts(ours), facts(theirs))


def facts(answers):
    """Without the kind, which ITK's own classes often lose, and without the last digits."""
    lines = []
    for line in answers.splitlines():
        if line.startswith("kind"):
            continue
        words = line.split(" ")
        lines.append(" ".join(f"{float(w) + 0.0:.5f}" if line.startswith(("origin", "spacing", "direction")) and w[0] in "-0123456789" else w for w in words))
    return lines


if __name__ == "__main__":
    unittest.main()
