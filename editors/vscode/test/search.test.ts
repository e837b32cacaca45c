import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, installation, interpreterOf, lacksServer, reasonIn, restartable, substituted, type Search } from "../src/search";

/** A search on a machine that holds these files and nothing else. */
function search(files: string[], more: Partial<Search> = {}): Search {
  return {
    path: [],
    interpreter: "",
    importStrategy: "fromEnvironment",
    chosen: "",
    folders: ["/code"],
    home: "/me",
    env: { PATH: "/bin:/usr/bin" },
    platform: "linux",
    exists: (file) => files.includes(file),
    ...more,
  };
}

const commands = (of: Search) => candidates(of).map(({ command, args }) => [command, ...args].join(" "));

test("the environment of the workspace comes before PATH", () => {
  const of = search(["/code/.venv/bin/python", "/usr/bin/archlint"]);
  assert.deepEqual(commands(of), ["/code/.venv/bin/python -m archlint", "/usr/bin/archlint"]);
  assert.equal(candidates(of)[0]?.from, ".venv of the workspace");
});

test("PATH comes first where the user says so", () => {
  const of = search(["/code/.venv/bin/python", "/usr/bin/archlint"], { importStrategy: "fromPath" });
  assert.deepEqual(commands(of), ["/usr/bin/archlint", "/code/.venv/bin/python -m archlint"]);
});

test("the interpreter of the Python extension comes before .venv, a stated one before both", () => {
  const files = ["/code/.venv/bin/python", "/conda/bin/python", "/mine/bin/python"];
  assert.equal(commands(search(files, { chosen: "/conda/bin/python" }))[0], "/conda/bin/python -m archlint");
  const stated = search(files, { chosen: "/conda/bin/python", interpreter: "/mine" });
  assert.deepEqual(commands(stated), ["/mine/bin/python -m archlint"]);
  assert.equal(interpreterOf(stated), "/mine/bin/python");
});

test("archlint.path is tried first, its variables replaced, and skipped where it does not exist", () => {
  const files = ["/code/tools/archlint", "/code/.venv/bin/python"];
  const path = ["/nowhere/archlint", "${workspaceFolder}/tools/archlint"];
  assert.deepEqual(commands(search(files, { path })), ["/code/tools/archlint", "/code/.venv/bin/python -m archlint"]);
});

test("nothing is tried twice, and nothing that is not there", () => {
  const env = { PATH: "", VIRTUAL_ENV: "/code/.venv" };
  assert.deepEqual(commands(search(["/code/.venv/bin/python"], { env })), ["/code/.venv/bin/python -m archlint"]);
  assert.deepEqual(commands(search([])), []);
  assert.equal(interpreterOf(search([])), "");
});

test("Windows has its own names and separators", () => {
  const files = ["C:\\code\\.venv\\Scripts\\python.exe", "C:\\bin\\archlint.exe"];
  const of = search(files, { platform: "win32", folders: ["C:\\code"], env: { Path: "C:\\bin;C:\\other" } });
  assert.deepEqual(commands(of), ["C:\\code\\.venv\\Scripts\\python.exe -m archlint", "C:\\bin\\archlint.exe"]);
});

test("every folder of the workspace is looked at", () => {
  const of = search(["/second/venv/bin/python3"], { folders: ["/first", "/second"] });
  assert.deepEqual(commands(of), ["/second/venv/bin/python3 -m archlint"]);
});

test("variables in paths", () => {
  const where = { folders: ["/code"], home: "/me", env: { TOOLS: "/tools" } };
  assert.equal(substituted("${env:TOOLS}/archlint", where), "/tools/archlint");
  assert.equal(substituted("~/bin/archlint", where), "/me/bin/archlint");
  assert.equal(substituted("${userHome}/${env:NONE}x", where), "/me/x");
});

test("what to type is said for the interpreter that would be used", () => {
  const [first] = candidates(search(["/code/.venv/bin/python"]));
  assert.equal(installation(first, ""), '"/code/.venv/bin/python" -m pip install "archlint[lsp]"');
  assert.equal(installation(undefined, ""), 'pip install "archlint[lsp]"');
});

test("a missing language server is told from other failures", () => {
  assert.ok(lacksServer("Error: the language server needs pygls: pip install 'archlint[lsp]'"));
  assert.ok(!lacksServer("Segmentation fault"));
});

test("the line that tells why a server ended is found", () => {
  assert.equal(reasonIn("Usage: archlint server\n\nError: No such option '--tpc'.\n"), "Error: No such option '--tpc'.");
  assert.equal(reasonIn("archlint: internal error at x.py:3\nPlease report it\n"), "archlint: internal error at x.py:3");
  assert.equal(reasonIn("Traceback\n  File\nKeyError: 'a'\n"), "KeyError: 'a'");
  assert.equal(reasonIn(""), "");
});

test("a server that ends again and again is left alone", () => {
  const ends: number[] = [];
  assert.deepEqual([0, 1, 2, 3, 4].map((second) => restartable(ends, second * 1000)), [true, true, true, true, false]);
  assert.ok(restartable(ends, 10 * 60_000), "after a quiet while it is started");
});
