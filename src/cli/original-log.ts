/** A line on standard error in the form that the original's programs log there, which scripts look for. */
import { hostname } from "node:os";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n: number): string => String(n).padStart(2, "0");

/** `Nov 03 09:08:07 HOST PROGRAM: [PID]: ERROR: text`, in local time (files-and-cli.md, section 6). */
export function originalLine(program: string, level: "ERROR" | "WARN" | "info", text: string, at = new Date()): string {
  const day = `${months[at.getMonth()]} ${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${time} ${hostname()} ${program}: [${process.pid}]: ${level}: ${text}\n`;
}
