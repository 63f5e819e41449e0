/** Lines out of the bytes of a console, without carriage returns and what steers a terminal. */
const lineMax = 4000;

export class ConsoleText {
  #rest = "";

  push(chunk: Buffer): string[] {
    const lines = `${this.#rest}${chunk.toString("latin1")}`.split("\n");
    this.#rest = (lines.pop() ?? "").slice(-lineMax);
    return lines.map(plain).filter((line) => line !== "");
  }
}

/** Printable characters only. */
function plain(line: string): string {
  const esc = String.fromCharCode(27);
  return line
    .split(esc)
    .map((part, n) => (n === 0 ? part : part.replace(/^(\[[0-9;?]*[A-Za-z]|c)/, "")))
    .join("")
    .replaceAll(/[^ -~]/g, "")
    .trimEnd();
}
