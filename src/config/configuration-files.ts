/** The files that make up a configuration, as they were found: bytes and what the system says of them, or why there are none. */

export interface FoundFile {
  readonly bytes: Uint8Array;
  /** Permission bits as `chmod` knows them: 0o600. */
  readonly mode: number;
  readonly uid: number;
}

export interface MissingFile {
  /** The system's error name: ENOENT, EACCES ... A directory in place of a file is a `FoundFile` without bytes, as for the original. */
  readonly missing: string;
}

export type ConfigurationFile = FoundFile | MissingFile;

export interface ConfigurationFiles {
  /** What messages name the files after; /etc/ha.d if not given. */
  readonly directory?: string;
  readonly haCf: ConfigurationFile;
  readonly authkeys: ConfigurationFile;
  readonly haresources: ConfigurationFile;
  /** Our own extensions; a missing file is normal. */
  readonly ha4Cf?: ConfigurationFile;
}
