// Starts archlint's language server for Python files and notebooks, and says what to do where there is none.
import {
  commands, env, languages, LanguageStatusSeverity, window, workspace,
  type ExtensionContext, type LanguageStatusItem, type LogOutputChannel,
} from "vscode";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, type LanguageClientOptions } from "vscode-languageclient/node";
import { complaint, find, onInterpreterChange, type Tried } from "./finding";
import { show, type Graph } from "./graph";
import { modelAt, said, type Symbol, type Verified } from "./models";
import { installation, interpreterOf, lacksServer, reasonIn, restartable } from "./search";

const SELECTOR = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
  { language: "python", scheme: "vscode-notebook-cell" },
];
const RESTARTING = ["enable", "path", "interpreter", "importStrategy", "serverArgs"].map((name) => `archlint.${name}`);

let client: LanguageClient | undefined;
let output: LogOutputChannel;
let status: LanguageStatusItem;
let turn: Promise<void> = Promise.resolve();

export async function activate(context: ExtensionContext): Promise<void> {
  output = window.createOutputChannel("archlint", { log: true });
  status = languages.createLanguageStatusItem("archlint", [...SELECTOR]);
  status.name = "archlint";
  status.command = { title: "Show Output", command: "archlint.showOutput" };
  context.subscriptions.push(
    output,
    status,
    commands.registerCommand("archlint.showOutput", () => output.show()),
    commands.registerCommand("archlint.restart", restart),
    commands.registerCommand("archlint.showModelGraph", () => run("archlint.showGraph")),
    commands.registerCommand("archlint.verifyModel", () => run("archlint.verify")),
    workspace.onDidChangeConfiguration((change) => {
      if (RESTARTING.some((name) => change.affectsConfiguration(name))) void restart();
    }),
  );
  void onInterpreterChange(() => void restart()).then((listening) => listening && context.subscriptions.push(listening));
  await restart();
}

export async function deactivate(): Promise<void> {
  await turn;
  await stop();
}

/** Starts the server anew; a second call waits for the first. */
function restart(): Promise<void> {
  turn = turn.then(stop).then(start).catch((error: unknown) => fail(String(error)));
  return turn;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await commands.executeCommand("setContext", "archlint.running", false);
  if (running && running.state !== State.Stopped) await running.stop().catch(() => undefined);
  await running?.dispose().catch(() => undefined);
}

async function start(): Promise<void> {
  if (!workspace.getConfiguration("archlint").get("enable", true)) return tell("off", "archlint.enable is false");
  tell("starting", "", true);
  const tried = await find();
  for (const line of tried.refused) output.info(`not used: ${line}`);
  if (!tried.candidate) return offer("archlint was not found in the Python environment or on PATH.", tried);
  const { command, args, from } = tried.candidate;
  const more = workspace.getConfiguration("archlint").get<string[]>("serverArgs", []);
  output.info(`starting archlint ${tried.version} from ${from}: ${command} ${[...args, "server", ...more].join(" ")}`);
  const server = { command, args: [...args, "server", ...more] };
  const ends: number[] = [];
  let started = false;
  const options = clientOptions(interpreterOf(tried.search), () => started && restartable(ends, Date.now()));
  const starting = new LanguageClient("archlint", "archlint", server, options);
  try {
    await starting.start();
  } catch (error) {
    await starting.dispose().catch(() => undefined);
    const said = await complaint(server.command, server.args);
    if (lacksServer(said)) return offer(`archlint ${tried.version} (${from}) has no language server.`, tried);
    return fail(reasonIn(said) || String(error));
  }
  started = true;
  client = starting;
  await commands.executeCommand("setContext", "archlint.running", true);
  tell(`archlint ${tried.version}`, `${from}: ${command}`);
}

function clientOptions(interpreter: string, again: () => boolean): LanguageClientOptions {
  return {
    documentSelector: SELECTOR,
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      // While it starts, `start` says what is wrong; later the server is started again, but not for ever.
      closed: () => (again() ? { action: CloseAction.Restart, handled: true } : { action: CloseAction.DoNotRestart, handled: true }),
    },
    initializationOptions: { interpreter },
    middleware: {
      workspace: {
        // The server runs models with the interpreter that was found, where the user names none.
        configuration: async (params, token, next) => {
          const found = await next(params, token);
          if (!Array.isArray(found)) return found;
          return found.map((section: unknown, i) => {
            if (params.items[i]?.section !== "archlint" || typeof section !== "object" || !section) return section;
            return { ...section, interpreter: (section as { interpreter?: string }).interpreter || interpreter };
          });
        },
      },
      executeCommand: async (command, args, next) => {
        if (command === "archlint.showGraph") return show((await next(command, [args[0], args[1] ?? "", "html"])) as Graph);
        const answer: unknown = await next(command, args);
        if (command === "archlint.verify") report((answer ?? {}) as Verified);
        return answer;
      },
    },
  };
}

/** A command of the server on the model at the cursor. */
async function run(command: string): Promise<void> {
  const editor = window.activeTextEditor;
  if (!client || !editor) return void window.showInformationMessage("archlint is not running. See its output.");
  const uri = editor.document.uri.toString();
  const answer = await client.sendRequest<Symbol[] | null>("textDocument/documentSymbol", { textDocument: { uri } });
  const model = modelAt(answer ?? [], editor.selection.active.line);
  const name = model ?? (await window.showQuickPick((answer ?? []).map((one) => one.name), { title: "Which model?" }));
  if (name !== undefined) await commands.executeCommand(command, uri, name);
}

/** What running a model gave: a message, and all of it in the output. */
function report(answer: Verified): void {
  const { message, lines, good } = said(answer);
  for (const line of lines) output.info(line);
  const tell = good ? window.showInformationMessage : window.showWarningMessage;
  if (message) void tell(`archlint: ${message}`, "Show Output").then((chosen) => chosen && output.show());
}

/** Says what is missing, and what to type. */
function offer(missing: string, tried: Tried): void {
  const command = installation(tried.candidate, interpreterOf(tried.search));
  tell("not found", `${missing} ${command}`, false, LanguageStatusSeverity.Error);
  output.error(`${missing} To install it: ${command}`);
  const choices = ["Install in Terminal", "Copy Command", "Show Output"];
  void window.showErrorMessage(`${missing} Install it with: ${command}`, ...choices).then((chosen) => {
    if (chosen === choices[0]) {
      const terminal = window.createTerminal("archlint");
      terminal.show();
      terminal.sendText(command, false); // the user presses Enter
    } else if (chosen === choices[1]) void env.clipboard.writeText(command);
    else if (chosen === choices[2]) output.show();
  });
}

function fail(why: string): void {
  tell("failed", why, false, LanguageStatusSeverity.Error);
  output.error(why);
  void window.showErrorMessage(`archlint could not be started: ${why}`, "Show Output").then((c) => c && output.show());
}

function tell(text: string, detail: string, busy = false, severity = LanguageStatusSeverity.Information): void {
  Object.assign(status, { text, detail, busy, severity });
}
