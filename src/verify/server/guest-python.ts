/**
 * The program that waits in the sandbox for one Python program; it speaks as the one for JavaScript does. The program
 * shares the interpreter with it, and can spoil only its own result: what is expected never comes here.
 */
export const PYTHON_GUEST = String.raw`
import json, os, sys

def message():
    length = b""
    while True:
        byte = os.read(3, 1)
        if byte == b"":
            os._exit(0)
        if byte == b"\n":
            break
        length += byte
    data = b""
    while len(data) < int(length):
        data += os.read(3, int(length) - len(data))
    return json.loads(data)

def main():
    write, dumps, loads, leave, devnull = os.write, json.dumps, json.loads, os._exit, os.devnull
    isinstance_, str_, float_, int_, bool_, list_, tuple_, dict_ = isinstance, str, float, int, bool, list, tuple, dict
    type_, len_, repr_, Exception_, Base, Memory = type, len, repr, Exception, BaseException, MemoryError

    class Unlike(Exception):
        pass

    class TooLong(Exception):
        pass

    def say(nonce, told):
        data = (nonce + dumps(told) + "\n").encode()
        while data:
            data = data[write(3, data):]

    def describe(error):
        try:
            return (type_(error).__name__ + ": " + str_(error))[:500]
        except Base:
            return "something that cannot be written"

    def encode(value, most):
        left = [most]

        def spend(n):
            left[0] -= n
            if left[0] < 0:
                raise TooLong()

        def walk(value, depth):
            spend(4)
            if value is None:
                return "null"
            kind = type_(value)
            if kind is bool_:
                return "true" if value else "false"
            if isinstance_(value, int_):
                if abs(value) > 2**52:
                    raise Unlike(repr_(int_(value))[:100])
                return repr_(int_(value))
            if isinstance_(value, float_):
                if value != value or value in (float_("inf"), float_("-inf")):
                    raise Unlike(repr_(float_(value)))
                return repr_(float_(value))
            if isinstance_(value, str_):
                spend(len_(value))
                return dumps(str_(value))
            if depth > 200:
                raise Unlike("a value nested more than 200 deep")
            if isinstance_(value, (list_, tuple_)):
                return "[" + ",".join([walk(each, depth + 1) for each in value]) + "]"
            if isinstance_(value, dict_):
                parts = []
                for key, each in value.items():
                    if not isinstance_(key, (str_, int_, float_, bool_)) and key is not None:
                        raise Unlike("a dictionary with a key of type " + type_(key).__name__)
                    name = key if isinstance_(key, str_) else dumps(key)
                    spend(len_(name))
                    parts.append(dumps(name) + ":" + walk(each, depth + 1))
                return "{" + ",".join(parts) + "}"
            raise Unlike("a " + kind.__name__)

        return walk(value, 0)

    def calls(job):
        nonce = job["nonce"]
        at = -1
        sink = open(devnull, "w")
        sys.stdout = sys.stderr = sink
        try:
            names = {"__name__": "__main__"}
            exec(compile(job["source"], "program.py", "exec"), names)
            entry = job.get("entry")
            if entry is None:
                raise NameError("no entry was named")
            owner, _, method = entry.partition(".")
            f = names[owner]
            if method:
                f = getattr(f(), method)
            for at in range(len_(job["tests"])):
                try:
                    value = f(*loads(job["tests"][at]))
                    try:
                        say(nonce, {"at": at, "value": encode(value, job["outputBytes"])})
                    except TooLong:
                        say(nonce, {"at": at, "long": True})
                    except Unlike as unlike:
                        say(nonce, {"at": at, "unlike": unlike.args[0]})
                except Memory:
                    say(nonce, {"at": at, "memory": True})
                except Exception_ as error:
                    say(nonce, {"at": at, "error": describe(error)})
        except Memory:
            say(nonce, {"at": at, "memory": True, "last": True})
        except Base as error:
            say(nonce, {"at": at, "error": describe(error), "last": True})
        leave(0)

    def program(source):
        import __main__
        os.close(3)
        names = __main__.__dict__
        for name in ["message", "main"]:
            del names[name]
        exec(compile(source, "program.py", "exec"), names)

    os.write(3, b"ready\n")
    job = message()
    if job["kind"] == "program":
        program(job["source"])
    else:
        calls(job)

main()
`;
