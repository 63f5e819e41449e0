/** LSB's exit codes for commands, as the original uses them (docs/reference/files-and-cli.md, section 1). */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notSupported: 3,
  notPermitted: 4,
  notConfigured: 6,
} as const;
