// Where archlint may be: pure, so that it can be tested without an editor.
import * as path from "node:path";

export interface Search {
  /** `archlint.path`, `archlint.interpreter`, `archlint.importStrategy`. */
  path: string[];
  interpreter: string;
  importStrategy: "fromEnvironment" | "fromPath";
  /** The interpreter chosen in the Python extension; empty where there is none. */
  chosen: string;
  /** Folders of the workspace. */
  folders: string[];
  home: string;
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  exists: (file: string) => boolean;
}

/** A command that may start archlint, and how the user knows it. */
export interface Candidate {
  command: string;
  args: string[];
  from: string;
  /** The Python that would get archlint; empty for an executable of its own. */
  interpreter: string;
}

/** Everything worth trying, the best first; nothing twice. */
export function candidates(search: Search): Candidate[] {
  const stated = search.path
    .map((given) => substituted(given, search))
    .filter((file) => search.exists(file))
    .map((command) => ({ command, args: [], from: "archlint.path", interpreter: "" }));
  const environment = environments(search);
  const found = onPath("archlint", search).map((command) => ({ command, args: [], from: "PATH", interpreter: "" }));
  const rest = search.importStrategy === "fromPath" ? [...found, ...environment] : [...environment, ...found];
  const seen = new Set<string>();
  return [...stated, ...rest].filter(({ command }) => !seen.has(command) && seen.add(command));
}

/** The Python of the project: what models run in, and where archlint is looked for first. */
export function interpreterOf(search: Search): string {
  return environments(search)[0]?.interpreter ?? "";
}

function environments(search: Search): Candidate[] {
  const found: [string, string][] = [];
  if (search.interpreter) {
    found.push([pythonOf(substituted(search.interpreter, search), search), "archlint.interpreter"]);
  } else {
    if (search.chosen) found.push([pythonOf(search.chosen, search), "the Python extension"]);
    for (const folder of search.folders)
      for (const name of [".venv", "venv"])
        found.push([pythonOf(joined(search, folder, name), search), `${name} of the workspace`]);
    if (search.env.VIRTUAL_ENV) found.push([pythonOf(search.env.VIRTUAL_ENV, search), "VIRTUAL_ENV"]);
    if (search.env.CONDA_PREFIX) found.push([pythonOf(search.env.CONDA_PREFIX, search), "CONDA_PREFIX"]);
  }
  return found
    .filter(([python]) => python && search.exists(python))
    .map(([python, from]) => ({ command: python, args: ["-m", "archlint"], from, interpreter: python }));
}

/** The interpreter that a path means: itself, or the one of a virtual environment. */
function pythonOf(given: string, search: Search): string {
  const inside = search.platform === "win32" ? ["Scripts/python.exe", "python.exe"] : ["bin/python", "bin/python3"];
  const within = inside.map((name) => joined(search, given, ...name.split("/")));
  return within.find((file) => search.exists(file)) ?? given;
}

function onPath(name: string, search: Search): string[] {
  const windows = search.platform === "win32";
  const value = search.env.PATH ?? search.env.Path ?? "";
  const names = windows ? [`${name}.exe`, `${name}.cmd`] : [name];
  return value
    .split(windows ? ";" : ":")
    .filter((folder) => folder)
    .flatMap((folder) => names.map((file) => joined(search, folder, file)))
    .filter((file) => search.exists(file));
}

/** `${workspaceFolder}/.venv`, `${userHome}/bin`, `${env:HOME}`, `~/bin`. */
export function substituted(text: string, search: Pick<Search, "folders" | "home" | "env">): string {
  return text
    .replace(/^~(?=[/\\]|$)/, search.home)
    .replace(/\$\{workspaceFolder(?::[^}]*)?\}/g, search.folders[0] ?? "")
    .replace(/\$\{userHome\}/g, search.home)
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => search.env[name] ?? "");
}

function joined(search: Pick<Search, "platform">, ...parts: string[]): string {
  return (search.platform === "win32" ? path.win32 : path.posix).join(...parts);
}

/** What to type to have archlint with its language server. */
export function installation(candidate: Candidate | undefined, interpreter: string): string {
  const python = candidate?.interpreter || interpreter;
  return python ? `"${python}" -m pip install "archlint[lsp]"` : 'pip install "archlint[lsp]"';
}

/** Did a server end at once because the extra `lsp`, or the whole command, is missing in that archlint? */
export function lacksServer(stderr: string): boolean {
  return /needs pygls|No module named '?(pygls|lsprotocol)|No such command 'server'/.test(stderr);
}

/** The line of what a program said before it ended that tells why. */
export function reasonIn(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim());
  return lines.find((line) => /^(Error|archlint): /.test(line)) ?? lines.at(-1) ?? "";
}

/** Is a server that ended to be started again?  Not after five ends in three minutes; `ends` keeps their times. */
export function restartable(ends: number[], now: number): boolean {
  ends.push(now);
  if (ends.length > 5) ends.shift();
  return ends.length < 5 || now - (ends[0] ?? now) > 3 * 60_000;
}
