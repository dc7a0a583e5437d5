"""turns.py - processes that take turns, and tables of what came of it.

A process that is measured says with a line of JSON that it is ready, answers each line read
by the milliseconds of a pass, and ends with its input: `mica bench --serve`, and `serve`
here. So programs that are compared are warm and alternate: what disturbs the machine
disturbs both.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

LEAST_SECONDS = 0.05  # of a turn: short passes are repeated, as mica does
PAUSE = 0.05  # before a turn: threads of another that spin fall asleep


# --- a process that is measured ----------------------------------------------------------


def status_bytes(key):
    for line in open("/proc/self/status"):
        if line.startswith(key):
            return 1024 * int(line.split()[1])
    return 0


def forget_peak():
    """What was at most in memory while weights were drawn and written does not count."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def say(answer):
    print(json.dumps(answer), flush=True)


def serve(a_pass, ready, before):
    """A turn for each line read; `before`: the process's bytes at its start."""
    say(ready)
    for _ in sys.stdin:
        passes, begun, spending = 0, time.perf_counter(), time.process_time()
        while passes == 0 or time.perf_counter() - begun < LEAST_SECONDS:
            a_pass()
            passes += 1
        say({"ms": 1e3 * (time.perf_counter() - begun) / passes,
             "processor_ms": 1e3 * (time.process_time() - spending) / passes})
    say({"peak_bytes": status_bytes("VmHWM:") - before})


# --- the processes -----------------------------------------------------------------------


class Ended(Exception):
    """A process went before its time."""


class Differs(Exception):
    """Two programs do not compute the same."""


def check(what, gaps):
    """Of pairs of a distance and what is allowed."""
    found = ", ".join(f"{key} {gap:.1e}" for key, (gap, _) in gaps.items())
    print(f"{what} differ by {found}", file=sys.stderr, flush=True)
    if not all(gap < limit for gap, limit in gaps.values()):
        raise Differs(f"{what}: they do not compute the same")


class Child:
    """A process that waits, takes a turn for each line and ends with a line of results."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Ended(f"{' '.join(self.process.args)}: ended with {self.process.wait()}")
        return json.loads(line)

    def turn(self):
        time.sleep(PAUSE)
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # `read` finds out how it ended
        return self.read()

    def end(self):
        self.process.stdin.close()
        result = self.read()
        self.process.wait()
        return result

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Whatever happened, no process is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


# --- tables ------------------------------------------------------------------------------


class Table:
    """Rows as they come, printed and, where there is a file, added to it."""

    def __init__(self, path, title, head):
        self.path, self.width, self.failed = path, len(head), 0
        self.write(title + "\n")
        self.row(head)
        self.row(["---"] + ["---:"] * (len(head) - 2) + ["---"])

    def write(self, line):
        print(line, flush=True)
        if self.path:
            with open(self.path, "a") as file:
                file.write(line + "\n")

    def row(self, cells):
        self.write("| " + " | ".join(map(str, cells)) + " |")

    def attempt(self, start, rest):
        """A row that begins with `start`; what fails is told there and in the end."""
        try:
            self.row(start + rest())
        except (Differs, Ended, subprocess.CalledProcessError) as why:
            print(f"failed: {why}", file=sys.stderr, flush=True)
            self.failed += 1
            self.row(start + ["-"] * (self.width - len(start) - 1) + [type(why).__name__])

    def end(self):
        if self.failed:
            sys.exit(f"{self.failed} rows failed")


def machine():
    try:
        models = [line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")]
    except OSError:
        models = []
    isa = f", MICA_ISA={os.environ['MICA_ISA']}" if "MICA_ISA" in os.environ else ""
    name = models[0] if models else platform.machine()
    return f"{len(models) or os.cpu_count()} x {name}{isa}"


def clock_words(arguments):
    return "" if arguments.clock == "ms" else "time on processors, "


def load():
    return f"load average at the start {os.getloadavg()[0]:.1f}"


# --- options -----------------------------------------------------------------------------


def words(known):
    def read(text):
        chosen = text.split(",")
        for word in chosen:
            if word not in known:
                raise argparse.ArgumentTypeError(f"'{word}' is not one of {', '.join(known)}")
        return chosen
    return read


def numbers(text):
    return [int(word) for word in text.split(",")]


def parser_of(description):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mica", type=lambda path: pathlib.Path(path).resolve(),
                        help="the program")
    parser.add_argument("--output", metavar="FILE", help="rows are added to it as they come")
    return parser


def add_measuring(parser):
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=("ms", "processor_ms"), default="ms",
                        help="processor_ms: what threads spent on processors, which other "
                        "programs disturb less; fair with one thread")


def add_choice(parser, nets):
    parser.add_argument("--nets", type=words(nets), default=list(nets),
                        help="some of " + ",".join(nets))
    parser.add_argument("--batch", type=numbers, help="in place of each network's own")
    parser.add_argument("--size", type=int, help="likewise: rows and columns")
    parser.add_argument("--width", type=int, help="of the ResUNets, in place of 32")
