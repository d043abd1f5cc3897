"""Reads length-prefixed GGUF files from stdin and prints, a line each, what gguf-py and ggml make of them.

gguf-py is asked only where the length has its highest bit set: of some damaged files it reads arrays without an end.

A line is {"py": ..., "ggml": ...}, each a list of tensors [name, type, offset of its data in the file, bytes] with the
keys of the metadata before it, or the error; "crash" where ggml ended its process.
"""

import ctypes
import json
import os
import struct
import sys
import warnings

from gguf import GGUFReader

warnings.simplefilter("ignore")
lib = ctypes.CDLL(sys.argv[1])


class Params(ctypes.Structure):
    _fields_ = [("no_alloc", ctypes.c_bool), ("ctx", ctypes.c_void_p)]


lib.gguf_init_from_file.restype = ctypes.c_void_p
lib.gguf_init_from_file.argtypes = [ctypes.c_char_p, Params]
for name, result in [
    ("gguf_get_n_kv", ctypes.c_int64),
    ("gguf_get_key", ctypes.c_char_p),
    ("gguf_get_n_tensors", ctypes.c_int64),
    ("gguf_get_tensor_name", ctypes.c_char_p),
    ("gguf_get_tensor_type", ctypes.c_int),
    ("gguf_get_tensor_offset", ctypes.c_size_t),
    ("gguf_get_tensor_size", ctypes.c_size_t),
    ("gguf_get_data_offset", ctypes.c_size_t),
]:
    function = getattr(lib, name)
    function.restype = result
    function.argtypes = [ctypes.c_void_p] + ([ctypes.c_int64] if "get_n_" not in name and "data_offset" not in name else [])
lib.gguf_free.argtypes = [ctypes.c_void_p]


def text(value):
    return value.decode("utf-8", "replace")


def by_ggml(path):
    ctx = lib.gguf_init_from_file(path.encode(), Params(True, None))
    if not ctx:
        return "refused"
    start = lib.gguf_get_data_offset(ctx)
    keys = [text(lib.gguf_get_key(ctx, i)) for i in range(lib.gguf_get_n_kv(ctx))]
    tensors = [
        [
            text(lib.gguf_get_tensor_name(ctx, i)),
            lib.gguf_get_tensor_type(ctx, i),
            start + lib.gguf_get_tensor_offset(ctx, i),
            lib.gguf_get_tensor_size(ctx, i),
        ]
        for i in range(lib.gguf_get_n_tensors(ctx))
    ]
    lib.gguf_free(ctx)
    return [keys, tensors]


def by_python(path):
    try:
        reader = GGUFReader(path)
        keys = [name for name in reader.fields if not name.startswith("GGUF.")]
        return [keys, [[t.name, int(t.tensor_type), int(t.data_offset), int(t.n_bytes)] for t in reader.tensors]]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def apart(path):
    """by_ggml in a child, since ggml may abort."""
    into, out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(into)
        os.write(out, json.dumps(by_ggml(path)).encode())
        os._exit(0)
    os.close(out)
    parts = []
    while part := os.read(into, 1 << 16):
        parts.append(part)
    os.close(into)
    _, status = os.waitpid(child, 0)
    return json.loads(b"".join(parts)) if status == 0 else "crash"


os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # ggml says on stderr what it refuses
path = f"/dev/shm/qwq-{os.getpid()}.gguf" if os.path.isdir("/dev/shm") else f"/tmp/qwq-{os.getpid()}.gguf"
stream = sys.stdin.buffer
try:
    while prefix := stream.read(4):
        (length,) = struct.unpack("<I", prefix)
        with open(path, "wb") as file:
            file.write(stream.read(length & 0x7FFFFFFF))
        print(json.dumps({"py": by_python(path) if length >> 31 else "not asked", "ggml": apart(path)}))
finally:
    if os.path.exists(path):
        os.remove(path)
