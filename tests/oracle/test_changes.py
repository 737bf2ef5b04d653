#!/usr/bin/python3
"""Random files and random changes of them, against rules that know nothing of the library.

    SWR=/path/to/swr test_changes.py [--seed N] [--runs N] [--run K] [--jobs N]

Each run is one random file with a valid header, of any format, and up to three changes with the command: pastes, growths, copies, crops,
other compression, other formats. After each, every field of the header, every position and every value is compared with what rules.py says. A run
that fails prints its commands; --run repeats it, and leaves its folder, with the file as it was in `start`.
"""

import argparse
import collections
import multiprocessing
import os
import shutil
import sys
import time

import generate
from operations import Run, Wrong


# What a test of all runs must have tried in each format; besides, a splice by some command: of files
# this small few are spliced.
WANTED = [("copy", "create"), ("paste", "in_place"), ("paste", "rewrite"), ("extend", "in_place"), ("extend", "rewrite"), ("redact", "in_place")]

UNCOMPRESSED = ("NumPy", "VTK", "TIFF", "VTI", "HDF5")


def work(job):
    """The report of a run that fails, or None; and how many files were changed by each method."""
    swr, seed, number, folder, keep = job
    shutil.rmtree(folder, ignore_errors=True)
    run = Run(swr, seed, number, folder)
    try:
        run.go()
    except Wrong as wrong:
        report = f"run {number}: {wrong}\n  in {folder}, from start/{os.path.basename(run.path)}:\n" + "".join(f"    {line}\n" for line in run.commands)
        return report + f"  again: test_changes.py --seed {seed} --run {number}\n", run.methods
    if not keep:
        shutil.rmtree(folder)
    return None, run.methods


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--run", type=int, help="this one alone; its folder stays")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    swr = os.path.abspath(os.environ["SWR"])
    numbers = range(options.runs)
    if options.run is not None:
        numbers = [options.run]
    elif "SWR_TEST_SEED" in os.environ:  # half of the runs; another commit takes the other half
        numbers = numbers[int(os.environ["SWR_TEST_SEED"]) % 2 :: 2]
    print(f"seed {options.seed}, {len(numbers)} runs", flush=True)
    begin = time.monotonic()
    jobs = [(swr, options.seed, number, os.path.abspath(f"run{number}"), options.run is not None) for number in numbers]
    failed, methods = 0, collections.Counter()
    with multiprocessing.Pool(options.jobs) as pool:
        for report, count in pool.imap(work, jobs, chunksize=1 if options.run is not None else 8):
            methods += count
            if report:
                failed += 1
                print(report, flush=True)
    print(f"{failed} of {len(numbers)} runs failed; {sum(methods.values())} changes, {time.monotonic() - begin:.0f} s")
    for name in sorted(generate.GENERATORS):
        of_format = {key[1:]: count for key, count in methods.items() if key[0] == name}
        print(f"  {name}: " + ", ".join(f"{command} {method.replace('_', ' ')} {count}" for (command, method), count in sorted(of_format.items())))
    untried = [(name, *pair) for name in generate.GENERATORS for pair in WANTED if not methods[(name, *pair)]]
    spliced = {name for name, _, method in methods if method == "splice"}
    untried += [(name, "splice") for name in generate.GENERATORS if name not in spliced and name not in UNCOMPRESSED]
    if len(numbers) < 1000:
        untried = []  # too few to ask for all
    if untried:
        print(f"never tried: {untried}")
    return 1 if failed or untried else 0


if __name__ == "__main__":
    sys.exit(main())
