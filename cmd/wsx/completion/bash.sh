# bash completion for wsx. It needs nothing but bash, 3.2 or later.

# __wsx_words puts the command line up to the cursor into words, as they were typed: bash has cut them at the characters
# of COMP_WORDBREAKS, like those of a URL.
__wsx_words() {
    local rest=${COMP_LINE:0:COMP_POINT} word blank
    words=()
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        blank=${rest%%[![:space:]]*}
        rest=${rest#"$blank"}
        [[ $rest == "$word"* ]] || word=$rest # the cursor is in it
        rest=${rest#"$word"}
        if [[ -n $blank || ${#words[@]} -eq 0 ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
    done
}

# __wsx_option sets an option of the completion at hand, where bash has that (4.0).
__wsx_option() {
    type compopt >/dev/null 2>&1 && compopt "$@" 2>/dev/null
}

__wsx_complete() {
    local words current quoted out directive line kept value description width=0 i
    COMPREPLY=()
    __wsx_words
    current=${words[${#words[@]} - 1]}
    quoted=${current%%[^\"\']*} # a quote that is still open
    current=${current#"$quoted"}

    # What is typed is given as it is, not expanded: no command in it runs.
    out=$("${words[0]/#\~/$HOME}" __complete "${words[@]:1:${#words[@]}-2}" "$current" 2>/dev/null) || return
    directive=${out##*:}
    out=${out%:*}
    ((directive & 1)) && return
    ((directive & 2)) && __wsx_option -o nospace
    ((directive & 4)) && __wsx_option +o default

    # Candidates replace what is behind the last character that bash has cut at.
    local before=""
    [[ $current == -*=* ]] && before=${current%%=*}=
    kept=${current%"${current##*["$COMP_WORDBREAKS"]}"}
    [[ $kept == *@ ]] && kept=${kept%@} # bash leaves a leading @ in the word

    local values=() descriptions=()
    while IFS= read -r line; do
        [[ -z $line ]] && continue
        value=$before${line%%$'\t'*}
        description=""
        [[ $line == *$'\t'* ]] && description=${line#*$'\t'}
        [[ $value == "$current"* ]] || continue
        value=${value#"$kept"}
        [[ $value == @* && -z $quoted ]] && printf -v value "@%q" "${value#@}" # a file
        values+=("$value")
        descriptions+=("$description")
        ((${#value} > width)) && width=${#value}
    done <<<"$out"

    if [[ ${#values[@]} -le 1 || $COMP_TYPE == 37 || $COMP_TYPE == 42 ]]; then # menu completion inserts what it lists
        COMPREPLY=("${values[@]}")
        return
    fi
    for ((i = 0; i < ${#values[@]}; i++)); do
        line=${values[i]}
        if [[ -n ${descriptions[i]} ]]; then
            printf -v line "%-${width}s  (%s)" "${values[i]}" "${descriptions[i]}"
            if ((${#line} > ${COLUMNS:-80} - 2)); then
                line="${line:0:${COLUMNS:-80} - 4}…)"
            fi
        fi
        COMPREPLY+=("$line")
    done
}

complete -o default -F __wsx_complete wsx
