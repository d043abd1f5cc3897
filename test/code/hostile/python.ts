/** The same in Python, which has no permission model: here the system alone stands in the way. */
import { type Hostile, pythonFunctions, pythonPrograms } from "./program.ts";

export const PYTHON: readonly Hostile[] = [
  ...pythonPrograms([
    [
      "open descriptors are searched",
      "failed error",
      "import os\nfor i in range(3, 64):\n  try: print(i, os.fstat(i), os.read(i, 1000))\n  except OSError: pass",
    ],
    [
      "alarms without an end",
      "timeout killed error",
      "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)\nwhile True: pass",
    ],
    ["a loop", "timeout", "while True: pass"],
    [
      "a loop that will not hear",
      "timeout",
      "import signal\nfor s in range(1, 32):\n  try: signal.signal(s, signal.SIG_IGN)\n  except OSError: pass\nwhile True: pass",
    ],
    ["a sleep", "timeout", "import time\ntime.sleep(1000)"],
    ["a fork bomb", "error timeout memory killed", "import os\nwhile True: os.fork()"],
    [
      "a child that stays",
      "timeout passed failed",
      "import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    time.sleep(1000)\nprint(5)",
    ],
    [
      "threads",
      "error timeout memory",
      "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,)).start()",
    ],
    [
      "a command",
      "failed error",
      "import subprocess\nprint(subprocess.run('cat $CANARY; ls /home /root; id', shell=True, capture_output=True))",
    ],
    ["a file is read", "error", "print(open('$CANARY').read())"],
    ["a file is written", "error", "open('$OUT', 'w').write('x')"],
    ["a file is written where it is", "error", "open('x', 'w').write('x')"],
    ["a file is written to the memory of the machine", "error", "open('/dev/shm/x', 'w').write('x')"],
    [
      "everything is searched",
      "failed",
      "import os\nfor d, inner, files in os.walk('/'):\n  inner[:] = [i for i in inner if i != 'usr']\n  for f in files:\n    if 'canary' in f: print(open(d + '/' + f).read())",
    ],
    ["the processes' files", "error", "print(open('/proc/self/environ').read())"],
    ["the environment", "failed", "import os\nprint(dict(os.environ))"],
    ["a connection", "error", "import socket\nsocket.create_connection(('127.0.0.1', $PORT)).send(b'x')"],
    ["a request", "error", "import urllib.request\nprint(urllib.request.urlopen('http://127.0.0.1:$PORT/').read())"],
    ["a raw socket", "error", "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"],
    [
      "a socket without a file",
      "error",
      "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0qwq-canary')",
    ],
    ["memory", "memory", "x = []\nwhile True: x.append(bytearray(10**6))"],
    [
      "memory that is shared",
      "error memory",
      "import mmap\nx = []\nwhile True:\n  m = mmap.mmap(-1, 10**7)\n  m.write(b'x' * 10**7)\n  x.append(m)",
    ],
    ["a number of a billion digits", "timeout memory", "print(len(str(9**9**9)))"],
    ["a list of lists of lists", "memory timeout", "x = [0]\nwhile True: x = [x * 2] * 10"],
    ["output without an end", "output timeout", "while True: print('5')"],
    [
      "a stack without an end",
      "error killed memory timeout",
      "import sys\nsys.setrecursionlimit(10**9)\ndef g(): return g() + 1\ng()",
    ],
    ["a signal to everybody", "error killed failed passed", "import os\nos.kill(-1, 9)"],
    ["a signal to the server", "error", "import os\nos.kill($PID, 9)"],
    ["a signal to its group", "killed error failed timeout", "import os\nos.kill(0, 9)"],
    ["another user", "error", "import os\nos.setuid(0)"],
    [
      "namespaces of its own",
      "failed error",
      "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.unshare(0x00020000), libc.mount(b'x', b'/empty', b'tmpfs', 0, 0), libc.chroot(b'/'), ctypes.get_errno())",
    ],
    ["another process is traced", "failed error", "import ctypes\nprint(ctypes.CDLL(None).ptrace(16, $PID, 0, 0))"],
    ["larger limits", "error", "import resource\nresource.setrlimit(resource.RLIMIT_DATA, (2**40, 2**40))"],
    ["a wild pointer", "killed error", "import ctypes\nctypes.string_at(1)"],
    [
      "a library is loaded and the machine stopped",
      "failed error",
      "import ctypes\nprint(ctypes.CDLL(None).reboot(0x01234567))",
    ],
    ["an exit beneath Python", "failed", "import os\nos._exit(0)"],
  ]),
  ...pythonFunctions([
    ["JSON that always says 5", "failed error", "import json\njson.dumps = lambda *a, **k: '5'\ndef f(a, b): return 6"],
    [
      "a line of the channel",
      "error",
      'import os\ndef f(a, b):\n  os.write(3, b\'{"at": 0, "value": "5"}\\n\')\n  return 6',
    ],
    [
      "a number that equals everything",
      "failed error",
      "class N(int):\n  def __eq__(self, o): return True\n  def __repr__(self): return '5'\ndef f(a, b): return N(6)",
    ],
    [
      "the frames above it are searched",
      "failed error",
      "import sys\ndef f(a, b):\n  g = sys._getframe()\n  seen = []\n  while g:\n    seen.append(str(sorted(g.f_locals)))\n    g = g.f_back\n  return ''.join(seen)",
    ],
    [
      "the names of the judge are replaced",
      "failed error",
      "import builtins\nbuiltins.repr = lambda x: '5'\nbuiltins.isinstance = lambda *a: True\ndef f(a, b): return 6",
    ],
    ["an exit in the call", "error", "import os\ndef f(a, b): os._exit(0)"],
    ["an exit that is raised", "error", "def f(a, b): raise SystemExit(0)"],
    [
      "a result without an end",
      "output error memory timeout",
      "class L(list):\n  def __iter__(self):\n    while True: yield 1\ndef f(a, b): return L()",
    ],
  ]),
];
