#!/usr/bin/python3
"""The oracle notices whatever is lost: each field, line, extension and pixel of results that are right is changed, one at a time.

    SWR=/path/to/swr test_mutants.py [--seed N] [--runs N]
"""

import argparse
import os
import shutil
import sys

import numpy as np

import generate
import mutants
import rules
from operations import Run, Wrong

FEW = {"NumPy": 10, "VTK": 50, "HDF5": 50}  # have few fields


def unimportant(step):
    """The facts that the rules leave open after this change."""
    if step.before.format != step.after.format:
        return {rules.INDEX_KEY}
    expected = rules.expected_facts(step.before, step.box, step.copied, step.retyped)
    free = {name for name, value in expected.items() if value is rules.ANYTHING or isinstance(value, rules.Optional)}
    return free | rules.ignored_facts(step.before, step.copied)


def same_meaning(a, b):
    """Lines that say what holds without them (a spacing of 1, an origin of 0) can be lost in a copy to another format."""
    a, b = a.picture(), b.picture()
    same_places = len(a.affines) == len(b.affines) and all(
        np.array_equal(p.matrix, q.matrix) and np.array_equal(p.first, q.first) for p, q in zip(a.affines, b.affines))
    return same_places and (a.scale, a.units, a.texts) == (b.scale, b.units, b.texts) and not rules.value_differences(a, b)


def check(step, rng):
    """What was not noticed, and how much was changed."""
    missed, count = [], 0
    for what, path in mutants.mutants(step.path, step.before, step.after, rng, unimportant(step)):
        count += 1
        try:
            mutant = generate.load(path)
            noticed = step.differences(mutant)
        except Exception:  # it cannot be read
            continue
        if not noticed and not (step.before.format != step.after.format and same_meaning(mutant, step.after)):
            missed.append(what)
    return missed, count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--runs", type=int, default=120)
    options = parser.parse_args()
    swr = os.path.abspath(os.environ["SWR"])
    rng = generate.Random(options.seed)
    total, missed, kinds = 0, 0, {}
    for number in range(options.runs):
        folder = os.path.abspath(f"mutants{number}")
        shutil.rmtree(folder, ignore_errors=True)
        run = Run(swr, options.seed, number, folder)
        try:
            run.go()
        except Wrong:
            pass  # for test_changes.py to tell; the steps before it are right
        for step in run.steps:
            unnoticed, count = check(step, rng)
            total += count
            missed += len(unnoticed)
            kind = f"{step.before.format} to {step.after.format}"
            kinds[kind] = kinds.get(kind, 0) + count
            for what in unnoticed:
                print(f"run {number}, {os.path.basename(step.path)}, {kind}: not noticed: {what}")
        shutil.rmtree(folder)
    print(f"seed {options.seed}: {total} changes, {missed} not noticed: " + ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items())))
    enough = all(kinds.get(f"{name} to {name}", 0) > FEW.get(name, 50) for name in generate.GENERATORS)
    return 1 if missed or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
