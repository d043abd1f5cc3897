"""Runs a notebook with nbclient, by its own kernel, and writes it with the outputs: execute.py NOTEBOOK OUT"""

import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
# How often a cell writes is a matter of time; what it writes is not.
client = NotebookClient(notebook, timeout=120, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": "notebooks"}})
client.execute()
nbformat.write(notebook, sys.argv[2])
