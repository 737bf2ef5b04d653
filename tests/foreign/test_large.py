"""Compressed files of more than 4 GiB of pixels, streamed in little memory and read whole by ITK."""

import os
import unittest

import foreign
from foreign import CAN_STREAM_COMPRESSED, ITK_TOOL, SWR_TOOL

SIZE = [2048, 2048, 520]  # 4.06 GiB of uint16


class Large(foreign.Test):
    def test_large_compressed_files_are_read_by_itk(self):
        table = foreign.capabilities()
        paths = ["large.mha", "large.nii.gz"]
        if "SWR_TEST_SEED" in os.environ:  # one of them; another commit takes the other one
            paths = [paths[int(os.environ["SWR_TEST_SEED"]) % 2]]
        for path in paths:
            if not table[foreign.format_of(path).lower()] & CAN_STREAM_COMPRESSED:
                continue
            with self.subTest(path):
                size = foreign.joined(SIZE)
                written = foreign.run_jobs(SWR_TOOL, [f"write path={path} size={size} component=uint16 counter=1 compress=1 memory=67108864"])[0]
                self.assertNotIn("error", written)
                read = foreign.run_jobs(ITK_TOOL, [f"read path={path}"])[0]
                self.assert_facts({"size": SIZE, "component": "uint16", "crc32": written["crc32"]}, read)
                self.assertEqual(written["crc32"], foreign.run_jobs(SWR_TOOL, [f"read path={path}"])[0]["crc32"])
                os.remove(path)


if __name__ == "__main__":
    unittest.main()
