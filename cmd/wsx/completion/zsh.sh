#compdef wsx
compdef _wsx wsx

# zsh completion for wsx.

_wsx() {
    local -a out candidates option
    local directive line value

    # What is typed is given without its quotes, not expanded: no command in it runs.
    out=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)IPREFIX}${(Q)PREFIX}" 2>/dev/null)}")
    directive=${out[-1]#:}
    [[ $directive == <-> ]] || return 1
    ((directive & 1)) && return 1
    ((directive & 2)) && option=(-S '')
    [[ $PREFIX == -*=* ]] && compset -P '*=' # the candidates are values

    for line in "${(@)out[1,-2]}"; do
        [[ -z $line ]] && continue
        value=${${line%%$'\t'*}//:/\\:}
        [[ $line == *$'\t'* ]] && value+=":${line#*$'\t'}"
        candidates+=("$value")
    done
    if (($#candidates)); then
        _describe -t wsx wsx candidates "${option[@]}"
    elif ! ((directive & 4)); then
        _files
    fi
}

# When this file is autoloaded, the first call is meant for the function; when it is sourced, there is none.
if [[ ${funcstack[1]-} == _wsx ]]; then
    _wsx
fi
