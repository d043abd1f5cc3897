"""The cache as huggingface_hub sees it: `read`, with no network, or `write`, from the hub that HF_ENDPOINT names."""

import hashlib
import json
import os
import sys

from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import LocalEntryNotFoundError

REPO = "org/name"


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    patterns = sys.argv[2:] or None
    if sys.argv[1] == "write":
        folder = snapshot_download(REPO, allow_patterns=patterns)
    else:
        try:
            folder = snapshot_download(REPO, local_files_only=True, allow_patterns=patterns)
        except LocalEntryNotFoundError:
            print(json.dumps(None))
            return
    names = sorted(
        os.path.relpath(os.path.join(at, name), folder) for at, _, files in os.walk(folder) for name in files
    )
    found = {name: try_to_load_from_cache(REPO, name) for name in names}
    scan = scan_cache_dir()
    print(
        json.dumps(
            {
                "folder": folder,
                "hashes": {name: sha256(path) for name, path in found.items()},
                "warnings": [str(warning) for warning in scan.warnings],
                "repositories": [repo.repo_id for repo in scan.repos],
                "refs": sorted(ref for repo in scan.repos for ref in repo.refs),
            }
        )
    )


main()
