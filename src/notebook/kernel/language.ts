/**
 * Completion and inspection, by TypeScript's language service: the cells that have run are one module, the cell that is being
 * written its end.
 */
import { join } from "node:path";
import ts from "typescript";

/** What Jupyter wants of a completion: replacements for the code between two cursors. */
export interface Completion {
  readonly matches: readonly string[];
  readonly cursor_start: number;
  readonly cursor_end: number;
}

const MOST = 200;

export class Language {
  private readonly file: string;
  private readonly service: ts.LanguageService;
  private before = "export {};\n";
  private text = "";
  private version = 0;

  /** `folder` is where the notebook lies; the tsconfig.json above it says how strict to be. */
  constructor(folder: string) {
    this.file = join(folder, "notebook-cells.ts");
    this.service = ts.createLanguageService(this.host(folder));
  }

  /** A cell that has run. */
  ran(code: string): void {
    this.before += `${code}\n`;
  }

  /** The names that fit at a cursor, which counts characters as Python does. */
  complete(code: string, cursor: number): Completion {
    const at = this.open(code, cursor);
    const written = /[\w$]*$/.exec(this.text.slice(0, at))![0];
    const found = this.service.getCompletionsAtPosition(this.file, at, {})?.entries ?? [];
    const names = found.map(({ name }) => name).filter((name) => name.startsWith(written));
    const inPath = found.length > 0 && names.length === 0;
    const matches = [...new Set(inPath ? [] : names)].slice(0, MOST);
    return { matches, cursor_start: cursor - written.length, cursor_end: cursor };
  }

  /** The type and documentation of what stands at a cursor, if anything does. */
  inspect(code: string, cursor: number): string | undefined {
    const at = this.open(code, cursor);
    const info = [at, at - 1].map((place) => this.service.getQuickInfoAtPosition(this.file, Math.max(0, place)));
    const [known] = info.filter((one) => one !== undefined);
    if (known === undefined) return undefined;
    const type = ts.displayPartsToString(known.displayParts);
    const words = ts.displayPartsToString(known.documentation);
    return words === "" ? type : `${type}\n\n${words}`;
  }

  /** Makes the cell the module's end; where the cursor is in it. */
  private open(code: string, cursor: number): number {
    this.text = this.before + code;
    this.version++;
    return this.before.length + [...code].slice(0, cursor).join("").length;
  }

  private host(folder: string): ts.LanguageServiceHost {
    const config = ts.findConfigFile(folder, (path) => ts.sys.fileExists(path));
    const json: unknown = config === undefined ? {} : ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config;
    const options = ts.parseJsonConfigFileContent(
      { ...(json as object), include: [] },
      ts.sys,
      config ?? folder,
    ).options;
    return {
      getScriptFileNames: () => [this.file],
      getScriptVersion: (name) => (name === this.file ? String(this.version) : "1"),
      getScriptSnapshot: (name) => {
        const text = name === this.file ? this.text : ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => folder,
      getCompilationSettings: () => ({ ...options, noEmit: true }),
      getDefaultLibFileName: (chosen) => ts.getDefaultLibFilePath(chosen),
      fileExists: (path) => ts.sys.fileExists(path),
      readFile: (path) => ts.sys.readFile(path),
      readDirectory: (...given) => ts.sys.readDirectory(...given),
      directoryExists: (path) => ts.sys.directoryExists(path),
      getDirectories: (path) => ts.sys.getDirectories(path),
    };
  }
}
