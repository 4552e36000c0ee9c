"""Carries out the runs of an experiment, and writes its results.

    python run_experiment.py                               one run after another
    python run_experiment.py --workers 4                   four at a time on this machine (Dask)
    python run_experiment.py --scheduler tcp://host:8786   on a Dask cluster that is there
    python run_experiment.py --results                     only writes the results of what has ended

A run that has ended is not repeated: start it again to go on after a fault. Each run is a folder of its own in runs/,
made of shared/ and cells/, with everything that it says in log.txt.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

import cells
import results

HERE = os.path.dirname(os.path.abspath(__file__))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, help="runs at a time on this machine, each in a process (needs Dask)")
    parser.add_argument("--scheduler", help="address of a Dask scheduler whose workers see this folder under this path")
    parser.add_argument("--processes", type=int, default=1, help="processes of each run, as torchrun starts them")
    parser.add_argument("--only", help="ids of the runs to carry out, with commas between them")
    parser.add_argument("--retries", type=int, default=2, help="how often a run that failed is tried again (with Dask)")
    parser.add_argument("--results", action="store_true", help="train nothing")
    parser.add_argument("--lay-out", action="store_true", help="only make the folders in runs/")
    parser.add_argument("train", nargs="*", help="options of train.py, after --, such as -- --device cuda")
    return parser.parse_args()


def one_after_another(jobs: list, options: dict) -> Iterator:
    """(job, why it failed or None) of each job as it ends."""
    for job in jobs:
        try:
            cells.carry_out(HERE, job, options)
            yield job, None
        except cells.Failed as failure:
            yield job, str(failure)


def with_dask(jobs: list, options: dict, workers: int, scheduler: str, retries: int) -> Iterator:
    """The same over the workers of a Dask cluster, in the order in which they end. A job whose worker dies goes to another."""
    try:
        from dask.distributed import Client, LocalCluster, as_completed
        from distributed.diagnostics.plugin import UploadFile
    except ImportError:
        raise SystemExit("This needs Dask: pip install dask distributed. Without --workers and --scheduler it does without.")
    cluster = None if scheduler else LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    with Client(scheduler or cluster) as client:
        # Workers that are started later get it too.
        getattr(client, "register_plugin", client.register_worker_plugin)(UploadFile(os.path.join(HERE, "cells.py")))
        futures = {
            client.submit(cells.carry_out, HERE, job, options, key=f"{job['id']}-{os.getpid()}", pure=False, retries=retries): job
            for job in jobs
        }
        for future in as_completed(futures):
            why = None if future.status == "finished" else str(future.exception()) or future.status
            yield futures[future], why
    if cluster:
        cluster.close()


def main() -> None:
    args = arguments()
    about = results.read_about(HERE)
    jobs = cells.jobs_of(HERE, about)
    if args.only:
        wanted = args.only.split(",")
        unknown = [name for name in wanted if name not in {job["id"] for job in jobs}]
        if unknown:
            raise SystemExit(f"There is no run {unknown[0]}. There are {', '.join(job['id'] for job in jobs)}.")
        jobs = [job for job in jobs if job["id"] in wanted]
    if args.lay_out:
        for job in jobs:
            print(cells.lay_out(HERE, job))
        return
    due = [job for job in jobs if not cells.has_ended(HERE, job)]
    if not args.results:
        done = len(jobs) - len(due)
        print(f"{len(jobs)} runs" + (f", {done} of them done" if done else ""), flush=True)
        options = {"train": args.train, "processes": args.processes}
        if args.workers or args.scheduler:
            ended = with_dask(due, options, args.workers, args.scheduler, args.retries)
        else:
            ended = one_after_another(due, options)
        for number, (job, why) in enumerate(ended, 1):
            cells.note_failure(HERE, job, why)
            print(f"{number}/{len(due)}  {job['name']}: {f'failed: {why}' if why else 'done'}", flush=True)
    failures = results.write(HERE, about, cells.jobs_of(HERE, about))
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
