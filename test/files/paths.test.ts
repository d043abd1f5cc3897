import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { examine, inside, namesIn, openInside, readInside } from "../../src/files/paths.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { systemError, withIo } from "../support/io.ts";

/** A folder `model` beside a file `secret` and a folder `other`. */
function layout(): string {
  const root = fs.realpathSync(temporaryFolder());
  fs.mkdirSync(join(root, "model"));
  fs.mkdirSync(join(root, "other"));
  fs.writeFileSync(join(root, "secret"), "secret");
  fs.writeFileSync(join(root, "model", "f"), "inside");
  return root;
}

/** Hugging Face's cache: a snapshot whose file `f` links to `target`. */
function cache(target: string): string {
  const root = fs.realpathSync(temporaryFolder());
  const snapshot = join(root, "models--a--b", "snapshots", "rev");
  fs.mkdirSync(snapshot, { recursive: true });
  fs.mkdirSync(join(root, "models--a--b", "blobs"));
  fs.writeFileSync(join(root, "models--a--b", "blobs", "sha"), "blob");
  fs.writeFileSync(join(root, "models--a--b", "secret"), "secret");
  fs.symlinkSync(target, join(snapshot, "f"));
  return snapshot;
}

describe("inside", () => {
  it("finds a file of the folder, also through links that stay inside", () => {
    const root = layout();
    fs.symlinkSync("f", join(root, "model", "link"));
    fs.symlinkSync(join(root, "model"), join(root, "alias"));
    for (const folder of ["model", "alias"]) {
      for (const name of ["f", "link"]) expect(inside(join(root, folder), name)).toBe(join(root, "model", "f"));
    }
    expect(Buffer.from(readInside(join(root, "alias"), "link", 100, "E_LIMIT_CONFIG")).toString()).toBe("inside");
    expect(failure(() => readInside(join(root, "model"), "f", 5, "E_LIMIT_CONFIG")).code).toBe("E_LIMIT_CONFIG");
  });

  it("F6: follows the links of Hugging Face's cache to its blobs, and names the file as it was asked for", () => {
    const snapshot = cache("../../blobs/sha");
    expect(Buffer.from(readInside(snapshot, "f", 100, "E_LIMIT_CONFIG")).toString()).toBe("blob");
    const file = openInside(snapshot, "f");
    expect(file.path).toBe(join(snapshot, "f"));
    file.close();
  });

  it.each(["../../secret", "../../blobs/../secret", "/etc/passwd"])("F5: refuses a cache's link to %s", (target) => {
    expect(failure(() => inside(cache(target), "f")).code).toBe("E_PATH_ESCAPE");
  });

  it("F5: refuses a link that leaves the folder, also one to a folder whose name begins like it", () => {
    const root = layout();
    fs.mkdirSync(join(root, "model-2"));
    fs.writeFileSync(join(root, "model-2", "f"), "");
    fs.symlinkSync("../secret", join(root, "model", "a"));
    fs.symlinkSync("../model-2/f", join(root, "model", "b"));
    expect(failure(() => inside(join(root, "model"), "a")).message).toBe(
      `${root}/model/a: expected a file inside the model's folder, got "${root}/secret". ` +
        "If you trust it, copy the file into the folder.",
    );
    expect(failure(() => inside(join(root, "model"), "b")).code).toBe("E_PATH_ESCAPE");
  });

  it.each(["", ".", "..", "../secret", "/etc/passwd", "a/b", "..\\x", "C:\\x", "x:ads", "http://x"])(
    "X1: refuses the name %j",
    (name) => {
      expect(failure(() => inside(join(layout(), "model"), name)).code).toBe("E_PATH_ESCAPE");
    },
  );

  it.each([
    ["none", "E_IO_OPEN"],
    ["a\0", "E_PATH_INVALID"],
  ])("refuses the name %j with %s", (name, code) => {
    expect(failure(() => inside(join(layout(), "model"), name)).code).toBe(code);
  });

  it("namesIn and examine say which folder or file the system would not show", () => {
    const refused = () => {
      throw systemError("EACCES");
    };
    const names = withIo({ readdirSync: refused }, () => failure(() => namesIn("folder", "Give another.")));
    expect([names.code, names.message]).toEqual([
      "E_IO_OPEN",
      "folder: expected a folder that can be read, got EACCES. Give another.",
    ]);
    const stat = withIo({ statSync: refused }, () => failure(() => examine("file")));
    expect([stat.code, stat.message]).toEqual([
      "E_IO_READ",
      "file: expected a file that can be examined, got EACCES. You have no permission to read it.",
    ]);
    expect(examine(join(layout(), "none"))).toBeUndefined();
  });

  it("says what is to be done about a file that may not be read, and not that there is none", () => {
    const denied = () => {
      throw systemError("EACCES");
    };
    const error = withIo({ realpathSync: denied }, () => failure(() => inside("model", "f")));
    expect([error.code, error.hint]).toEqual(["E_IO_OPEN", "You have no permission to read it."]);
  });

  it("F7: refuses a link to itself", () => {
    const root = layout();
    fs.symlinkSync("l", join(root, "model", "l"));
    const error = failure(() => inside(join(root, "model"), "l"));
    expect([error.code, error.hint]).toEqual(["E_IO_OPEN", "Its links lead in a circle."]);
  });
});
