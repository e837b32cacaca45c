// Which model the cursor is in, what running it gave: pure, so that it can be tested without an editor.

/** What the server says of a model, or of a layer in it. */
export interface Symbol {
  name: string;
  range: { start: { line: number }; end: { line: number } };
}

/** The model around a line; the only one there is; "" where the server shall say that there is none. */
export function modelAt(models: Symbol[], line: number): string | undefined {
  const around = models.filter(({ range }) => range.start.line <= line && line <= range.end.line);
  if (around.length) return around.at(-1)?.name;
  return models.length < 2 ? (models[0]?.name ?? "") : undefined;
}

/** What the server answers to `archlint.verify`. */
export interface Verified {
  error?: string;
  summary?: string;
  report?: { models?: { name: string; status: string; error?: string | null; reason?: string | null }[] };
}

/** What is to be said of a run: one sentence, all of it, and whether it is good news. */
export function said({ error, summary, report }: Verified): { message: string; lines: string[]; good: boolean } {
  if (error !== undefined) return { message: error.split("\n")[0] ?? "", lines: error.split("\n"), good: false };
  const models = (report?.models ?? []).map(({ name, status, error, reason }) => {
    const why = (error || reason || "").split("\n")[0];
    return { good: status === "agrees", text: `${name} ${status}${why ? `: ${why}` : ""}` };
  });
  const lines = [...models.map(({ text }) => text), ...(summary ?? "").split("\n")];
  const bad = models.find(({ good }) => !good);
  return { message: bad?.text ?? summary?.split("\n")[0] ?? "", lines, good: !bad };
}
