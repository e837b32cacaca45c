// The graph of a model beside the editor; a click on a layer goes to its line.
import { randomBytes } from "node:crypto";
import { ColorThemeKind, Position, Range, Uri, ViewColumn, window, workspace, type WebviewPanel } from "vscode";
import { listening } from "./page";

/** What the server answers to `archlint.showGraph`. */
export interface Graph {
  content?: string;
  model?: string;
  error?: string;
}

let panel: WebviewPanel | undefined;

/** Show a graph in the one panel there is for graphs. */
export function show(graph: Graph | null): void {
  if (!graph?.content) return void window.showWarningMessage(`archlint: ${graph?.error ?? "there is no graph"}`);
  if (!panel) {
    panel = window.createWebviewPanel("archlint.graph", "Model graph", ViewColumn.Beside, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => (panel = undefined));
    panel.webview.onDidReceiveMessage(open);
  }
  panel.title = graph.model ? `Graph of ${graph.model}` : "Model graph";
  const theme = window.activeColorTheme.kind;
  const dark = theme === ColorThemeKind.Dark || theme === ColorThemeKind.HighContrast;
  panel.webview.html = listening(graph.content, randomBytes(16).toString("hex"), dark);
  panel.reveal(undefined, true);
}

async function open(wanted: { file?: string; line?: number }): Promise<void> {
  if (!wanted.file) return;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const absolute = /^([/\\]|[A-Za-z]:)/.test(wanted.file);
  const uri = absolute || !folder ? Uri.file(wanted.file) : Uri.joinPath(folder, wanted.file);
  const at = new Position(Math.max(0, (wanted.line ?? 1) - 1), 0);
  try {
    await window.showTextDocument(uri, { selection: new Range(at, at), viewColumn: ViewColumn.One });
  } catch {
    void window.showWarningMessage(`archlint: cannot open ${wanted.file}`);
  }
}
