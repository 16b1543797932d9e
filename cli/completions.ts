// Copyright 2026 the pystd authors. MIT license.

/**
 * Shell completions, made from the table of flags. They complete the command
 * name `http-server`, as in `deno install -gn http-server`.
 *
 * @module
 */

import { type Flag, FLAG_GROUPS, type Shell } from "./flags.ts";

const COMMAND = "http-server";
const FUNCTION = "_http_server";

/** What a shell offers for the value of a flag. */
type Completion = "directories" | "files" | "nothing" | readonly string[];

/**
 * Makes a script that completes the command's flags.
 *
 * @returns The script, for the shell to source.
 */
export function completions(shell: Shell): string {
  const flags = FLAG_GROUPS.flatMap((group) => group.flags);
  switch (shell) {
    case "bash":
      return bash(flags);
    case "zsh":
      return zsh(flags);
    case "fish":
      return fish(flags);
  }
}

function completionOf({ value, choices }: Flag): Completion {
  if (choices !== undefined) return choices;
  if (value === "DIR" || value === "SUBDIR") return "directories";
  return /FILE|PATH|HTPASSWD/.test(value ?? "") ? "files" : "nothing";
}

function spellings({ name, short }: Flag): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function bash(flags: readonly Flag[]): string {
  const words = flags.flatMap(spellings).join(" ");
  // An optional value can only follow "=".
  const cases = flags
    .filter((flag) => flag.value !== undefined && !flag.optionalValue)
    .map((flag) => {
      const action = bashAction(completionOf(flag));
      return `    ${spellings(flag).join("|")}) ${action}return ;;\n`;
    }).join("");
  return `${FUNCTION}() {
  local IFS=$'\\n' cur=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD-1]} in
${cases}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(IFS=' ' compgen -W '${words}' -- "$cur"))
  else
    COMPREPLY=($(compgen -d -- "$cur"))
  fi
}
complete -o filenames -F ${FUNCTION} ${COMMAND}
`;
}

function bashAction(completion: Completion): string {
  if (completion === "nothing") return "";
  const generate = completion === "directories"
    ? "compgen -d"
    : completion === "files"
    ? "compgen -f"
    : `IFS=' ' compgen -W '${completion.join(" ")}'`;
  return `COMPREPLY=($(${generate} -- "$cur")); `;
}

function zsh(flags: readonly Flag[]): string {
  const specs = flags.map((flag) => `    ${zshSpec(flag)} \\\n`).join("");
  return `#compdef ${COMMAND}
${FUNCTION}() {
  _arguments -s \\
${specs}    '*:directory or port:_files -/'
}
if [[ $funcstack[1] == ${FUNCTION} ]]; then
  ${FUNCTION} "$@"
else
  compdef ${FUNCTION} ${COMMAND}
fi
`;
}

function zshSpec(flag: Flag): string {
  const { value, repeatable, optionalValue, help } = flag;
  const names = spellings(flag);
  const equals = value === undefined ? "" : optionalValue ? "=-" : "=";
  const text = `[${zshText(help)}]`;
  const colon = optionalValue ? "::" : ":";
  const argument = value === undefined
    ? ""
    : `${colon}${zshText(value)}:${zshAction(completionOf(flag))}`;
  // Only the long form accepts its value after "=".
  const spec = (name: string): string =>
    `${name}${name.startsWith("--") ? equals : ""}${text}${argument}`;
  const prefix = repeatable ? "*" : `(${names.join(" ")})`;
  return names.map((name) => `'${prefix}${spec(name)}'`).join(" ");
}

function zshAction(completion: Completion): string {
  if (completion === "directories") return "_files -/";
  if (completion === "files") return "_files";
  return completion === "nothing" ? " " : `(${completion.join(" ")})`;
}

/** Escapes text for single quotes, and zsh's brackets and colons. */
function zshText(text: string): string {
  return text.replaceAll("'", `'\\''`).replace(/[[\]:]/g, "\\$&");
}

function fish(flags: readonly Flag[]): string {
  const lines = flags.map((flag) => {
    const { name, short, help } = flag;
    const words = [`complete -c ${COMMAND}`];
    if (short !== undefined) words.push(`-s ${short}`);
    words.push(`-l ${name}`, ...fishAction(flag), `-d ${fishWord(help)}`);
    return words.join(" ");
  });
  return [
    `complete -c ${COMMAND} -f -a '(__fish_complete_directories)'`,
    ...lines,
    "",
  ].join("\n");
}

function fishAction(flag: Flag): string[] {
  // Otherwise fish would take the next word as the value.
  if (flag.value === undefined || flag.optionalValue) return [];
  const completion = completionOf(flag);
  if (completion === "directories") {
    return ["-x", "-a", "'(__fish_complete_directories)'"];
  }
  if (completion === "files") return ["-r", "-F"];
  if (completion === "nothing") return ["-x"];
  return ["-x", "-a", fishWord(completion.join(" "))];
}

function fishWord(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
