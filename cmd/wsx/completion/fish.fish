# fish completion for wsx.

function __wsx_complete
    # What is typed is given without its quotes, not expanded: no command in it runs.
    set -l words (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l current (commandline -ct | string replace -r '^[\'"]' '')
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -l out ($program __complete $words[2..-1] "$current" 2>/dev/null)
    set -l directive (string replace -r '^:' '' -- $out[-1])
    string match -qr '^[0-9]+$' -- "$directive"; or return 1
    test (math "$directive % 2") -eq 0; or return 1

    set -l before (string match -r '^-[^=]*=' -- "$current") # the candidates are values
    set -e out[-1]
    if test (count $out) -gt 0
        for line in $out
            echo "$before$line"
        end
    else if test (math "floor($directive / 4) % 2") -eq 0
        __fish_complete_path "$current"
    end
end

complete -c wsx -e
complete -c wsx -f -a '(__wsx_complete)'
