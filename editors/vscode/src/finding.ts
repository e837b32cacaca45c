// Asks the editor and the disk what `search.ts` needs to know, and tries what it proposes.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { extensions, Uri, workspace, type Disposable } from "vscode";
import { candidates, type Candidate, type Search } from "./search";

const PATIENCE = 20_000; // milliseconds for `archlint --version` on a cold disk

export interface Tried {
  search: Search;
  candidate?: Candidate;
  version: string;
  /** What was tried in vain, a line each. */
  refused: string[];
}

/** The first archlint that answers. */
export async function find(): Promise<Tried> {
  const search = await searchHere();
  const refused: string[] = [];
  for (const candidate of candidates(search)) {
    const answer = await versionOf(candidate);
    if (answer.version) return { search, candidate, version: answer.version, refused };
    refused.push(`${candidate.command} (${candidate.from}): ${answer.why}`);
  }
  return { search, version: "", refused };
}

async function searchHere(): Promise<Search> {
  const settings = workspace.getConfiguration("archlint");
  const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  return {
    path: settings.get<string[]>("path", []),
    interpreter: settings.get<string>("interpreter", ""),
    importStrategy: settings.get<Search["importStrategy"]>("importStrategy", "fromEnvironment"),
    chosen: await chosenInterpreter(),
    folders,
    home: homedir(),
    env: process.env,
    platform: process.platform,
    exists: existsSync,
  };
}

interface PythonApi {
  ready?: Promise<void>;
  environments?: {
    getActiveEnvironmentPath(resource?: Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable: { uri?: Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath(listener: () => void): Disposable;
  };
}

async function pythonApi(): Promise<PythonApi["environments"]> {
  const extension = extensions.getExtension<PythonApi>("ms-python.python");
  if (!extension) return undefined;
  try {
    const api = extension.isActive ? extension.exports : await extension.activate();
    await api.ready;
    return api.environments;
  } catch {
    return undefined;
  }
}

async function chosenInterpreter(): Promise<string> {
  const environments = await pythonApi();
  if (environments) {
    const active = environments.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
    const resolved = await environments.resolveEnvironment(active).catch(() => undefined);
    return resolved?.executable.uri?.fsPath ?? "";
  }
  return workspace.getConfiguration("python").get<string>("defaultInterpreterPath", "").replace(/^python3?$/, "");
}

/** Calls the listener when another interpreter is chosen in the Python extension. */
export async function onInterpreterChange(listener: () => void): Promise<Disposable | undefined> {
  return (await pythonApi())?.onDidChangeActiveEnvironmentPath(listener);
}

function versionOf(candidate: Candidate): Promise<{ version: string; why: string }> {
  return new Promise((answer) => {
    execFile(candidate.command, [...candidate.args, "--version"], { timeout: PATIENCE }, (error, stdout, stderr) => {
      const version = /\d+\.\d+\S*/.exec(stdout)?.[0] ?? "";
      const why = stderr.trim().split("\n").at(-1) || error?.message || "it says no version";
      answer(error ? { version: "", why } : { version, why });
    });
  });
}

/** What a server says that ends at once; nothing of one that runs. */
export function complaint(command: string, args: string[]): Promise<string> {
  return new Promise((answer) => {
    const run = execFile(command, args, { timeout: PATIENCE }, (error, _, stderr) => answer(error ? stderr.trim() : ""));
    run.stdin?.on("error", () => undefined).end();
  });
}
