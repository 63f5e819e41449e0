/** Modules of a kernel: what each needs before it, which the file itself says (`depends=` in its section .modinfo). */

/** The names of the modules that the one with these bytes needs. */
export function dependsOf(bytes: Buffer): string[] {
  const marker = Buffer.from("\0depends=");
  const at = bytes.indexOf(marker);
  if (at < 0) return [];
  const from = at + marker.length;
  const text = bytes.toString("latin1", from, bytes.indexOf(0, from));
  return text.split(",").filter((name) => name !== "");
}

/** These modules and all that they need, each after what it needs itself. */
export function inLoadingOrder(wanted: readonly string[], read: (name: string) => Buffer): string[] {
  const order = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    if (order.has(name) || above.includes(name)) return;
    for (const each of dependsOf(read(name))) visit(each, [...above, name]);
    order.add(name);
  };
  for (const name of wanted) visit(name, []);
  return [...order];
}

/** The file `modules.dep` that modprobe reads, for modules that lie side by side. */
export const modulesDep = (names: readonly string[], read: (name: string) => Buffer): string =>
  names
    .map((name) => {
      const needs = inLoadingOrder([name], read).slice(0, -1).reverse();
      return `${[`${name}.ko:`, ...needs.map((each) => `${each}.ko`)].join(" ")}\n`;
    })
    .join("");
