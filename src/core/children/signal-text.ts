/** Signals by name, as log lines of the original show them: `9 [SIGKILL - Kill, unblockable]`. */

/** Linux on all processors that Node.js runs on, but for MIPS. */
const known: Readonly<Record<string, readonly [number, string]>> = {
  SIGHUP: [1, "Hangup"],
  SIGINT: [2, "Interrupt"],
  SIGQUIT: [3, "Quit"],
  SIGILL: [4, "Illegal instruction"],
  SIGTRAP: [5, "Trace trap"],
  SIGABRT: [6, "Abort"],
  SIGIOT: [6, "Abort"],
  SIGBUS: [7, "Bus error"],
  SIGFPE: [8, "Floating-point exception"],
  SIGKILL: [9, "Kill, unblockable"],
  SIGUSR1: [10, "User-defined signal 1"],
  SIGSEGV: [11, "Segmentation violation"],
  SIGUSR2: [12, "User-defined signal 2"],
  SIGPIPE: [13, "Broken pipe"],
  SIGALRM: [14, "Alarm clock"],
  SIGTERM: [15, "Termination"],
  SIGXCPU: [24, "CPU limit exceeded"],
  SIGXFSZ: [25, "File size limit exceeded"],
  SIGSYS: [31, "Bad system call"],
};

export function signalText(name: string): { readonly number: number; readonly text: string } {
  const [number, words] = known[name] ?? [0, "another signal"];
  return { number, text: `${number} [${name} - ${words}]` };
}
