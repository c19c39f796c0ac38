import type { CommandNode } from './command-tree.js';
import type { Shell } from './shells.js';

/** A completion script: static words for every command, its flags and their values. */
export function completionScript(shell: Shell, nodes: readonly CommandNode[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](nodes);
}

function bashScript(nodes: readonly CommandNode[]): string {
  return `# bash completion of signalbox: eval "$(signalbox completion bash)"
_signalbox() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at=signalbox word known=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${indent(walkCases(nodes), 4)}
  done
  COMPREPLY=()
${indent(wordCases(nodes), 2)}
  [ -n "$known" ] && COMPREPLY=($(compgen -W "$known" -- "$cur"))
}
complete -o default -F _signalbox signalbox
`;
}

function zshScript(nodes: readonly CommandNode[]): string {
  return `#compdef signalbox
# zsh completion of signalbox: eval "$(signalbox completion zsh)"
_signalbox() {
  local cur="$words[CURRENT]" prev="$words[CURRENT-1]" at=signalbox word known=
  for word in "\${(@)words[2,CURRENT-1]}"; do
${indent(walkCases(nodes), 4)}
  done
${indent(wordCases(nodes), 2)}
  if [ -n "$known" ]; then compadd -- \${=known}; else _files; fi
}
if [ "$funcstack[1]" = _signalbox ]; then _signalbox "$@"; else compdef _signalbox signalbox; fi
`;
}

/** Follows the typed words down to the command they name. */
function walkCases(nodes: readonly CommandNode[]): string {
  const paths = nodes.slice(1).map(({ path }) => `'${path}'`);
  return `case "$at $word" in\n  ${paths.join('|')}) at="$at $word" ;;\nesac`;
}

/** Sets `known`: values after a flag that takes one, else the commands and flags that may follow. */
function wordCases(nodes: readonly CommandNode[]): string {
  const values = nodes.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map(({ names, values }) => {
        const patterns = names.map((name) => `'${path} ${name}'`).join('|');
        return `  ${patterns}) known='${values.join(' ')}' ;;`;
      }),
  );
  const words = nodes.map(({ path, children, flags }) => {
    const commands = children.map(({ name }) => name);
    const names = flags.flatMap((flag) => flag.names);
    return `    '${path}') known='${(commands.length > 0 ? commands : names).join(' ')}'; [[ $cur == -* ]] && known='${names.join(' ')}' ;;`;
  });
  return `case "$at $prev" in\n${values.join('\n')}\n  *) case "$at" in\n${words.join('\n')}\n  esac ;;\nesac`;
}

function fishScript(nodes: readonly CommandNode[]): string {
  const walk = nodes.slice(1).map(({ path }) => `'${path}'`);
  const lines = nodes.flatMap(({ path, children, flags }) => {
    const here = `complete -c signalbox -n "__signalbox_at '${path}'"`;
    return [
      ...children.map(({ name, description }) => `${here} -a ${name} -d '${quoted(description)}'`),
      ...flags.map(({ names, description, takesValue, values }) => {
        const spelled = names.map((name) =>
          name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
        );
        const value = !takesValue ? '' : values.length > 0 ? ` -x -a '${values.join(' ')}'` : ' -r';
        return `${here} ${spelled.join(' ')}${value} -d '${quoted(description)}'`;
      }),
    ];
  });
  return `# fish completion of signalbox: signalbox completion fish | source
function __signalbox_at
  set -l at signalbox
  for word in (commandline -opc)
    switch "$at $word"
      case ${walk.join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c signalbox -f
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}

function indent(text: string, by: number): string {
  return text.replace(/^/gm, ' '.repeat(by));
}
