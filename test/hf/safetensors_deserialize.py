"""Reads length-prefixed files from stdin and prints, a line each, what the Rust library makes of them."""

import json
import struct
import sys

from safetensors import SafetensorError, deserialize

stream = sys.stdin.buffer
while prefix := stream.read(4):
    data = stream.read(struct.unpack("<I", prefix)[0])
    try:
        tensors = [[name, t["dtype"], t["shape"], bytes(t["data"]).hex()] for name, t in deserialize(data)]
        print(json.dumps(sorted(tensors)))
    except SafetensorError as error:
        print(json.dumps(str(error)))
