/** HOST:PORT, where an address of IPv6 stands in brackets; undefined: it is something else. */
export function hostAndPort(word: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(word) ?? [];
  const port = Number(digits);
  const host = bracketed ?? plain;
  return host !== undefined && port > 0 && port < 65536 ? { host, port } : undefined;
}
