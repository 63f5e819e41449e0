/** One row of the tables of log lines: what a person reads who has found the line and wants to know what it is about. */
export interface LogLine {
  /** The line, with what differs from case to case in capitals; two lines under one id are parted by " / ". */
  readonly says: string;
  readonly cause: string;
  /** What to do; undefined: nothing. */
  readonly remedy: string | undefined;
}

export const line = (says: string, cause: string, remedy?: string): LogLine => ({ says, cause, remedy });
