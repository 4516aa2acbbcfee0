#!/usr/bin/env python3
"""Judges the output of the job dev.weir.jobs.Sums, and nothing else: no file of Weir or Flink is read.

    check_sums.py --keys 10 [--complete] [--from-first] OUTPUT_DIR

Records are `key,number,sum,milliseconds`; number n of split s belongs to key `s-(n mod keys)`. Prints JSON and ends
with 0 only if all of these are 0:

    gaps        numbers missing below the highest committed one of their split, from 0 or with
                --from-first (a fork) from the lowest; with --complete also records of the live output
                that were never committed (after a stop with savepoint nothing may be left)
    duplicates  committed records beyond the first of a number
    wrongSums   committed records whose sum is not that of the key's numbers up to theirs
"""

import argparse
import collections
import json
import pathlib
import sys

EXAMPLES = 5


def committed_files(output):
    """What the exactly-once sink has committed: an unfinished file's name begins with a dot."""
    directory = pathlib.Path(output) / "committed"
    return [p for p in directory.rglob("*") if p.is_file() and not p.name.startswith(".")]


def records_of(files):
    """(key, number, sum, milliseconds) of every line. A line that is none is an error, not a gap."""
    for file in files:
        for line in file.read_text().splitlines():
            key, number, total, time = line.split(",")
            yield key, int(number), int(total), int(time)


def live_records(output):
    """As records_of; a last line that is still being written is left out."""
    for file in (pathlib.Path(output) / "live").glob("*.txt"):
        for line in file.read_text().split("\n")[:-1]:
            key, number, total, time = line.split(" ", 1)[1].split(",")
            yield key, int(number), int(total), int(time)


def expected_sum(number, keys):
    """Of number mod keys, number mod keys + keys, ... up to number."""
    first = number % keys
    count = number // keys + 1
    return count * first + keys * (count - 1) * count // 2


def judge(output, keys, complete=False, from_first=False):
    times_seen = collections.Counter()
    wrong = []
    highest, lowest = {}, {}
    records = 0
    for key, number, total, _ in records_of(committed_files(output)):
        split, rest = (int(part) for part in key.split("-"))
        records += 1
        times_seen[split, number] += 1
        highest[split] = max(number, highest.get(split, number))
        lowest[split] = min(number, lowest.get(split, number))
        if total != expected_sum(number, keys) or number % keys != rest:
            wrong.append((split, number))
    due = {(split, number) for split, top in highest.items()
           for number in range(lowest[split] if from_first else 0, top + 1)}
    if complete:
        due |= {(int(key.split("-")[0]), number) for key, number, _, _ in live_records(output)}
    gaps = sorted(due - times_seen.keys())
    duplicates = sorted(place for place, times in times_seen.items() if times > 1)
    return {
        "good": records > 0 and not gaps and not duplicates and not wrong,
        "records": records,
        "splits": len(highest),
        "gaps": len(gaps),
        "duplicates": records - len(times_seen),
        "wrongSums": len(wrong),
        "firstOf": {name: [{"split": s, "number": n} for s, n in found[:EXAMPLES]]
                    for name, found in (("gaps", gaps), ("duplicates", duplicates),
                                        ("wrongSums", sorted(wrong))) if found},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--keys", type=int, default=10)
    parser.add_argument("--complete", action="store_true")
    parser.add_argument("--from-first", action="store_true")
    options = parser.parse_args()
    verdict = judge(options.output, options.keys, options.complete, options.from_first)
    print(json.dumps(verdict, indent=1))
    return 0 if verdict["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
