/** Completion for bash and zsh, from the programs' own help and the tables of words they take. */
import { directives } from "../config/directives/index.ts";
import { codes } from "../syntax/codes.ts";
import { subCommands } from "./cl-status-commands.ts";
import { files } from "./explain.ts";
import { daemonHelp, type ProgramHelp, subProgramHelps } from "./program-help.ts";

/** The last word of `heartbeat check`. */
const nameOf = ({ command }: ProgramHelp): string => command.split(" ").at(-1) ?? command;

/** What `heartbeat explain` explains. */
const topics = (): string[] => [...directives.names(), ...files.keys(), ...Object.keys(codes)];
const holds = ["all", "foreign", "local", "failback"];

export async function bashCompletion(): Promise<string> {
  const [daemon, subs] = await Promise.all([daemonHelp(), subProgramHelps()]);
  const cases = subs.map((each) => {
    const words = [...each.options, ...(nameOf(each) === "explain" ? topics() : [])];
    return `    ${nameOf(each)}) words=" ${words.join(" ")} " ;;`;
  });
  return [
    "# bash completion for heartbeat and its programs; generated: heartbeat explain --completion",
    "_heartbeat() {",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell that fills these in
    "  local word=${COMP_WORDS[COMP_CWORD]} words=",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${[...subs.map(nameOf), ...daemon.options].join(" ")}"`,
    "  else",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell that fills these in
    "    case ${COMP_WORDS[1]} in",
    ...cases,
    "    esac",
    "  fi",
    '  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")',
    '  [ "$' + '{#COMPREPLY[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")',
    "}",
    "_cl_status() {",
    `  [ "$COMP_CWORD" -gt 1 ] || mapfile -t COMPREPLY < <(compgen -W "${subCommands.names().join(" ")}" -- "$2")`,
    "}",
    "_hb_hold() {",
    `  [ "$COMP_CWORD" -gt 1 ] || mapfile -t COMPREPLY < <(compgen -W "${holds.join(" ")}" -- "$2")`,
    "}",
    "complete -F _heartbeat heartbeat",
    "complete -F _cl_status cl_status",
    "complete -F _hb_hold hb_standby hb_takeover",
    "",
  ].join("\n");
}

export async function zshCompletion(): Promise<string> {
  const [daemon, subs] = await Promise.all([daemonHelp(), subProgramHelps()]);
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  return [
    "#compdef heartbeat cl_status hb_standby hb_takeover",
    "# zsh completion for heartbeat and its programs; generated: heartbeat explain --zsh-completion",
    "local -a programs",
    'case "$service" in',
    "cl_status)",
    `  (( CURRENT == 2 )) && compadd -- ${subCommands.names().join(" ")}`,
    "  return ;;",
    "hb_standby|hb_takeover)",
    `  (( CURRENT == 2 )) && compadd -- ${holds.join(" ")}`,
    "  return ;;",
    "esac",
    "if (( CURRENT == 2 )); then",
    "  programs=(",
    ...subs.map((each) => `    ${quoted(nameOf(each))}:${quoted(each.summary)}`),
    "  )",
    "  _describe program programs",
    `  compadd -- ${daemon.options.join(" ")}`,
    "  return",
    "fi",
    'case "$words[2]" in',
    ...subs.map((each) => {
      const more = nameOf(each) === "explain" ? topics() : [];
      return `${nameOf(each)}) compadd -- ${[...each.options, ...more].join(" ")}; _files ;;`;
    }),
    "esac",
    "",
  ].join("\n");
}
