"""`completion`: print the script that a shell completes commands with."""

from __future__ import annotations

from typing import ClassVar

import click
from click.shell_completion import FishComplete, ShellComplete, ZshComplete

from usage_dashboard.cli.names import COMPLETION_VARIABLE, PROGRAM

_BASH = """\
%(complete_func)s() {
    local line="${COMP_LINE:0:COMP_POINT}" words word kind value
    read -ra words <<< "$line"
    [[ "$line" == *[[:space:]] ]] && words+=("")
    word="${words[${#words[@]}-1]}"
    COMPREPLY=()
    while IFS=',' read -r kind value; do
        case "$kind" in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                # To bash a `=` ends a word, and only what stands behind it is replaced.
                if [[ "$word" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then
                    value="${value#"${word%%"${word##*=}"}"}"
                fi
                COMPREPLY+=("$(printf '%%q' "$value")")
                ;;
        esac
    done < <(COMP_WORDS="$line" COMP_CWORD=$((${#words[@]} - 1)) %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(ShellComplete):
    """The script for bash 4.4 and later. Click's own splits `key=value` into two words."""

    name: ClassVar[str] = "bash"
    source_template: ClassVar[str] = _BASH


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(tuple(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete commands, options, windows, projects and sessions.

    Put one of these lines where your shell begins: `~/.bashrc`, `~/.zshrc` (behind `compinit`) or
    `~/.config/fish/config.fish`.

    \b
    Examples:
      eval "$(usage-dashboard completion bash)"
      eval "$(usage-dashboard completion zsh)"
      usage-dashboard completion fish | source
    """
    click.echo(
        SHELLS[shell](context.find_root().command, {}, PROGRAM, COMPLETION_VARIABLE).source(), nl=False
    )
