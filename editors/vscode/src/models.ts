// Which model the cursor is in: pure, so that it can be tested without an editor.

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
