#!/bin/sh
# Make everything a command of the Makefile needs: .venv, the locked libraries, capline itself, Pango.
#
#   sh scripts/setup.sh run    what the letter needs
#   sh scripts/setup.sh dev    that, and what the tests and linters need
#
# PYTHON=/path/to/python3.12 chooses the interpreter. Each step leaves a stamp in .venv when it is whole, so that a
# set-up that was interrupted goes on where it stopped, and one with nothing to do ends at once.
set -eu
umask 022
cd "$(dirname "$0")/.."

# What a user's own settings must not change here. The variables overrule pip's configuration files, whose index,
# proxy and certificates stay in force.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV PIP_PYTHON PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_USER=0 PIP_CONSTRAINT=/dev/null PIP_REQUIRE_HASHES=0 PIP_NO_DEPS=0 PIP_DRY_RUN=0
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "set-up: $*"
    exit 1
}

# --- the system ---------------------------------------------------------------------------------------------------

manager() { # the package manager of this system, or nothing
    for name in apt-get brew dnf apk pacman zypper; do
        if command -v "$name" >/dev/null 2>&1; then echo "$name" && return; fi
    done
}

install_line() { # the command a person types to install packages
    case $(manager) in
        apt-get) echo "sudo apt-get update && sudo apt-get install -y $*" ;;
        brew) echo "brew install $*" ;;
        dnf) echo "sudo dnf install -y $*" ;;
        apk) echo "sudo apk add $*" ;;
        pacman) echo "sudo pacman -S --noconfirm $*" ;;
        zypper) echo "sudo zypper install -y $*" ;;
        *) echo "install $* with the package manager of your system" ;;
    esac
}

as_root() { # run a command as root, if that needs no password; else fail
    if [ "$(id -u)" -eq 0 ]; then
        "$@" </dev/null
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@" </dev/null
    else
        return 1
    fi
}

install_packages() { # install packages of the system if we may; its words are shown only when it fails
    log=$(mktemp)
    case $(manager) in
        apt-get) { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends "$@"; } >"$log" 2>&1 ;;
        brew) HOMEBREW_NO_AUTO_UPDATE=1 brew install -q "$@" >"$log" 2>&1 ;;
        dnf) as_root dnf install -q -y "$@" >"$log" 2>&1 ;;
        apk) as_root apk add -q "$@" >"$log" 2>&1 ;;
        pacman) as_root pacman -S --noconfirm "$@" >"$log" 2>&1 ;;
        *) false ;;
    esac && rm -f "$log" && return
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}

# --- the interpreter ----------------------------------------------------------------------------------------------

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; }

find_python() { # the interpreter asked for; else python3 if it fits; else the newest that does
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" || fail "PYTHON=$PYTHON is no Python 3.11 to 3.14"
        command -v "$PYTHON" && return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 && fits "$name"; then command -v "$name" && return; fi
    done
    case $(manager) in
        brew) wanted="python@3.13" ;;
        apt-get) wanted="python3.11 python3.11-venv" ;;
        apk | pacman | zypper) wanted="python3" ;;
        *) wanted="python3.11" ;;
    esac
    fail "Python 3.11 to 3.14 is needed and was not found; run: $(install_line "$wanted")"
}

ours() { # whether .venv was made here, in this folder, and with the interpreter asked for, if one is
    [ -f .venv/.made ] && { read -r python && read -r folder; } <.venv/.made && [ "$folder" = "$(pwd -P)" ] &&
        { [ -z "${PYTHON:-}" ] || [ "$(command -v "$PYTHON")" = "$python" ]; }
}

has_pip() { .venv/bin/python -m pip --version >/dev/null 2>&1; }

make_environment() { # .venv, anew if it is not ours, was left half-made or has lost its interpreter
    if ours && has_pip; then return; fi
    chosen=$(find_python)
    say "set-up: making .venv with $chosen"
    if ! "$chosen" -c 'import ensurepip' 2>/dev/null; then
        package=python$("$chosen" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
        install_packages "$package" || fail "$chosen cannot make environments; run: $(install_line "$package")"
    fi
    "$chosen" -m venv --clear .venv
    has_pip || fail "$chosen made an environment without pip; choose another with PYTHON=/path/to/python3"
    printf '%s\n' "$chosen" "$(pwd -P)" >.venv/.made
}

# --- the libraries, capline itself, Pango --------------------------------------------------------------------------

install_libraries() {
    say "set-up: installing the libraries of $1"
    .venv/bin/python -m pip install -q --compile --require-hashes -r "$1"
    .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
    .venv/bin/python -m compileall -q generator
}

loads_pango() { # Homebrew's folder is not on the path of Pythons from elsewhere
    if [ "$(uname -s)" = Darwin ]; then
        DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib .venv/bin/python -c 'import weasyprint'
    else
        .venv/bin/python -c 'import weasyprint'
    fi >/dev/null 2>&1
}

have_pango() {
    if loads_pango; then return; fi
    case $(manager) in
        apt-get) set -- libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 ;;
        apk) set -- pango fontconfig ;;
        *) set -- pango ;;
    esac
    say "set-up: installing Pango, which sets the PDF"
    # Older Ubuntu has no harfbuzz-subset of its own; WeasyPrint does without it.
    install_packages "$@" || { [ $# -eq 3 ] && install_packages "$1" "$2"; } ||
        fail "the PDF needs Pango; run: $(install_line "$@")"
    loads_pango || fail "Pango is installed, but \`.venv/bin/python -c 'import weasyprint'\` cannot load it"
}

# --- here it starts -----------------------------------------------------------------------------------------------

case ${1:-} in
    run) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
    *) fail "say \`sh scripts/setup.sh run\` or \`sh scripts/setup.sh dev\`" ;;
esac

# Nothing to do if what the last set-up rested on is as it was, and the environment still finds capline.
state=$(cat "$lock" pyproject.toml scripts/setup.sh | cksum)
stamp=.venv/.ready-$1
if ours && [ -x .venv/bin/capline ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] &&
    .venv/bin/python -P -c 'import generator' 2>/dev/null; then
    exit 0
fi

make_environment
install_libraries "$lock"
have_pango
printf '%s' "$state" >"$stamp"
say "set-up: done"
