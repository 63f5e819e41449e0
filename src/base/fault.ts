/** An operating error: expected, named, handled, and a value. `code` is API; `says` and `advice` are for people. */
export interface Fault<Code extends string = string> {
  readonly code: Code;
  readonly says: string;
  readonly advice?: string;
}

/** A fault as one line of text, for a log. */
export const faultText = (fault: Fault): string =>
  fault.advice === undefined ? fault.says : `${fault.says} (${fault.advice})`;
