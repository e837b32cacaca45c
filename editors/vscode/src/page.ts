// The page of a graph as a webview takes it: pure, so that it can be tested without an editor.

/** The page, with scripts of its own only, no network, the editor's theme, and links to source lines sent to it. */
export function listening(html: string, nonce: string, dark: boolean): string {
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; script-src 'nonce-${nonce}'`;
  const head = `<meta http-equiv="Content-Security-Policy" content="${policy}"><style>body { padding: 0; }</style>`;
  const script = `<script nonce="${nonce}">${LINKS}</script>`;
  const guarded = html
    .replace(/<script(?![^>]*\bsrc=)/g, `<script nonce="${nonce}"`)
    .replaceAll("@media (prefers-color-scheme: dark)", dark ? "@media all" : "@media not all");
  const withHead = /<head[^>]*>/i.test(guarded) ? guarded.replace(/<head[^>]*>/i, (tag) => tag + head) : head + guarded;
  return /<\/body>/i.test(withHead) ? withHead.replace(/<\/body>/i, () => `${script}</body>`) : withHead + script;
}

/** `vscode://file/net.py:7:1`, `file:///net.py#L7` and `net.py#L7` as file and line. */
export function target(href: string): { file: string; line: number } | undefined {
  const plain = href.replace(/^vscode:\/\/file/, "").replace(/^file:\/\//, "");
  if (plain === href && /^([a-z][a-z0-9+.-]*:\/\/|mailto:|data:|javascript:|#)/i.test(href)) return undefined;
  const found = /^(.*?)(?:#L(\d+)|:(\d+)(?::\d+)?)?$/.exec(plain);
  if (!found?.[1]) return undefined;
  return { file: decodeURIComponent(found[1]), line: Number(found[2] ?? found[3] ?? 1) };
}

const LINKS = `
  const editor = acquireVsCodeApi();
  const target = ${target.toString()};
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href], a[*|href]");
    const href = link && (link.getAttribute("href") || link.getAttribute("xlink:href"));
    const wanted = href && target(href);
    if (wanted) { event.preventDefault(); event.stopPropagation(); editor.postMessage(wanted); }
  }, true);
`;
