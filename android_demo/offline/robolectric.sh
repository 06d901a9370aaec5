# Runs an app on the JVM: Android's own classes and drawing by Robolectric, and TensorFlow Lite's own x86_64
# library of the AAR, loaded beside screens/shim.c. Sourced after tools.sh; needs what build.sh leaves.
readonly native=$build/screens-run/native

newest_java() { # its path and major version
    local candidate version best="" best_version=0
    for candidate in java "${JAVA_HOME:-/none}/bin/java" /usr/lib/jvm/*/bin/java; do
        command -v "$candidate" > /dev/null || continue
        version=$("$candidate" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
        if [ "${version:-0}" -gt "$best_version" ]; then best=$candidate best_version=$version; fi
    done
    echo "$best $best_version"
}

fetch_robolectric() {
    fetch screens-pom.xml screens validate
    local aar
    for aar in "$jars"/screens/lib/*.aar; do
        [ -f "${aar%.aar}.jar" ] || unzip -qp "$aar" classes.jar > "${aar%.aar}.jar"
    done
    lib=$(path_of $jars/screens/lib)
    # Outside of the tests' class loaders only names and types count: any level's classes do.
    instrumented=$(find $jars/screens/sdk -name 'android-all-instrumented-15-*.jar')
}

lite_for_this_machine() {
    mkdir -p "$native"
    "$python" -m android_demo.glibc_library "$build/aar/tensorflow-lite/jni/x86_64/libtensorflowlite_jni.so" \
        "$native/libtensorflowlite_jni.so"
    gcc -Wall -Wextra -Werror -shared -fPIC -O1 -Wl,--no-as-needed -o "$native/liblog.so" $demo/screens/shim.c -lm -ldl
}

run_tests() { # package of the app, its manifest, assets and resources, API levels, class path, tests...
    local java version config=$build/screens-run/$1
    mkdir -p "$config/com/android/tools"
    cat > "$config/com/android/tools/test_config.properties" << PATHS
android_merged_manifest=$PWD/$2
android_merged_assets=$PWD/$3
android_resource_apk=$PWD/$4
android_custom_package=$1
PATHS
    read -r java version <<< "$(newest_java)"
    local opens=() package
    for package in java.io java.lang java.nio sun.nio.ch; do opens+=(--add-opens "java.base/$package=ALL-UNNAMED"); done
    # Java 25 warns of native libraries that nobody allowed; Java 17 does not know all of them.
    [ "$version" -lt 22 ] || opens+=(--enable-native-access=ALL-UNNAMED)
    LD_LIBRARY_PATH=$native "$java" -Xmx2g "${jvm[@]}" "${opens[@]}" "-Djava.library.path=$native" \
        "-Dface520.golden=$build/golden" -Drobolectric.createActivityContexts=true -Drobolectric.offline=true \
        "-Drobolectric.enabledSdks=$5" "-Drobolectric.dependency.dir=$PWD/$jars/screens/sdk" \
        -cp "$config:$6:$lib:$instrumented" org.junit.runner.JUnitCore "${@:7}" \
        2> "$build/screens.log" || { tail -n 40 "$build/screens.log" >&2; exit 1; }
}
