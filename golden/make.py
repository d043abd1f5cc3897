"""
Makes every golden file and their manifest.

  python golden/make.py              all parts
  python golden/make.py model ops    those parts; the manifest covers all files either way
  python golden/make.py --manifest   makes nothing but the manifest, of the files that are there
  python golden/make.py --check      makes nothing: are the files those of the manifest?

A part is a script make_<part>.py with `make(here) -> list of the files it wrote`, and perhaps a SEED. manifest.json holds
the size and sha256 of every file, the seeds, the versions of what made them, and the noise floors.
"""

import argparse
import hashlib
import importlib
import json
import pathlib
import platform
import sys
import time
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load_file

from common import save_json

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = ["gguf", "jinja2", "numpy", "safetensors", "tokenizers", "torch", "transformers"]


def parts() -> list[str]:
    """Names of the scripts make_<part>.py, in alphabetical order; those of the graders have an environment of their own."""
    names = (path.stem.removeprefix("make_") for path in HERE.glob("make_*.py"))
    return sorted(name for name in names if not name.startswith("graders"))


def run(part: str) -> list[pathlib.Path]:
    """Makes one part and says what it took."""
    start = time.monotonic()
    files = importlib.import_module(f"make_{part}").make(HERE)
    total = sum(path.stat().st_size for path in files)
    print(f"{part:12} {len(files):3} files {total:>10,} bytes  {time.monotonic() - start:5.1f} s", file=sys.stderr)
    return files


def make_parts(chosen: list[str]) -> None:
    """Makes them; when they are all, names the files that no script makes: written by hand, or left over."""
    made = {path.resolve() for part in chosen for path in run(part)}
    if chosen == parts():
        for path in golden_files():
            if path not in made:
                print(f"{path.relative_to(HERE)}: no script makes it", file=sys.stderr)


def golden_files() -> list[pathlib.Path]:
    """
    What the manifest covers: everything in the folders below golden/ (scripts and this page's README stand above), but the
    trained models and what was measured of them, which `npm run train`, `train:toolcaller` and golden/recipe make.
    """
    apart = {"__pycache__", "eval", "mixing", "reasoner", "recipe", "toolcaller"}
    return sorted(path for path in HERE.glob("*/**/*") if path.is_file() and not apart & set(path.parts))


def described(path: pathlib.Path) -> dict[str, object]:
    """Size and sha256 of a file."""
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def floors() -> dict[str, dict[str, float]]:
    """
    For every pair X.f32 and X.f64 of columns, max |f32 - f64| of each activation in both: Hugging Face's own noise.

    Where only some rows are stored, X.json has the floors over all of them.
    """
    found = {}
    for path in sorted(HERE.glob("*/**/*.f64.safetensors")):
        column = path.as_posix().removesuffix(".f64.safetensors")
        f32, f64 = load_file(f"{column}.f32.safetensors"), load_file(path)
        stored = {name: float(np.abs(f32[name].astype(np.float64) - f64[name]).max()) for name in sorted(f64) if name in f32}
        about = pathlib.Path(f"{column}.json")
        whole = json.loads(about.read_text(encoding="utf-8")).get("floors") if about.exists() else None
        found[pathlib.Path(column).relative_to(HERE).as_posix()] = whole or stored
    return found


def manifest() -> dict[str, object]:
    """Everything about the files that lie there now."""
    seeds = {part: getattr(importlib.import_module(f"make_{part}"), "SEED", None) for part in parts()}
    return {
        "files": {path.relative_to(HERE).as_posix(): described(path) for path in golden_files()},
        "floors": floors(),
        "seeds": {part: seed for part, seed in seeds.items() if seed is not None},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }


def check() -> int:
    """Compares the files with the manifest; returns the number of differences, each printed."""
    listed = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))["files"]
    there = {path.relative_to(HERE).as_posix(): path for path in golden_files()}
    wrong = [f"{name}: in the manifest, but not there" for name in listed if name not in there]
    wrong += [f"{name}: there, but not in the manifest" for name in there if name not in listed]
    wrong += [f"{name}: not the bytes of the manifest" for name in listed if name in there and described(there[name]) != listed[name]]
    print("\n".join(wrong) or f"{len(listed)} files are those of the manifest", file=sys.stderr)
    return len(wrong)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *parts()], metavar="PART", help=", ".join(parts()))
    parser.add_argument("--manifest", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        return 1 if check() else 0
    if not options.manifest:
        make_parts(options.parts or parts())
    save_json(HERE / "manifest.json", manifest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
