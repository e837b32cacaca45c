import assert from "node:assert/strict";
import { test } from "node:test";
import { listening, target } from "../src/page";

test("links to source lines are understood in every form they have", () => {
  assert.deepEqual(target("vscode://file/code/my%20net.py:7:1"), { file: "/code/my net.py", line: 7 });
  assert.deepEqual(target("file:///code/net.py#L12"), { file: "/code/net.py", line: 12 });
  assert.deepEqual(target("pkg/net.py#L3"), { file: "pkg/net.py", line: 3 });
  assert.deepEqual(target("net.py:9"), { file: "net.py", line: 9 });
});

test("other links are left alone", () => {
  assert.equal(target("https://example.invalid/rules"), undefined);
  assert.equal(target("#layer-3"), undefined);
});

test("the scripts of the page run, those of nobody else do", () => {
  const page = listening("<html><head><title>t</title></head><body><script>draw()</script></body></html>", "abc", false);
  assert.match(page, /<head><meta http-equiv="Content-Security-Policy" content="default-src 'none';[^"]*'nonce-abc'">/);
  assert.match(page, /<script nonce="abc">draw\(\)/);
  assert.match(page, /acquireVsCodeApi\(\);[\s\S]*<\/script><\/body>/);
});

test("a page without head and body is shown too", () => {
  const page = listening("<svg></svg>", "abc", false);
  assert.ok(page.startsWith("<meta http-equiv"));
  assert.ok(page.trimEnd().endsWith("</script>"));
});

test("the page is dark where the editor is, whatever the system says", () => {
  const css = "<style>@media (prefers-color-scheme: dark) { body { color: white } }</style>";
  assert.match(listening(css, "abc", true), /@media all/);
  assert.match(listening(css, "abc", false), /@media not all/);
});
