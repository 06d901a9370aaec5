# What both build scripts need; sourced from the repository's root.
readonly demo=android_demo build=build/android
readonly python=${PYTHON:-python3}
readonly jars=$build/jars classes=$build/classes
export MAVEN_OPTS="${MAVEN_OPTS:-} -Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=warn"
# These JVMs live for seconds: what the second compiler costs, they do not win back.
readonly jvm=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

need() {
    command -v "$1" > /dev/null || { echo "$1 is missing. On Debian: apt-get install $2" >&2; exit 1; }
}

path_of() { find "$@" -name '*.jar' | sort | paste -sd: -; }

fetch() { # pom, folder, goals...
    local pom=$demo/offline/$1 folder=$jars/$2
    local stamp=$folder.sha256
    if [ -f "$stamp" ] && sha256sum --check --status "$stamp"; then return; fi
    rm -rf "${folder:?}"
    mvn --batch-mode --quiet --file "$pom" "-Dfolder=$PWD/$folder" "-DoutputDirectory=$PWD/$folder" "${@:3}"
    sha256sum "$pom" > "$stamp"
}

r8() { # output, inputs and options...
    # The framework's jar leaves Java's own classes to the JDK.
    local java_home
    java_home=$(dirname "$(dirname "$(realpath "$(command -v java)")")")
    java -Xmx1g "${jvm[@]}" -cp "$(path_of $jars/tools)" com.android.tools.r8.R8 --release --lib "$framework" \
        --lib "$java_home" --pg-conf $demo/offline/default-rules.pro --output "$@"
}

kotlin() { # output folder, class path, sources and options...
    local output=$1 class_path=$2
    shift 2
    rm -rf "$output" && mkdir -p "$output"
    # Android 7 lacks Java 9's ByteBuffer. The app keeps to the standard library that the Gradle build's newer one
    # contains.
    java -Xmx1g "${jvm[@]}" -cp "$(path_of $jars/tools)" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
        -no-stdlib -no-reflect -jvm-target 1.8 -Xjdk-release=1.8 -Xlambdas=class -Xsam-conversions=class \
        -api-version 2.0 -Werror -Xsuppress-version-warnings \
        -cp "$class_path" -d "$output" "$@"
}
